"""Render text, tables and grids with rich. Import it late: rich is slow to import."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Column, Table
from rich.text import Text

from nioc_paper.report.terminal_escaping import printable_line


def render_parts(parts: Iterable[RenderableType], *, width: int, colour: bool) -> str:
    """Return parts as text for a terminal, with a blank line between them."""
    out = StringIO()
    # An empty environment: the caller decides on width and colour, not COLUMNS or FORCE_COLOR.
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        _environ={},
    )
    for part in parts:
        console.print(part)
        console.print()
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines()) + "\n"


def plain_text(words: str, style: str = "") -> Text:
    """Return plain text: no markup, no control characters."""
    return Text(printable_line(words), style)


def new_table(columns: Iterable[tuple[str, int]], *, leading: int = 0) -> Table:
    """Return a table whose columns share the width in proportion to the given numbers."""
    table = Table(box=SIMPLE_HEAD, expand=True, leading=leading, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for title, ratio in columns:
        table.add_column(title, ratio=ratio, overflow="fold")
    return table


def facts_grid(pairs: Iterable[tuple[str, Text]]) -> Table:
    """Return a line for each name with its value."""
    grid = Table.grid(Column(style="bold"), Column(overflow="fold"), padding=(0, 2, 0, 0))
    for name, value in pairs:
        grid.add_row(name, value)
    return grid
