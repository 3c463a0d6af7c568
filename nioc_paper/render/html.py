"""The web page: the whole paper in one file that asks for nothing else, and works without a script.

Its text is made chapter by chapter, and what has not changed is taken from the cache.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from markupsafe import Markup

from nioc_paper import pandoc, tree
from nioc_paper.cache import NO_CACHE, Cache, key
from nioc_paper.files import code
from nioc_paper.model import Document, Node, Report, Templates
from nioc_paper.render import body, fonts, hands, page_read, web
from nioc_paper.render.embed import Picture, embedder, put_in, shown, stood_in
from nioc_paper.render.layout import COLD, Layout
from nioc_paper.render.letters import Found, Hold, drop, merged
from nioc_paper.render.templating import Pages, require_policy
from nioc_paper.render.theme import theme
from nioc_paper.threads import mapped

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
POLICY += "form-action 'none'; base-uri 'none'"
"""Nothing runs, and nothing is fetched: neither by the page nor by what somebody may have hidden in it."""
_PAGE = "web.html"
_SECTIONS = frozenset(("front", "chapter", "annex", "references"))


class _Text(NamedTuple):
    """A chapter as HTML."""

    html: str
    letters: str
    """Those that are in it, each once."""
    held: Found
    """What was read back from it."""


def write(
    document: Document,
    templates: Templates,
    report: Report,
    cache: Cache = NO_CACHE,
    _layout: Layout = COLD,
    hold: Hold = drop,
) -> bytes:
    """The document as one HTML file, its pictures and style sheet inside. `hold` is told what its chapters hold."""
    for finding in web.foreign(document, body.output(document, "html")):
        report(finding)
    look = theme(templates)
    pictures = body.dressed(document, look, report, cache)
    stands = stood_in(pictures)
    texts = _texts(document, stands, cache)
    main = Markup(web.joined((text.html for text in texts), document.language))  # noqa: S704 - pandoc's
    css = "".join(templates.text(name) for name in ("theme.css", "web.css"))
    if hand := hands.hand(document):
        css += hands.sheet(hand, look, fonts.inline, cache)
    pages = Pages(templates, body.context(document) | {"css": Markup(css), "policy": POLICY})  # noqa: S704 - ours
    around = Markup(pages.render(_PAGE, faces="", text="")).striptags()  # noqa: S704 - to text
    faces = Markup(fonts.faces("".join((around, *(text.letters for text in texts))), cache=cache))  # noqa: S704 - ours
    whole = pages.render(_PAGE, faces=faces, text=main)
    require_policy(_PAGE, whole, POLICY)
    if main in whole:  # a paper may have a template of its own; whatever else it does is read back from the page
        hold(merged(text.held for text in texts))
    return put_in(whole, stands, pictures).encode()


def _texts(document: Document, stands: Mapping[str, Picture], cache: Cache) -> list[_Text]:
    """The texts of the chapters, each made anew when anything has changed that it hangs on."""
    setting = key("web page", code(), pandoc.version(), repr(body.shared(document)))

    def made(block: Node) -> _Text:
        pictures = shown(block, stands)
        charts = [document.charts.get(target) for target in pictures]
        name = key(setting, tree.digest(block), repr((pictures, charts)))
        kept = cache.made(name, lambda: json.dumps(_text(block, document, stands)).encode())
        return _Text(*json.loads(kept))

    return mapped(made, document.blocks)


def _text(block: Node, document: Document, stands: Mapping[str, Picture]) -> _Text:
    prepared = body.prepare(replace(document, blocks=(block,)))
    described = web.described(document, map(_section, prepared))
    embed = embedder(stands)
    blocks = tree.rewrite(lambda node: embed(node) if node["t"] == "Image" else node, described)
    # The title of the paper is the page's one heading of the first level.
    html = web.text(blocks, "--shift-heading-level-by=1")
    letters = "".join(sorted(set(Markup(html).striptags())))  # noqa: S704 - to text
    return _Text(html, letters, page_read.text(html))


def _section(block: Node) -> Node:
    """A chapter, an annex or the references as a section of the page."""
    if not _SECTIONS.intersection(tree.classes(block)):
        return block
    (name, classes, pairs), blocks = block["c"]
    return {"t": "Div", "c": [[name, ["section", *classes], pairs], blocks]}
