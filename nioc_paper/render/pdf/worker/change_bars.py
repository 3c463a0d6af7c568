"""Change bars: a line in the margin beside each changed line of text.

CSS can set a bar beside a whole paragraph only, and not in the margin inside a box or list. So the bars are drawn
beside the line boxes of the layout, before the content of the page: there, lengths are points from the lower left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

import pydyf
from weasyprint.document import Page
from weasyprint.formatting_structure.boxes import Box

from nioc_paper.render.pdf.markers import POINTS_PER_PIXEL
from nioc_paper.render.pdf.worker.unwritten_objects import dereference, list_pages

_CHANGE_CLASSES = frozenset(("insertion", "deletion"))
_GAP, _WIDTH = 14, 1.6
"""Distance of a bar from the text, and its width, in pixels."""
_MERGE_DISTANCE = 6
"""Bars closer than this, in pixels, are joined."""


def draw_change_bars(root: Element, pages: Sequence[Page], pdf: pydyf.PDF, colour: str) -> None:
    """Draw the bars into the PDF of these pages; the colour is `#rrggbb`."""
    changed = _changed_elements(root)
    ink = " ".join(f"{int(colour[n : n + 2], 16) / 255:.3f}" for n in (1, 3, 5))
    for page, laid_out in zip(list_pages(pdf), pages, strict=True):
        box = laid_out._page_box  # noqa: SLF001 - there is no public way to the boxes
        left = (box.margin_left - _GAP) * POINTS_PER_PIXEL
        height = laid_out.height * POINTS_PER_PIXEL
        bars = [
            f"{left:.2f} {height - bottom * POINTS_PER_PIXEL:.2f} "
            f"{_WIDTH * POINTS_PER_PIXEL:.2f} {(bottom - top) * POINTS_PER_PIXEL:.2f} re"
            for top, bottom in _merge_adjacent(sorted(_changed_lines(box, changed)))
        ]
        if bars:
            # An artifact: screen readers skip it (ISO 14289-1, 7.1).
            content = f"/Artifact <</Type /Layout>> BDC q {ink} rg {' '.join(bars)} f Q EMC"
            dereference(pdf, page["Contents"]).stream.insert(0, content)


def _changed_elements(root: Element) -> set[Element]:
    """Return the elements of insertions and deletions, with all elements inside."""
    tops = (e for e in root.iter("span") if _CHANGE_CLASSES.intersection((e.get("class") or "").split()))
    return {element for top in tops for element in top.iter()}


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
