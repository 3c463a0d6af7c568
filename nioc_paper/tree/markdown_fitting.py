"""Fit a tree from elsewhere to the Markdown of our chapters: lines, escapes and tables. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.model.lazy_regex import late_pattern

_SENTENCE_END = late_pattern(r"[.?!][”’\")\]]*$")
_LIST_MARK = late_pattern(r"(\w|\d+|[ivxlc]+)\.", re.IGNORECASE)
"""Initial, or number of a list: a line with it alone would be a list."""
_ESCAPES = late_pattern(r"(?<=\W)(?=@)|(?<=.)(?=&#?\w+;)")
"""Places before the signs of citations and of characters by name or number, inside a word."""
_ENTITY = late_pattern(r"&#?\w+;")


def split_for_escapes(word: str) -> list[Node]:
    """Return a word in parts: pandoc's writer escapes the sign of a citation only at the start of a word."""
    return [{"t": "Str", "c": part} for part in _ESCAPES.split(word)]


def break_sentences(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines with a line end between sentences."""
    out: list[Node] = []
    for n, node in enumerate(inlines):
        before = str(inlines[n - 1]["c"]) if n and inlines[n - 1]["t"] == "Str" else ""
        is_end = _SENTENCE_END.search(before) and not _LIST_MARK.fullmatch(before)
        is_start = n + 1 < len(inlines) and tree.plain_text(inlines[n + 1])[:1].isupper()
        out.append({"t": "SoftBreak"} if node["t"] == "Space" and is_end and is_start else node)
    return out


def escape_line_starts(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines with an escape before colons at a line start, and before characters by name or number.

    Colons would open or close a Div, and pandoc's writer escapes none of them.
    """
    out: list[Node] = []
    for node in inlines:
        text = node["c"] if node["t"] == "Str" else ""
        opens_div = text.startswith(":::") and (not out or out[-1]["t"] in ("SoftBreak", "LineBreak"))
        if opens_div or _ENTITY.match(text):
            out.append({"t": "RawInline", "c": ["markdown", "\\"]})
        out.append(node)
    return out


def fit_to_chapter(blocks: Sequence[Node]) -> list[Node]:
    """Return blocks as a chapter has them: headings from level 2, a sentence per line, tables with a line per row.

    Levels of headings that are skipped in the blocks are not skipped in the result.
    """
    levels = [tree.level(node) for node in tree.walk(blocks) if node["t"] == "Header"]
    shift, last_level = 2 - min(levels, default=2), 1

    def fit(node: Node) -> Node:
        nonlocal last_level
        if node["t"] in ("Para", "Plain"):
            return {**node, "c": escape_line_starts(break_sentences(node["c"]))}
        if node["t"] == "Header":
            last_level = min(node["c"][0] + shift, last_level + 1)
            return {**node, "c": [last_level, *node["c"][1:]]}
        return as_pipe_table(node)

    return tree.rewrite(fit, blocks)


def as_pipe_table(table: Node) -> Node:
    """Return a table as a pipe table, a line per row.

    Unchanged if its cells do not fit on lines, or if it is not a table.
    """
    if table["t"] != "Table":
        return table
    attributes, caption, columns, head, bodies, foot = table["c"]
    cells = tree.table_cells(table)
    has_lines = any(node["t"] == "LineBreak" for cell in cells for node in tree.walk(cell[4]))
    is_line = all(block["t"] in ("Para", "Plain") for cell in cells for block in cell[4])
    if has_lines or not is_line or any(cell[2:4] != [1, 1] or len(cell[4]) > 1 for cell in cells):
        return table
    columns = [[align, {"t": "ColWidthDefault"}] for align, _ in columns]
    parts = tree.rewrite(lambda n: {"t": "Space"} if n["t"] == "SoftBreak" else n, [head, bodies, foot])
    return {**table, "c": [attributes, caption, columns, *parts]}
