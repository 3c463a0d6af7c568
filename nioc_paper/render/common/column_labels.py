"""Column labels of table cells: on a narrow screen a row of a wide table is a list, and each cell shows its heading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.tree import Cell, Row

_MIN_COLUMNS = 4
"""Columns of a wide table."""


def with_column_labels(table: Node) -> Node:
    """Return a table whose body cells have the heading of their column as `data-label`; wide ones have a class."""
    (name, classes, pairs), caption, columns, head, bodies, foot = table["c"]
    heads = [tree.plain_text(cell[-1]) for cell in head[1][0][1]] if len(head[1]) == 1 else []
    if len(heads) != len(columns):  # headings over several columns or rows label no cell
        return table
    is_wide = len(columns) >= _MIN_COLUMNS
    bodies = [[own, count, _label_rows(above, heads), _label_rows(rows, heads)] for own, count, above, rows in bodies]
    attr = [name, [*classes, "wide"] if is_wide else classes, pairs]
    return {**table, "c": [attr, caption, columns, head, bodies, foot]}


def _label_rows(rows: Sequence[Row], heads: Sequence[str]) -> list[Row]:
    covered = [0] * len(heads)
    return [[attr, list(_label_cells(cells, heads, covered))] for attr, cells in rows]


def _label_cells(cells: Sequence[Cell], heads: Sequence[str], covered: list[int]) -> Iterator[Cell]:
    """Yield the cells of a row with their labels; `covered` counts by column the rows that a cell above covers."""
    remaining = iter(cells)
    column = 0
    while column < len(heads):
        if covered[column]:
            covered[column] -= 1
            column += 1
        elif cell := next(remaining, None):
            height, width = cell[2], cell[3]
            covered[column : column + width] = [height - 1] * len(covered[column : column + width])
            yield _label_cell(cell, heads[column]) if width == 1 else cell
            column += width
        else:
            break
    yield from remaining


def _label_cell(cell: Cell, head: str) -> Cell:
    (name, classes, pairs), *rest = cell
    return [[name, classes, [*pairs, ["data-label", head]] if head else pairs], *rest]
