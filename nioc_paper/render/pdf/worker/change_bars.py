"""Change bars: a line in the margin beside each line of text in which something was put in or taken out.

CSS can only set a bar beside a whole paragraph, and inside a box or a list not in the margin. So the laid-out lines are
read off the pages, and the bars are drawn on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

import pikepdf
from weasyprint.document import Page
from weasyprint.formatting_structure.boxes import Box

_CHANGE_CLASSES = frozenset(("insertion", "deletion"))
_GAP, _WIDTH = 14, 1.6
"""Pixels between the text and a bar, and how thick it is."""
_MERGE_DISTANCE = 6
"""Bars with fewer pixels between them are one."""
_POINTS_PER_PIXEL = 0.75
"""Points in a pixel of CSS."""


def draw_change_bars(root: Element, pages: Sequence[Page], pdf: Path, colour: str) -> None:
    """Draw the bars into a PDF of these pages; the colour is `#rrggbb`."""
    changed = _changed_elements(root)
    ink = " ".join(f"{int(colour[n : n + 2], 16) / 255:.3f}" for n in (1, 3, 5))
    with pikepdf.open(pdf, allow_overwriting_input=True) as output:
        for page, laid_out in zip(output.pages, pages, strict=True):
            box = laid_out._page_box  # noqa: SLF001 - there is no public way to the boxes
            left = (box.margin_left - _GAP) * _POINTS_PER_PIXEL
            height = laid_out.height * _POINTS_PER_PIXEL
            bars = [
                f"{left:.2f} {height - bottom * _POINTS_PER_PIXEL:.2f} "
                f"{_WIDTH * _POINTS_PER_PIXEL:.2f} {(bottom - top) * _POINTS_PER_PIXEL:.2f} re"
                for top, bottom in _merge_adjacent(sorted(_changed_lines(box, changed)))
            ]
            if bars:
                # An artifact of the page is nothing that a screen reader would read out (ISO 14289-1, 7.1).
                content = f"/Artifact <</Type /Layout>> BDC q {ink} rg {' '.join(bars)} f Q EMC\n"
                page.contents_add(content.encode(), prepend=True)
        output.save(deterministic_id=True)


def _changed_elements(root: Element) -> set[Element]:
    """The elements of what was put in or taken out, and all in them."""
    tops = (e for e in root.iter("span") if _CHANGE_CLASSES.intersection((e.get("class") or "").split()))
    return {element for top in tops for element in top.iter()}


def _changed_lines(box: Box, changed: set[Element]) -> Iterator[tuple[float, float]]:
    """The top and the bottom of each line that has a change in it."""
    for child in getattr(box, "children", ()):
        kind = type(child).__name__
        if (kind == "LineBox" and any(part.element in changed for part in _inline_boxes(child))) or (
            kind == "BlockReplacedBox" and child.element in changed
        ):
            yield child.position_y, child.position_y + child.height
        yield from _changed_lines(child, changed)


def _inline_boxes(line: Box) -> Iterator[Box]:
    """What is printed in a line itself, and not in the notes and boxes that hang on it."""
    for part in getattr(line, "children", ()):
        if type(part).__name__ in ("TextBox", "InlineReplacedBox"):
            yield part
        elif type(part).__name__ in ("InlineBox", "InlineBlockBox"):
            yield from _inline_boxes(part)


def _merge_adjacent(lines: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Lines one below the other as one."""
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
