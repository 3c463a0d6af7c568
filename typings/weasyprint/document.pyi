from collections.abc import Callable, Sequence
from typing import TypeAlias, Unpack

from pydyf import PDF
from weasyprint import Options
from weasyprint.formatting_structure.boxes import Box, PageBox
from weasyprint.pdf.fonts import Font
from weasyprint.pdf.stream import Stream

Rectangle: TypeAlias = tuple[float, float, float, float]
BookmarkTree: TypeAlias = Sequence[tuple[str, tuple[int, float, float], BookmarkTree, str]]
PaintPage: TypeAlias = Callable[[Stream, float], None]

class Page:
    width: float
    height: float
    anchors: dict[str, Rectangle]
    links: list[tuple[str, str, Rectangle, Box]]
    paint: PaintPage
    _page_box: PageBox

class Document:
    pages: list[Page]
    fonts: dict[str, Font]
    def write_pdf(
        self,
        *,
        finisher: Callable[[Document, PDF], None] | None = ...,
        uncompressed_pdf: bool = ...,
        **options: Unpack[Options],
    ) -> bytes: ...
    def make_bookmark_tree(self, scale: float = ..., transform_pages: bool = ...) -> BookmarkTree: ...
