"""Change bars, a line in the margin beside each changed line of text; and numbers of lines in a copy for review.

CSS can set a bar beside a whole paragraph only, and not in the margin inside a box or list. So the bars are drawn
beside the line boxes of the layout, before the content of the page: there, lengths are points from the lower left.
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

from nioc_paper.render.pdf.worker.margin_notes import classes
from nioc_paper.render.pdf.worker.object_extraction import dereference, list_pages
from nioc_paper.render.pdf.worker_messages import POINTS_PER_PIXEL

if TYPE_CHECKING:
    from weasyprint.document import PaintPage  # in our stub only
    from weasyprint.pdf.stream import Stream


_GAP, _WIDTH = 14, 1.6
"""Distance of a bar from the text, and its width, in pixels."""
_MERGE_DISTANCE = 6
"""Bars closer than this, in pixels, are joined."""


def draw_change_bars(root: Element, pages: Sequence[Page], pdf: pydyf.PDF, colour: str) -> None:
    """Draw the bars into the PDF of these pages; the colour is `#rrggbb`."""
    changed = _elements_of(root, "span", frozenset(("insertion", "deletion")))
    ink = " ".join(f"{int(colour[n : n + 2], 16) / 255:.3f}" for n in (1, 3, 5))
    for page, laid_out in zip(list_pages(pdf), pages, strict=True):
        box = laid_out._page_box  # noqa: SLF001 - there is no public way to the boxes
        left, height = (side * POINTS_PER_PIXEL for side in (box.margin_left - _GAP, laid_out.height))
        bars = [
            f"{left:.2f} {height - bottom * POINTS_PER_PIXEL:.2f} "
            f"{_WIDTH * POINTS_PER_PIXEL:.2f} {(bottom - top) * POINTS_PER_PIXEL:.2f} re"
            for top, bottom in _merge_adjacent(sorted(_changed_lines(box, changed)))
        ]
        if bars:
            # An artifact: screen readers skip it (ISO 14289-1, 7.1).
            content = f"/Artifact <</Type /Layout>> BDC q {ink} rg {' '.join(bars)} f Q EMC"
            dereference(pdf, page["Contents"]).stream.insert(0, content)


def _elements_of(root: Element, tag: str, names: frozenset[str]) -> set[Element]:
    """Return the elements with one of these classes, with all elements inside."""
    return {element for top in root.iter(tag) if not names.isdisjoint(classes(top)) for element in top.iter()}


def _changed_lines(box: Box, changed: set[Element]) -> Iterator[tuple[float, float]]:
    """Yield top and bottom of each line with a change."""
    for child in getattr(box, "children", ()):
        kind = type(child).__name__
        if (kind == "LineBox" and any(part.element in changed for part in _inline_boxes(child))) or (
            kind == "BlockReplacedBox" and child.element in changed
        ):
            yield child.position_y, child.position_y + child.height
        yield from _changed_lines(child, changed)


def _inline_boxes(line: Box) -> Iterator[Box]:
    """Yield the boxes of a line itself, without notes and boxes attached to it."""
    for part in getattr(line, "children", ()):
        if type(part).__name__ in ("TextBox", "InlineReplacedBox"):
            yield part
        elif type(part).__name__ in ("InlineBox", "InlineBlockBox"):
            yield from _inline_boxes(part)


def _merge_adjacent(lines: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Join lines that follow each other."""
    current: tuple[float, float] | None = None
    for top, bottom in lines:
        if current is None or top > current[1] + _MERGE_DISTANCE:
            if current is not None:
                yield current
            current = (top, bottom)
        else:
            current = (current[0], max(current[1], bottom))
    if current is not None:
        yield current


_TEXT_CLASSES = frozenset(("front", "chapter", "annex", "references"))
"""Classes of the text, without cover and lists."""
_SKIPPED_BOXES = frozenset(("MarginBox", "FootnoteAreaBox", "TableBox", "AbsolutePlaceholder"))
_NUMBER_GAP, _NUMBER_HEIGHT = 14, 10
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
    text_elements = _elements_of(root, "div", _TEXT_CLASSES)
    middles = [list(_line_middles(page, text_elements)) for page in pages]
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
        left = page.width - page._page_box.margin_right + _NUMBER_GAP  # noqa: SLF001
        numbers = (
            f'<i style="top: {y - _NUMBER_HEIGHT / 2:.1f}px; left: {left:.1f}px">{n}</i>'
            for n, y in enumerate(lines, start=1)
        )
        body.append(f'<div class="{sizes[page.width, page.height]}">{"".join(numbers)}</div>')
    return f'<html lang="en"><style>{_STYLE}{style}</style><body>{"".join(body)}</body></html>'
