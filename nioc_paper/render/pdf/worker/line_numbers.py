"""Line numbers in the margin of a review copy, counted from 1 on each page.

CSS has no means for them: a sheet with the numbers, at the height of the line boxes, is painted below each page. As in
Word, lines of the text count, and lines of tables and notes do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

import pydyf
import weasyprint
from weasyprint.document import Page
from weasyprint.formatting_structure.boxes import Box
from weasyprint.text.fonts import FontConfiguration

if TYPE_CHECKING:
    from weasyprint.document import PaintPage  # in our stub only
    from weasyprint.pdf.stream import Stream

_TEXT_CLASSES = frozenset(("front", "chapter", "annex", "references"))
_SKIPPED_BOXES = frozenset(("MarginBox", "FootnoteAreaBox", "TableBox", "AbsolutePlaceholder"))
_GAP, _HEIGHT = 14, 10
"""Distance of a number from the text, and its height, in pixels."""
_MIN_LINE_DISTANCE = 4
"""Minimum distance of two lines in pixels; a closer one is beside the line before it."""
_STYLE = """
body { margin: 0 }
div { position: relative; break-after: page; height: 1px }
i { position: absolute; width: 20px; font: 8.5px/10px Source Sans Pro; color: #6b7672 }
"""


def add_line_numbers(font_config: FontConfiguration, root: Element, pages: Sequence[Page]) -> None:
    """Let the pages paint the numbers of their lines, below all else. Call before the PDF is written."""
    middles = [list(_line_middles(page, _text_elements(root))) for page in pages]
    sheets = weasyprint.HTML(string=_numbers_html(pages, middles)).render(font_config)
    for page, sheet, lines in zip(pages, sheets.pages, middles, strict=True):
        if lines:
            page.paint = partial(_paint_both, sheet.paint, page.paint)


def _paint_both(paint_numbers: PaintPage, paint_page: PaintPage, stream: Stream, scale: float) -> None:
    numbers = stream.clone(tags=None)
    # An artifact: screen readers skip it (ISO 14289-1, 7.1).
    numbers.begin_marked_content("Artifact", pydyf.Dictionary({"Type": "/Pagination"}))
    paint_numbers(numbers, scale)
    numbers.end_marked_content()
    stream.stream += numbers.stream
    paint_page(stream, scale)


def _text_elements(root: Element) -> set[Element]:
    """Return the elements of the text, without cover and lists."""
    tops = (e for e in root.iter("div") if _TEXT_CLASSES.intersection((e.get("class") or "").split()))
    return {element for top in tops for element in top.iter()}


def _line_middles(page: Page, text_elements: set[Element]) -> Iterator[float]:
    """Yield the middle of each line of text, in pixels from the top of the page."""
    last = -float(_MIN_LINE_DISTANCE)
    for middle in sorted(_text_line_middles(page._page_box, text_elements)):  # noqa: SLF001 - there is no public way to the boxes
        if middle - last >= _MIN_LINE_DISTANCE:
            yield middle
            last = middle


def _text_line_middles(box: Box, text_elements: set[Element]) -> Iterator[float]:
    kind = type(box).__name__
    if kind in _SKIPPED_BOXES:
        return
    if kind != "LineBox":
        for child in getattr(box, "children", ()):
            yield from _text_line_middles(child, text_elements)
    elif box.element in text_elements and any(getattr(part, "text", "").strip() for part in box.descendants()):
        yield box.position_y + box.height / 2


def _numbers_html(pages: Sequence[Page], middles: Sequence[Sequence[float]]) -> str:
    """Return one page of numbers for each page."""
    sizes = {(page.width, page.height): f"s{n}" for n, page in enumerate(pages)}
    style = "".join(f"@page {s} {{ size: {w}px {h}px; margin: 0 }} .{s} {{ page: {s} }}" for (w, h), s in sizes.items())
    body = []
    for page, lines in zip(pages, middles, strict=True):
        left = page.width - page._page_box.margin_right + _GAP  # noqa: SLF001
        numbers = (
            f'<i style="top: {y - _HEIGHT / 2:.1f}px; left: {left:.1f}px">{n}</i>' for n, y in enumerate(lines, start=1)
        )
        body.append(f'<div class="{sizes[page.width, page.height]}">{"".join(numbers)}</div>')
    return f'<html lang="en"><style>{_STYLE}{style}</style><body>{"".join(body)}</body></html>'
