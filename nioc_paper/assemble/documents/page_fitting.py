"""Tables that share one page: how many rows of each fit, before anything is laid out. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import Cell, Column
from nioc_paper.model import Node

_ROW_PADDING = 0.35
"""What a row needs besides its text, in lines."""
_LINE_CHARACTERS, _COLUMN_MARGIN = 132, 2.2
"""Characters in a line across the whole table, and those that the margins of a column take."""


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table under its heading; `name` is its class, `heads` are the heads of its columns with their shares."""

    name: str
    title: str
    columns: Sequence[Column]
    cells: Sequence[Sequence[Cell]]

    @property
    def height(self) -> float:
        """What all rows need, in lines."""
        return sum(map(self._row_height, range(len(self.cells))))

    def fitting_rows(self, order: Iterable[int], lines_left: float) -> list[int]:
        """The rows that fit in so many lines, taken in this order; they are given in that of the table."""
        order = list(order)
        heights = accumulate(map(self._row_height, order))
        return sorted(order[: sum(height <= lines_left for height in heights)])

    def with_rows(self, indexes: Iterable[int]) -> PageTable:
        """The table with some of its rows."""
        return PageTable(self.name, self.title, self.columns, [self.cells[index] for index in indexes])

    def to_blocks(self, more: str) -> list[Node]:
        """Heading, table, and what is said of the rows that are left out; nothing where there are none of either."""
        rest = [tree.div([tree.para(tree.text_inlines(more))], "more")] if more else []
        table = [tree.table(self.columns, self.cells, "generated", self.name)] if self.cells else []
        heading = [tree.header(1, tree.text_inlines(self.title), id=f"sheet-{self.name}")] if table or rest else []
        return [*heading, *table, *rest]

    def _row_height(self, index: int) -> float:
        cells = zip(self.cells[index], self.columns, strict=True)
        lines = (
            math.ceil(len(tree.plain_text(c)) / ((share or 1) * _LINE_CHARACTERS - _COLUMN_MARGIN))
            for c, (_, share) in cells
        )
        return max(lines, default=1) + _ROW_PADDING


@dataclass(slots=True)
class PageRoom:
    """Lines of the page that are still free."""

    lines_left: float

    def place(self, table: PageTable, order: Iterable[int], reserved: float) -> list[int]:
        """Return the rows of a table that fit, leaving `reserved` lines free; their lines are taken from the page."""
        rows = table.fitting_rows(order, self.lines_left - reserved)
        self.lines_left -= table.with_rows(rows).height
        return rows
