"""Tables of a summary in Word, for its key figures and first recommendations: Word sets only cells side by side."""

from __future__ import annotations

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.render.word.word_styler import with_style

_ASK_SHARES = (0.72, 0.28)
"""Widths of a recommendation, and of its owner and day."""
_STYLES = {"before": "Key Unit", "big": "Key Figure", "behind": "Key Unit"}
"""Character styles of the parts of a number."""


def set_key_figures(blocks: list[Node], _document: Document) -> list[Node]:
    """Return blocks with the key figures and the first recommendations of a summary as tables."""
    return tree.rewrite(_as_table, blocks, skip_types=tree.WORD_TYPES)


def _as_table(node: Node) -> Node:
    if tree.is_div(node, "first-asks"):
        return _ask_table(node)
    if not tree.is_div(node, "key-figures"):
        return node
    figures = [figure["c"][1] for figure in node["c"][1]]
    table = tree.table([("", 1 / len(figures))] * len(figures), [[_cell(blocks) for blocks in figures]], "generated")
    for cell, (title, *_) in zip(table["c"][3][1][0][1], figures, strict=True):
        cell[4] = [with_style("Key Title", title["c"][1])]
    return table


def _ask_table(division: Node) -> Node:
    """Return the recommendations as rows: the sentence, then its owner and day."""
    asks = [ask["c"][1] for ask in division["c"][1]]
    rows = [[[with_style("Key Ask", sentence)], [with_style("Key Text", meta["c"][1])]] for *sentence, meta in asks]
    table = tree.table([("", share) for share in _ASK_SHARES], rows, "generated")
    table["c"][3][1] = []  # no head
    return table


def _cell(blocks: list[Node]) -> list[Node]:
    """Return the blocks below a figure's title; the parts of its number are in lines of their own."""
    return [_number(b) if tree.is_div(b, "key-number") else with_style("Key Text", [b]) for b in blocks[1:]]


def _number(division: Node) -> Node:
    return with_style("Key Number", [tree.para(_as_lines(paragraph["c"])) for paragraph in division["c"][1]])


def _as_lines(inlines: list[Node]) -> list[Node]:
    """Return the styled parts of a number, each on its own line; the first line begins with the paragraph number."""
    start = 2 if any("paragraph-number" in tree.classes(node) for node in inlines[:1]) else 0
    return [*inlines[:start], *map(_as_line, inlines[start:])]


def _as_line(node: Node) -> Node:
    """Return a part of a number with its style, and the space between two as a line break; in tracked changes too."""
    if node["t"] == "Space":
        return {"t": "LineBreak"}
    if node["t"] != "Span":
        return node
    attr, inlines = node["c"]
    if style := next((_STYLES[name] for name in attr[1] if name in _STYLES), ""):
        return tree.with_attributes(node, **{"custom-style": style})
    return {**node, "c": [attr, [_as_line(inner) for inner in inlines]]}
