"""State of one engine that its patches keep."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from msgspec import Struct, field

from nioc_paper.render.pdf.worker.margin_notes import NoteTwins
from nioc_paper.render.pdf.worker_messages import BlankNumber

if TYPE_CHECKING:
    from weasyprint.css import CSS, Style
    from weasyprint.text.line_break import Layout

    LineKey = tuple[str, int, float | None, float, bool, bool]
    ShapedLine = tuple[Layout, int, int | None, float, float, float]


class PatchState(Struct):
    """Style sheets of all documents; elements, lines and blank page numbers of the current one."""

    stylesheets: dict[tuple[str, tuple[bytes, ...]], tuple[CSS, list[object], dict[str, object]]] = field(
        default_factory=dict
    )
    """Parsed style sheets by address and style sheets that they may import, with the rules and counters they add."""
    source_numbers: dict[tuple[Element, str], int] = field(default_factory=dict)
    """Numbers of HTML elements and of their pseudo-elements, from 1."""
    blanks: list[BlankNumber] = field(default_factory=list)
    lines: dict[LineKey, tuple[Style, ShapedLine]] = field(default_factory=dict)
    """Lines of the current document by text, number of the style, and width; with the style."""
    omits_fonts: bool = False
    """Whether the document that is written needs no programs of fonts."""
    twins: NoteTwins = field(default_factory=NoteTwins)
    """Notes in the margin of the current layout."""

    def start_document(self) -> None:
        """Forget the elements, lines and blank page numbers of the document before."""
        self.source_numbers.clear()
        self.lines.clear()
        self.blanks = []
