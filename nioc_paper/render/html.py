"""The web page: the whole paper in one file that asks for nothing else, and works without a script."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.model import Chart, Diagnostic, Document, Node, Report
from nioc_paper.render import body, fonts, hands, notes
from nioc_paper.render.embed import embedder
from nioc_paper.render.theme import theme
from nioc_paper.wording import digits, labels

_CALL = re.compile(r'<a [^>]*class="footnote-ref".*?</a>', re.DOTALL)
_SECTIONS = frozenset(("front", "chapter", "annex", "references"))
_MARK = re.compile(r'(class="footnote-ref"[^>]*><sup>)(\d+)')
_NO_HEADING = re.compile(r"<th[^>]*></th>")
_NOTE = re.compile(r'<li id="fn\d+"')


def write(document: Document, templates: Path, report: Report) -> bytes:
    """The document as one HTML file, its pictures and style sheet inside."""
    pictures = body.dressed(document, theme(templates), report)
    embed = embedder(pictures)
    described = tree.rewrite(lambda node: _described(node, document), [*map(_section, body.prepare(document))])
    blocks = tree.rewrite(lambda node: embed(node) if node["t"] == "Image" else node, described)
    # The title of the paper is the page's one heading of the first level.
    text = body.html(blocks, "--mathml", "--shift-heading-level-by=1")
    own = labels(document.language)
    text = _MARK.sub(lambda mark: mark[1] + digits(mark[2], own), text)
    text = _NO_HEADING.sub("<td></td>", text)  # an empty corner is the heading of nothing
    for finding in (*_foreign(document), *_lost(document, text)):
        report(finding)
    css = "".join((templates / name).read_text(encoding="utf-8") for name in ("theme.css", "web.css"))
    css += _hand(document, templates)
    page = body.environment(templates).get_template("web.html")
    context = body.context(document) | {"css": Markup(css), "text": Markup(text)}  # noqa: S704 - ours, and pandoc's
    letters = Markup(page.render(context | {"faces": ""})).striptags()  # noqa: S704 - to text
    return page.render(context | {"faces": Markup(fonts.faces(letters))}).encode()  # noqa: S704 - ours


def _hand(document: Document, templates: Path) -> str:
    """What a page with Arabic letters adds to its style: their faces, behind those of the Latin ones."""
    hand, look = hands.hand(document), theme(templates)
    if hand is None:
        return ""
    families = "".join(f"--{name}: {look[name]}, {hand.family}, {hand.like}; " for name in ("font-text", "font-head"))
    inside = hands.faces(hand, lambda _, data: f"data:font/woff2;base64,{base64.b64encode(data).decode()}")
    return f"{inside}:root {{ {families}--hand-leading: {hand.screen_leading} }}\n"


def _section(block: Node) -> Node:
    """A chapter, an annex or the references as a section of the page."""
    if not _SECTIONS.intersection(tree.classes(block)):
        return block
    (name, classes, pairs), blocks = block["c"]
    return {"t": "Div", "c": [[name, ["section", *classes], pairs], blocks]}


def _described(node: Node, document: Document) -> Node | list[Node]:
    """A node with what the web gives besides print: tables that scroll, the figures behind a chart."""
    words = labels(document.language)
    if node["t"] == "Span" and "paragraph-number" in tree.classes(node):
        return tree.span([tree.link(node["c"][1], f"#{tree.identifier(node)}")], *node["c"][0][1], id=node["c"][0][0])
    if node["t"] == "Table":
        return _scrolling(node, words["table"])
    if node["t"] == "Figure":
        targets = [image["c"][2][0] for image in tree.walk(node) if image["t"] == "Image"]
        return [
            node,
            *(part for t in targets if t in document.charts for part in _data(document.charts[t], words["data"])),
        ]
    return node


def _scrolling(table: Node, name: str) -> Node:
    """A table in a frame that a keyboard can reach and scroll, for narrow screens."""
    caption = tree.plain(table["c"][1][1]) or name
    return tree.div([table], "scroll", values={"tabindex": "0", "role": "group", "aria-label": caption})


def _data(chart: Chart, summary: str) -> Iterator[Node]:
    """A chart's data as a table that unfolds."""
    rows = ([[tree.plain_block(tree.text(cell))] for cell in row] for row in chart.data.rows)
    table = tree.table([(name, None) for name in chart.data.heads], rows, aligns=chart.data.aligns)
    yield {"t": "RawBlock", "c": ["html", f"<details class='data'><summary>{Markup.escape(summary)}</summary>"]}
    yield body.scoped(table)
    yield {"t": "RawBlock", "c": ["html", "</details>"]}


def _foreign(document: Document) -> Iterator[Diagnostic]:
    known = document.assets.keys() | document.charts.keys()
    for node in tree.walk(document.blocks):
        if node["t"] == "Image" and (target := node["c"][2][0]) not in known:
            yield Diagnostic(body.output(document, "html"), "foreign-resource", f"'{target}' is not part of this paper")


def _lost(document: Document, text: str) -> Iterator[Diagnostic]:
    place = body.output(document, "html")
    spoken = Markup(_CALL.sub("", text)).striptags()  # noqa: S704 - to text
    if passage := body.first_missing(document.blocks, spoken, notes=False):
        yield Diagnostic(place, "lost-text", f"not in the page: '{passage[:70]}'")
    written, there = notes.count(document.blocks), len(_NOTE.findall(text))
    if written != there:
        yield Diagnostic(place, "lost-note", f"{written} notes in the text, {there} in the page")
