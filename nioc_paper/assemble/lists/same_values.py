"""Columns of lists that have the same value in all rows: it is printed once above the table."""

from __future__ import annotations

from collections.abc import Callable

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import ListContext
from nioc_paper.model import Node

_MIN_ROWS = 3
"""Rows from which equal values are no coincidence."""
_Builder = Callable[[ListContext], list[Node]]


def without_same_values(build_list: _Builder) -> _Builder:
    """Return a builder whose tables have no column with one value; a line above each table has that value."""

    def build(context: ListContext) -> list[Node]:
        return [block for node in build_list(context) for block in _print_once(context, node)]

    return build


def _print_once(context: ListContext, node: Node) -> list[Node]:
    """Return a table without its columns of one value, after the line that states them; other blocks as they are."""
    same = _same_columns(node) if node["t"] == "Table" else {}
    if not same:
        return [node]
    heads = [tree.plain_text(cell[4]) for cell in node["c"][3][1][0][1]]
    values = [
        [*tree.text_inlines(f"{heads[i]}:"), {"t": "Space"}, *inlines]
        for i, inlines in same.items()
        if tree.plain_text(inlines).strip("— ")
    ]
    table = _without_columns(node, set(same))
    if not values:
        return [table]
    line = [
        *tree.join_inlines(values, separator=" · "),
        {"t": "Space"},
        *tree.text_inlines(context.words["in_all_rows"]),
    ]
    return [tree.div([tree.para(line)], "same-values"), table]


def _same_columns(table: Node) -> dict[int, list[Node]]:
    """Return the columns after the first that have one value of a single paragraph in all rows, with that value."""
    rows = [[cell[4] for cell in cells] for *_, body in table["c"][4] for _, cells in body]
    if len(rows) < _MIN_ROWS:
        return {}
    first, *others = rows
    return {
        i: value[0]["c"] if value else []
        for i, value in enumerate(first)
        if i and len(value) <= 1 and all(row[i] == value for row in others)
    }


def _without_columns(table: Node, cut: set[int]) -> Node:
    """Return a table without columns; the others share its width, and headings of groups cross what is left."""
    attr, caption, specs, (head_attr, head_rows), bodies, foot = table["c"]
    remaining = [spec for i, spec in enumerate(specs) if i not in cut]
    widths = [sum(width.get("c", 0) for _, width in some) for some in (specs, remaining)]
    scaled = [
        [align, {**width, "c": width["c"] * widths[0] / widths[1]} if "c" in width else width]
        for align, width in remaining
    ]

    def rows_left(rows: list[tree.Row]) -> list[tree.Row]:
        return [[own, [cell for i, cell in enumerate(cells) if i not in cut]] for own, cells in rows]

    def spans_left(rows: list[tree.Row]) -> list[tree.Row]:
        return [[own, [[*cell[:3], len(remaining), cell[4]] for cell in cells]] for own, cells in rows]

    parts = [[own, count, spans_left(heads), rows_left(rows)] for own, count, heads, rows in bodies]
    return {"t": "Table", "c": [attr, caption, scaled, [head_attr, rows_left(head_rows)], parts, foot]}
