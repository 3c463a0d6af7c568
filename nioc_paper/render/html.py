"""The web page: the whole paper in one file that asks for nothing else, and works without a script."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.cache import NO_CACHE, Cache
from nioc_paper.model import Document, Node, Report
from nioc_paper.render import body, fonts, hands, web
from nioc_paper.render.embed import embedder, put_in, stood_in
from nioc_paper.render.theme import theme

_SECTIONS = frozenset(("front", "chapter", "annex", "references"))


def write(document: Document, templates: Path, report: Report, cache: Cache = NO_CACHE) -> bytes:
    """The document as one HTML file, its pictures and style sheet inside."""
    pictures = body.dressed(document, theme(templates), report, cache)
    stands = stood_in(pictures)
    embed = embedder(stands)
    described = web.described(document, map(_section, body.prepare(document)))
    blocks = tree.rewrite(lambda node: embed(node) if node["t"] == "Image" else node, described)
    # The title of the paper is the page's one heading of the first level.
    text = web.text(blocks, document.language, "--shift-heading-level-by=1")
    place = body.output(document, "html")
    for finding in web.foreign(document, place):
        report(finding)
    css = "".join((templates / name).read_text(encoding="utf-8") for name in ("theme.css", "web.css"))
    if hand := hands.hand(document):
        css += hands.sheet(hand, theme(templates), fonts.inline)
    page = body.environment(templates).get_template("web.html")
    context = body.context(document) | {"css": Markup(css), "text": Markup(text)}  # noqa: S704 - ours, and pandoc's
    letters = Markup(page.render(context | {"faces": ""})).striptags()  # noqa: S704 - to text
    whole = page.render(context | {"faces": Markup(fonts.faces(letters, cache=cache))})  # noqa: S704 - ours
    return put_in(whole, stands, pictures).encode()


def _section(block: Node) -> Node:
    """A chapter, an annex or the references as a section of the page."""
    if not _SECTIONS.intersection(tree.classes(block)):
        return block
    (name, classes, pairs), blocks = block["c"]
    return {"t": "Div", "c": [[name, ["section", *classes], pairs], blocks]}
