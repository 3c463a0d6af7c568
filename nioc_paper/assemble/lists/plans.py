"""Lists of gaps, findings, recommendations, objectives and risks."""

from __future__ import annotations

from collections.abc import Callable

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import (
    ItemCell,
    ListContext,
    cell,
    field_cell,
    item_blocks,
    item_table,
    number_cell,
    owner_cell,
    reference_to,
    references_to,
)
from nioc_paper.assemble.repeated_blocks import enclose
from nioc_paper.model import Node


def build_gaps(context: ListContext) -> list[Node]:
    """Return all gaps with their kinds, and the recommendations that close them."""
    return item_table(
        context,
        "gap",
        "gaps",
        ("no", 0.09, number_cell),
        ("gap", 0.58, item_blocks),
        ("type", 0.14, field_cell("type")),
        ("closed_by", 0.19, _recommendations_cell(context, "closes", "open")),
    )


def _recommendations_cell(context: ListContext, field: str, missing: str) -> ItemCell:
    """Return the function for the recommendations that name an item in a field, or for the word that none does."""
    by_item: dict[str, list[str]] = {}
    for _, recommendation in context.items_of_kind("recommendation"):
        for name in recommendation.field_parts(field):
            by_item.setdefault(name, []).append(recommendation.id)
    none = tree.text_inlines(context.missing_word(missing))
    return lambda context, _, item: cell(references_to(context, by_item.get(item.id, ())) or none)


def build_findings(context: ListContext) -> list[Node]:
    """Return the findings of the chapters, each with its section."""
    items = [
        enclose(
            [],
            item_blocks(context, chapter, item, with_sources=True),
            tree.in_parentheses(reference_to(context, f"sec-{chapter.id}")),
        )
        for chapter, item in context.items_of_kind("finding")
    ]
    return [tree.div([tree.block_list(items)], "generated", "findings")] if items else []


def build_recommendations(context: ListContext) -> list[Node]:
    """Return the recommendations, each with its number."""
    items = [
        enclose([*reference_to(context, item.id), {"t": "Str", "c": ":"}], item_blocks(context, chapter, item))
        for chapter, item in context.items_of_kind("recommendation")
    ]
    return [tree.div([tree.block_list(items)], "generated", "recommendations")] if items else []


def build_objectives(context: ListContext) -> list[Node]:
    """Return all objectives with owner, indicator, target and the recommendations that serve them."""
    return item_table(
        context,
        "objective",
        "objectives",
        ("no", 0.06, number_cell),
        ("objective", 0.24, item_blocks),
        ("owner", 0.14, owner_cell),
        ("indicator", 0.2, field_cell("indicator", "—")),
        ("target", 0.16, field_cell("target", "—")),
        ("recommendations", 0.2, _recommendations_cell(context, "objective", "nothing_yet")),
    )


def build_risks(context: ListContext) -> list[Node]:
    """Return all risks with their responses."""
    response = field_cell("response", "—")
    columns = ("no", 0.08, number_cell), ("risk", 0.46, item_blocks), ("response", 0.46, response)
    return item_table(context, "risk", "risks", *columns)


# --- columns of lists that have the same value in all rows ------------------------------------------------------------


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
