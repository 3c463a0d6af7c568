"""White at the ends of pages, and figures that leave it: a second layout sets them further behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element

from weasyprint.document import Page

_NEARLY_EMPTY = 0.22
"""Part of a page that the pages before it can take with less white: `.tight` in print.css."""
_NEARLY_FULL = 0.75
"""Part of a page that is used at least, before the last one of a chapter."""
_FULL_PAGE = 3_000
"""Letters on a page of running text: 43 lines of 70."""
_HEADINGS = ("h2", "h3", "h4")


def count_white_pages(pages: Sequence[Page]) -> tuple[int, int]:
    """Return the number of pages before the last that end early, and 1 if the last has a few lines or one box, or 0."""
    if len(pages) < 2:
        return 0, 0
    *shares, last_share = map(_used_share, pages)
    return sum(0 < share < _NEARLY_FULL for share in shares), int(last_share < _NEARLY_EMPTY)


def figures_after_white(pages: Sequence[Page]) -> dict[str, int]:
    """Return the figures that begin a page after a white one, by id, with letters that fill 85 % of its page."""
    firsts = ((_used_share(page), _first_block(after)) for page, after in pairwise(pages))
    early = ((share, id_) for share, (tag, id_) in firsts if 0 < share < _NEARLY_FULL and tag == "figure" and id_)
    return {id_: int((0.85 - share) * _FULL_PAGE) for share, id_ in early}


def set_behind(root: Element, figures: Mapping[str, int]) -> None:
    """Move each figure behind paragraphs of its section after it, as far as the white takes their letters."""
    for parent in [*root.iter()]:
        blocks = [*parent]
        for place, block in enumerate(blocks):
            end, letters = place, figures.get(block.get("id", ""), 0)
            section = next((before.tag for before in reversed(blocks[:place]) if before.tag in _HEADINGS), "h1")
            for n, after in enumerate(blocks[place + 1 :], place + 1):
                if letters <= 0 or not (after.tag == "p" or section < after.tag in _HEADINGS):
                    break
                letters -= len("".join(after.itertext()))
                end = n if after.tag == "p" else end
            if end > place:
                parent.remove(block)
                parent.insert(end, block)


def _first_block(page: Page) -> tuple[str, str]:
    boxes = page._page_box.descendants()  # noqa: SLF001 - there is no public way to the boxes
    elements = (box.element for box in boxes if box.element is not None)
    return next(((e.tag, e.get("id", "")) for e in elements if e.tag in ("figure", "p", "h2", "h3", "tr")), ("", ""))


def _used_share(page: Page) -> float:
    """Return the part of the height of a page down to its last line."""
    sheet = page._page_box  # noqa: SLF001 - there is no public way to the boxes
    ends = (box.position_y + box.height for box in sheet.descendants() if type(box).__name__ == "LineBox")
    share: float = (max(ends, default=0) - sheet.position_y - sheet.margin_top) / sheet.height
    return share
