"""Pages of the last layout of a piece, for the next layout of it in the same process: those before the edit stay.

WeasyPrint makes a page again only if it must. Its loop is given the earlier pages as made, and begins two pages before
the edit: a page depends on what was tried on it and came to the next one, so headings that stay with what follows them,
and blocks that are not broken, are tried again. Everything after the layout is done for all pages.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from xml.etree.ElementTree import Element

from msgspec import Struct, field

from nioc_paper.render.pdf.results import WorkerJob
from nioc_paper.render.pdf.worker.note_twins import NoteTwins

if TYPE_CHECKING:
    from weasyprint.css import StyleFor
    from weasyprint.formatting_structure.boxes import Box, PageBox
    from weasyprint.layout import LayoutContext

    PageEntry = tuple[Any, Any, bool, Any]

_MAX_PIECES = 4
"""Pieces whose pages stay in memory: a chapter of 12 pages takes about 10 MB."""
_PAGES_BEFORE_EDIT = 2
_CONTAINER_TAGS = frozenset(("html", "body", "main", "section", "article", "div"))
_PLAIN_STYLE = {
    "display": ("block", "flow"),
    "float": "none",
    "position": "static",
    "break_inside": "auto",
    "column_count": "auto",
    "column_width": "auto",
}
"""Style of a block whose children are laid out one after the other, whatever follows them."""


class _PageStart(Struct, frozen=True):
    """State of a layout at the start of a page."""

    entry: PageEntry
    """Where the content resumes, the break before the page, its side, and its counters."""
    moved_count: int
    """Number of notes that earlier pages have moved from the margin to the foot."""
    is_clean: bool
    """Whether no note and no box of an earlier page continues here."""


class _SourceTree:
    """Elements of a document in their order, as they are before the layout changes some."""

    def __init__(self, root: Element) -> None:
        self.elements = list(root.iter())
        indexes = {element: index for index, element in enumerate(self.elements)}
        parents = {child: index for parent, index in indexes.items() for child in parent}
        self.parents = [parents.get(element, -1) for element in self.elements]
        self.facts = [
            (e.tag, e.text, e.tail, dict(e.attrib), parent)
            for e, parent in zip(self.elements, self.parents, strict=True)
        ]


class _PieceLayout(Struct):
    """A layout of a piece: its source, and what the next layout of it needs."""

    job: WorkerJob
    source: _SourceTree
    style_for: StyleFor | None = None
    starts: list[_PageStart] = field(default_factory=list)
    pages: list[PageBox] = field(default_factory=list)
    contents: list[Sequence[Box]] = field(default_factory=list)
    """Boxes of each page without those of its margins."""
    twins: Mapping[Element, Element] = field(default_factory=dict)
    """Twin of each note in the margin."""
    moved: Sequence[Element] = ()
    round_count: int = 0
    """Number of times that its pages were made."""
    kept_pages: Sequence[PageBox] = ()
    """Pages of an earlier layout that need not be made."""
    kept_starts: Sequence[_PageStart] = ()
    """Their starts, and that of the page after them."""

    def record_start(self, context: LayoutContext, index: int, twins: NoteTwins) -> None:
        """Add the start of the next page, from the present state of the layout."""
        is_clean = not context.reported_footnotes and not context.broken_out_of_flow
        entry = copy.deepcopy(context.page_maker[index][:4])
        self.starts.append(_PageStart(entry, len(twins.moved), is_clean))

    def first_difference(self, later: _PieceLayout) -> int:
        """Return the index of the first element that differs from that of a later layout, or has another style."""
        own_styles, later_styles = _styles_by_element(self.style_for), _styles_by_element(later.style_for)
        pairs = zip(self.source.elements, later.source.elements, self.source.facts, later.source.facts, strict=False)
        return next(
            (
                index
                for index, (element, later_element, facts, later_facts) in enumerate(pairs)
                if facts != later_facts or own_styles.get(element) != later_styles.get(later_element)
            ),
            min(len(self.source.elements), len(later.source.elements)),
        )

    def page_of_block(self, index: int) -> int:
        """Return the page on which the block with an element starts; 0 if it is on none."""
        ancestors = [index]
        while self.source.parents[ancestors[-1]] >= 0:
            ancestors.append(self.source.parents[ancestors[-1]])
        block = next((i for i in reversed(ancestors) if not self._is_container(self.source.elements[i])), index)
        element = self.source.elements[block]
        return next(
            (page for page, boxes in enumerate(self.contents) if any(b.element is element for b in _all_boxes(boxes))),
            0,
        )

    def _is_container(self, element: Element) -> bool:
        """Return whether an element has only blocks, which do not depend on those after them."""
        assert self.style_for
        style, texts = self.style_for(element), (element.text, *(child.tail for child in element))
        return (
            element.tag in _CONTAINER_TAGS
            and style is not None
            and not any(text and text.strip() for text in texts)
            and all(style[name] == value for name, value in _PLAIN_STYLE.items())
            and all(self._is_block(child) for child in element)
        )

    def _is_block(self, element: Element) -> bool:
        assert self.style_for
        style = self.style_for(element)
        return style is None or style["display"] == ("none",) or style["display"][0] == "block"


class EarlierPages(Struct):
    """Pages of the last layouts of some pieces, and of the present one."""

    layouts: dict[str, _PieceLayout] = field(default_factory=dict)
    """Finished layouts by piece, the latest last."""
    current: _PieceLayout | None = None

    @property
    def kept_pages(self) -> Sequence[PageBox]:
        """Pages that the present layout need not make."""
        return self.current.kept_pages if self.current else ()

    def start_document(self, job: WorkerJob, root: Element) -> None:
        """Begin with the layout of a job. Pages are kept only for pieces with text, in a process that stays."""
        is_kept = job.get("keeps_pages") and "piece" in job and not job.get("sheet")
        self.current = _PieceLayout(job, _SourceTree(root)) if is_kept else None

    def end_document(self, *, is_silent: bool) -> None:
        """Store the layout for the next one, if its pages were made once, and without a message."""
        layout, self.current = self.current, None
        if layout and is_silent and layout.round_count == 1:
            self.layouts[layout.job["piece"]] = layout
            for name in list(self.layouts)[:-_MAX_PIECES]:
                del self.layouts[name]

    def start_layout(self, context: LayoutContext, twins: NoteTwins) -> None:
        """Give the engine the pages that stay. Called before it makes the first page."""
        layout = self.current
        if not layout:
            return
        layout.kept_pages, layout.kept_starts = (), ()
        layout.style_for = context.style_for
        layout.twins = {note: twin.element for note, twin in twins.twins.items()}
        earlier = self.layouts.pop(layout.job["piece"], None)
        if earlier and layout.round_count == 0 and _has_same_files(earlier.job, layout.job):
            _keep_pages(earlier, layout, context, twins)

    def record_pages(self, pages: Iterable[PageBox], context: LayoutContext, twins: NoteTwins) -> Iterator[PageBox]:
        """Yield the pages as they are made, and record each with the state after it."""
        layout = self.current
        if not layout:
            yield from pages
            return
        layout.round_count += 1
        layout.starts = list(layout.kept_starts)
        if not layout.starts:
            layout.record_start(context, 0, twins)
        layout.pages, layout.contents = [], []
        for number, page in enumerate(pages, start=1):
            layout.pages.append(page)
            layout.contents.append(page.children)
            if number == len(layout.starts):
                layout.record_start(context, number, twins)
            if context.reported_footnotes:  # the engine takes a last page of notes alone for one that it was given
                context.page_maker[number][-1]["content_changed"] = True
            yield page
        layout.moved = list(twins.moved)


def _keep_pages(earlier: _PieceLayout, layout: _PieceLayout, context: LayoutContext, twins: NoteTwins) -> None:
    """Give the engine the first pages of an earlier layout, as pages of this one."""
    difference = earlier.first_difference(layout)
    elements = _pair_elements(earlier, layout, difference)
    count = _count_pages_to_keep(earlier, difference)
    boxes = [box for content in earlier.contents[:count] for box in _all_boxes(content) if box.element is not None]
    if not count or any(box.element not in elements for box in boxes):
        return
    for box in boxes:
        box.element = elements[cast("Element", box.element)]
    for page, content in zip(earlier.pages[:count], earlier.contents, strict=False):
        page.children = content
    start = earlier.starts[count]
    twins.move(elements[note] for note in earlier.moved[: start.moved_count])
    context.page_maker = [(*each.entry, _page_flags(is_due=False)) for each in earlier.starts[:count]]
    context.page_maker.append((*start.entry, _page_flags(is_due=True)))
    assert earlier.style_for
    context.style_for.initial_page_sizes |= earlier.style_for.initial_page_sizes  # of the first page
    layout.kept_pages, layout.kept_starts = earlier.pages[:count], earlier.starts[: count + 1]


def _pair_elements(earlier: _PieceLayout, layout: _PieceLayout, count: int) -> dict[Element, Element]:
    """Return the element of a layout for each of the first elements of an earlier one, and for their twins."""
    elements = dict(zip(earlier.source.elements[:count], layout.source.elements[:count], strict=True))
    for note, twin in earlier.twins.items():
        if note in elements and elements[note] in layout.twins:
            elements |= zip(twin.iter(), layout.twins[elements[note]].iter(), strict=False)
    return elements


def _count_pages_to_keep(earlier: _PieceLayout, difference: int) -> int:
    """Return the number of first pages that stay if everything from an element on may have changed."""
    around = (index for index in (difference - 1, difference) if 0 <= index < len(earlier.source.elements))
    count = min(map(earlier.page_of_block, around), default=0) - _PAGES_BEFORE_EDIT
    while count > 0 and not earlier.starts[count].is_clean:
        count -= 1
    return max(count, 0)


def _has_same_files(earlier: WorkerJob, job: WorkerJob) -> bool:
    """Return whether two jobs differ at most in their text, and in files that only the later one has."""
    rest, earlier_rest = ({**each, "html": "", "assets": {}} for each in (job, earlier))
    return rest == earlier_rest and earlier["assets"].items() <= job["assets"].items()


def _styles_by_element(style_for: StyleFor | None) -> Mapping[Element, Mapping[str | None, object]]:
    """Return what style sheets say of each element, and of its pseudo-elements by name."""
    assert style_for
    styles: dict[Element, dict[str | None, object]] = defaultdict(dict)
    for (element, pseudo), style in style_for._computed_styles.items():  # noqa: SLF001 - no public way
        styles[element][pseudo] = style.cascaded
    return styles


def _all_boxes(boxes: Iterable[Box]) -> Iterator[Box]:
    for box in boxes:
        yield from box.descendants(placeholders=True)


def _page_flags(*, is_due: bool) -> dict[str, object]:
    """Return what the engine notes of a page: whether it must be made, and what it refers to."""
    return {"content_changed": is_due, "pages_wanted": False, "anchors": [], "content_lookups": []}
