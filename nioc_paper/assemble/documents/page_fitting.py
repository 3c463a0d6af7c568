"""Tables that share one page: the number of rows that fit, estimated before layout. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import Cell, ListColumn
from nioc_paper.model import Node

_ROW_PADDING = 0.35
"""Height of a row besides its text, in lines."""
_TABLE_LINE_CHARACTERS, _COLUMN_MARGIN = 132, 2.2
"""Characters in a line across the whole table, and characters that a column's margins take."""


class PageTable(Struct, frozen=True):
    """Table under its heading; `name` is its class and part of its heading's id."""

    name: str
    title: str
    columns: Sequence[ListColumn]
    cells: Sequence[Sequence[Cell]]

    @property
    def height(self) -> float:
        """Height of all rows, in lines."""
        return sum(map(self.row_height, range(len(self.cells))))

    def with_rows(self, indexes: Iterable[int]) -> PageTable:
        """Return the table with some of its rows."""
        return PageTable(self.name, self.title, self.columns, [self.cells[index] for index in indexes])

    def to_blocks(self, more: str) -> list[Node]:
        """Return heading, table and the text `more` on hidden rows; empty without rows and text."""
        rest = [tree.div([tree.para(tree.text_inlines(more))], "more")] if more else []
        table = [tree.table(self.columns, self.cells, "generated", self.name)] if self.cells else []
        heading = [tree.header(1, tree.text_inlines(self.title), id=f"sheet-{self.name}")] if table or rest else []
        return [*heading, *table, *rest]

    def row_height(self, index: int) -> float:
        """Return the height of a row, in lines."""
        cells = zip(self.cells[index], self.columns, strict=True)
        lines = (
            math.ceil(len(tree.plain_text(c)) / ((share or 1) * _TABLE_LINE_CHARACTERS - _COLUMN_MARGIN))
            for c, (_, share) in cells
        )
        return max(lines, default=1) + _ROW_PADDING


class PageRoom(Struct):
    """Free lines of the page."""

    lines_left: float

    def place(self, table: PageTable, order: Iterable[int], reserved: float) -> list[int]:
        """Return the indexes of a table's first rows of `order` that fit, sorted, with `reserved` lines left over."""
        order = list(order)
        heights = list(accumulate(map(table.row_height, order), initial=0.0))
        count = sum(height <= self.lines_left - reserved for height in heights[1:])
        self.lines_left -= heights[count]
        return sorted(order[:count])
