"""Format a one-page document for a terminal: headings, paragraphs and tables, with health in colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from nioc_paper import tree
from nioc_paper.model import Document, Health, Node
from nioc_paper.report.printable import printable_line
from nioc_paper.report.status.terminal import HEALTH_STYLES

_STYLE_BY_CLASS = {health.replace(" ", "-"): HEALTH_STYLES[health] for health in Health}


def render_page(document: Document, *, width: int = 80, colour: bool = False) -> str:
    """Return the document as text: at 80 columns and without colour as plain as with them."""
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        _environ={},
    )
    console.print(_styled_text(tree.text_inlines(f"{document.part_of}: {document.title}"), "bold"))
    for part in _renderables(document.blocks):
        console.print()
        console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines()) + "\n"


def _renderables(blocks: Iterable[Node]) -> Iterator[RenderableType]:
    for block in blocks:
        if block["t"] == "Div":
            yield from _renderables(block["c"][1])
        elif block["t"] == "Header":
            yield _styled_text(block["c"][2], "bold")
        elif block["t"] == "Table":
            yield _build_table(block)
        else:
            yield _styled_text([block])


def _build_table(block: Node) -> RenderableType:
    """Return a table with columns in proportion to their shares; a table of facts has a line for each cell."""
    rows = [[cell[-1] for cell in cells] for body in block["c"][4] for _, cells in body[3]]
    heads = [tree.plain_text(cell[-1]) for _, cells in block["c"][3][1] for cell in cells]
    if "facts" in tree.classes(block):
        return _build_grid(heads, rows)
    table = Table(box=SIMPLE_HEAD, expand=True, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for head, (_, share) in zip(heads, block["c"][2], strict=True):
        table.add_column(printable_line(head), ratio=round(share.get("c", 0.1) * 100), overflow="fold")
    for cells in rows:
        table.add_row(*map(_styled_text, cells))
    return table


def _build_grid(heads: list[str], rows: list[list[Any]]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for cells in rows:
        for head, cell in zip(heads, cells, strict=True):
            grid.add_row(printable_line(head), _styled_text(cell))
    return grid


def _styled_text(nodes: Any, style: str = "") -> Text:
    """Return plain text: no markup, no control characters. A span of health has its colour."""
    health_span = next((n for n in tree.walk(nodes) if n["t"] == "Span" and "health" in tree.classes(n)), None)
    text = Text(printable_line(tree.plain_text(nodes)), style)
    if health_span is not None:
        health_text = printable_line(tree.plain_text(health_span))
        text.stylize(
            next((_STYLE_BY_CLASS[c] for c in tree.classes(health_span) if c in _STYLE_BY_CLASS), ""),
            0,
            len(health_text),
        )
    return text
