"""Format a one-page document for a terminal: headings, paragraphs and tables, with health in colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from nioc_paper import tree
from nioc_paper.model import Document, Health, Node
from nioc_paper.report.rich_output import facts_grid, new_table, plain_text, render_parts
from nioc_paper.report.status.chapter_table import HEALTH_STYLES
from nioc_paper.report.terminal_escaping import printable_line

_STYLE_BY_CLASS = {health.replace(" ", "-"): HEALTH_STYLES[health] for health in Health}


def render_page(document: Document, *, width: int = 80, colour: bool = False) -> str:
    """Return the document as text: at 80 columns and without colour as plain as with them."""
    title = _styled_text(tree.text_inlines(f"{document.part_of}: {document.title}"), "bold")
    return render_parts([title, *_renderables(document.blocks)], width=width, colour=colour)


def _renderables(blocks: Iterable[Node]) -> Iterator[RenderableType]:
    for block in blocks:
        if block["t"] == "Div":
            yield from _renderables(tree.content(block))
        elif block["t"] == "Header":
            yield _styled_text(tree.content(block), "bold")
        elif block["t"] == "Table":
            yield _build_table(block)
        else:
            yield _styled_text([block])


def _build_table(block: Node) -> RenderableType:
    """Return a table with columns in proportion to their shares; a table of facts has a line for each cell."""
    rows = tree.body_rows(block)
    heads = [printable_line(tree.plain_text(cell)) for cells in tree.head_rows(block) for cell in cells]
    if "facts" in tree.classes(block):
        return facts_grid((head, _styled_text(cell)) for row in rows for head, cell in zip(heads, row, strict=True))
    table = new_table(zip(heads, [round(share.get("c", 0.1) * 100) for _, share in tree.columns(block)], strict=True))
    for cells in rows:
        table.add_row(*map(_styled_text, cells))
    return table


def _styled_text(nodes: object, style: str = "") -> Text:
    """Return plain text: no markup, no control characters. A span of health has its colour."""
    health_span = next((n for n in tree.walk(nodes) if n["t"] == "Span" and "health" in tree.classes(n)), None)
    text = plain_text(tree.plain_text(nodes), style)
    if health_span is not None:
        health_style = next((_STYLE_BY_CLASS[c] for c in tree.classes(health_span) if c in _STYLE_BY_CLASS), "")
        text.stylize(health_style, 0, len(printable_line(tree.plain_text(health_span))))
    return text
