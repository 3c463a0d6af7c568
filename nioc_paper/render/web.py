"""The text of the paper as every page of the web has it, the one that holds all and those of the site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.model import TAKEN_OUT, Chart, Diagnostic, Document, Node, Place
from nioc_paper.render import body
from nioc_paper.wording import Words, digits, labels

_CALL = re.compile(r'<a href="#fn(\d+)" class="footnote-ref" id="fnref\1" role="doc-noteref"><sup>\1</sup></a>')
_NOTE = re.compile(r'(<li id="fn|<a href="#fnref)(\d+)(">|" class="footnote-back")')
_NOTES = '<section id="footnotes" class="footnotes footnotes-end-of-document" role="doc-endnotes">\n<hr />\n<ol>\n'
_END = "</ol>\n</section>\n"
_NO_HEADING = re.compile(r"<th[^>]*></th>")


def described(document: Document, blocks: Iterable[Node]) -> list[Node]:
    """Blocks, prepared by `body`, with what the web gives besides print."""
    blocks = tree.rewrite(partial(_described, charts=document.charts, language=document.language), [*blocks])
    return list(blocks)


def text(blocks: Iterable[Node], *args: str) -> str:
    """Blocks as HTML, formulas as browsers set them themselves. `joined` makes a text of some of these."""
    # An empty corner is the heading of nothing.
    return _NO_HEADING.sub("<td></td>", body.html(blocks, "--mathml", *args))


def joined(texts: Iterable[str], language: str) -> str:
    """Texts as one, whose notes are counted through, in the digits of the language, and stand at the end."""
    words, count = labels(language), 0
    passages, notes = [], []
    for each in texts:
        passage, _, own = _counted(each, count, words).partition(_NOTES)
        passages.append(passage)
        notes.append(own.removesuffix(_END))
        count += own.count('<li id="fn')
    return "".join((*passages, *([_NOTES, *notes, _END] if count else [])))


def _counted(text: str, before: int, words: Words) -> str:
    """A text whose notes follow others."""

    def call(found: re.Match[str]) -> str:
        number = str(before + int(found[1]))
        sign = f"<sup>{digits(number, words)}</sup></a>"
        return f'<a href="#fn{number}" class="footnote-ref" id="fnref{number}" role="doc-noteref">{sign}'

    return _NOTE.sub(lambda found: f"{found[1]}{before + int(found[2])}{found[3]}", _CALL.sub(call, text))


def foreign(document: Document, place: Place) -> Iterator[Diagnostic]:
    """Pictures that are not of the paper."""
    known = document.assets.keys() | document.charts.keys()
    for node in tree.walk(document.blocks):
        if node["t"] == "Image" and (target := node["c"][2][0]) not in known:
            yield Diagnostic(place, "foreign-resource", f"'{target}' is not part of this paper")


def _described(node: Node, charts: Mapping[str, Chart], language: str) -> Node | list[Node]:
    """A node with what the web gives besides print: tables that scroll, the figures behind a chart."""
    words = labels(language)
    if node["t"] == "Span" and "paragraph-number" in tree.classes(node):
        return tree.span([tree.link(node["c"][1], f"#{tree.identifier(node)}")], *node["c"][0][1], id=node["c"][0][0])
    if node["t"] == "Span":
        return body.spoken(node)
    if node["t"] == "Table":
        return _scrolling(node, words["table"])
    if node["t"] == "Figure":
        kept = tree.rewrite(lambda n: None if body.changed(n) and TAKEN_OUT in tree.classes(n) else n, node)
        targets = [image["c"][2][0] for image in tree.walk(kept) if image["t"] == "Image"]
        return [
            node,
            *(part for t in targets if t in charts for part in data(charts[t], words["data"])),
        ]
    return node


def _scrolling(table: Node, name: str) -> Node:
    """A table in a frame that a keyboard can reach and scroll, for narrow screens."""
    caption = tree.plain(table["c"][1][1]) or name
    return tree.div([table], "scroll", values={"tabindex": "0", "role": "group", "aria-label": caption})


def data(chart: Chart, summary: str) -> Iterator[Node]:
    """A chart's data as a table that unfolds."""
    rows = ([[tree.plain_block(tree.text(cell))] for cell in row] for row in chart.data.rows)
    table = tree.table([(name, None) for name in chart.data.heads], rows, aligns=chart.data.aligns)
    yield {"t": "RawBlock", "c": ["html", f"<details class='data'><summary>{Markup.escape(summary)}</summary>"]}
    yield body.scoped(table)
    yield {"t": "RawBlock", "c": ["html", "</details>"]}
