"""Tables of data: those in chapters, and those of charts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from nioc_paper import tree
from nioc_paper.assemble.lists import theory_of_change
from nioc_paper.assemble.lists.cells import ListContext, audience_mark_at, caption_title, reference_to
from nioc_paper.assemble.lists.diagrams import complete_chart
from nioc_paper.model import Chapter, Chart, DataTable, Node
from nioc_paper.wording import format_number

_Row = Sequence[Sequence[Node]]
"""Cells of a row, each with its blocks."""
_MAX_PRINTED_ROWS = 300
"""Rows of the largest chart data that is printed; of larger data only the number of rows is."""
_MAX_UPRIGHT_COLUMNS = 8
"""Columns that fit a portrait page."""


def build_data_tables(context: ListContext) -> list[Node]:
    """Return the data of charts in print order, each a table with its figure's label; of pictures of words, none."""
    return [
        _chart_data_table(
            context,
            tree.identifier(node),
            chart.data,
            [*caption_title(context, chapter, node), *audience_mark_at(context, chapter.place(node))],
        )
        for chapter in context.chapters
        for node in tree.walk(chapter.blocks)
        if node["t"] == "Div" and tree.identifier(node) and (chart := find_chart(context, chapter, node))
        if not chart.is_worded
    ]


def find_chart(context: ListContext, chapter: Chapter, node: Node) -> Chart | None:
    """Return the chart or generated picture of a block."""
    if name := theory_of_change.requested_chart(node, context.paper):
        return theory_of_change.CHART_BUILDERS[name](context)
    places = [chapter.place(block) for block in node["c"][1] if block["t"] == "CodeBlock"]
    if "figure" not in tree.classes(node):
        return None
    return next((complete_chart(context, c) for c in chapter.charts if c.place in places), None)


def _chart_data_table(context: ListContext, name: str, data_table: DataTable, title_inlines: Sequence[Node]) -> Node:
    caption = [*reference_to(context, name), {"t": "Str", "c": context.words["stop"]}, {"t": "Space"}, *title_inlines]
    if len(data_table.rows) > _MAX_PRINTED_ROWS:
        rest = context.words["rows_not_printed"].format(format_number(len(data_table.rows), context.words))
        return tree.div([tree.para([*caption, {"t": "Space"}, *tree.text_inlines(rest)])], id=f"data-{name}")
    printed_table = build_data_table(data_table, [tree.plain_block(caption)], id=f"data-{name}")
    return tree.div([printed_table], "landscape") if len(data_table.heads) > _MAX_UPRIGHT_COLUMNS else printed_table


def build_data_table(data_table: DataTable, caption: Sequence[Node], below: Sequence[Node] = (), *, id: str) -> Node:
    """Return a table of data with its caption; text below it, such as its source, becomes its foot."""
    rows = [[[tree.plain_block(tree.text_inlines(value))] for value in row] for row in data_table.rows]
    if data_table.total:
        rows[-1] = [[tree.plain_block([tree.strong(cell[0]["c"])] if cell[0]["c"] else [])] for cell in rows[-1]]
    # Widths in proportion to the cells; a head may take two lines, but breaks no word.
    needs = [_column_need(head, [row[i] for row in data_table.rows]) for i, head in enumerate(data_table.heads)]
    columns = [(head, need / sum(needs)) for head, need in zip(data_table.heads, needs, strict=True)]
    groups = _divide_rows(data_table, rows)
    own_rows = () if groups else rows
    plain = tree.table(columns, own_rows, "data", id=id, aligns=data_table.aligns, groups=groups)
    attr, _, specs, head, bodies, foot = plain["c"]
    if below:
        cell = [tree.attr(), {"t": "AlignLeft"}, 1, len(data_table.heads), list(below)]
        foot = [tree.attr(), [[tree.attr(), [cell]]]]
    # The cells of the first column identify the rows of a body.
    names = [[tree.plain_text(cells[0][-1]) for _, cells in body] for *_, body in bodies]
    has_row_heads = data_table.aligns[0] == "left" and all(len({*texts}) == len(texts) for texts in names)
    bodies = [[own, int(has_row_heads), above, body] for own, _, above, body in bodies]
    return {"t": "Table", "c": [attr, [None, list(caption)], specs, head, bodies, foot]}


def _divide_rows(data_table: DataTable, rows: Sequence[_Row]) -> list[tuple[list[Node], Sequence[_Row]]]:
    """Return the rows below the heading of their group; below an empty one the sums of a table with groups."""
    ends = accumulate((count for _, count in data_table.groups), initial=0)
    groups = [
        ([tree.plain_block(tree.text_inlines(title))], rows[start:end])
        for (title, _), (start, end) in zip(data_table.groups, pairwise(ends), strict=True)
    ]
    return [*groups, ([], rows[-1:])] if groups and data_table.total else groups


def _column_need(head: str, values: Sequence[str]) -> float:
    longest = max(map(len, values), default=0)
    return 3 + max(min(longest, 40), len(head) / 2, *map(len, head.split()))
