"""Items of lists that have another level in Word: their lines get another indent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.docx.paragraph import Paragraph
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.edits import Edit
from nioc_paper.review.merge.kinds import LEVEL_REASON
from nioc_paper.review.merge.list_indents import ListIndents
from nioc_paper.review.merge.merge_context import MergeContext, find_author
from nioc_paper.review.merge.source_ranges import ItemMarker


class ListEditor:
    """Follows the lists of the received text, and indents their items."""

    def __init__(self, context: MergeContext) -> None:
        self.context = context
        self.first_items: set[str] = set()
        """Bookmarks of the first items of all lists of the source."""
        self.indents = ListIndents()
        self.divs: tuple[int, ...] = ()
        """Divs around the last paragraph."""
        self._read_source()

    def _read_source(self) -> None:
        """Find the first items, and the indent that items in others have."""
        steps: dict[int, int] = {}
        outer = ItemMarker(0, 0, "")
        for paragraph in self.context.source.paragraphs:
            self._end_before(paragraph)
            marker = self.context.ranges.find_item_marker(paragraph)
            if marker is None:
                continue
            place = self.indents.place(paragraph.level, marker.indent, marker.width)
            self.first_items |= {paragraph.bookmark} if place.is_first else set()
            if paragraph.level == 1:
                outer = marker
            elif paragraph.level == 2:
                steps.setdefault(outer.width, marker.indent - outer.indent)
        self.indents = ListIndents(steps)

    def follow(self, passage: DocxPassage, source: Paragraph | None) -> None:
        """End the list before a passage that is neither an item nor a part of one."""
        if source is not None:
            self._end_before(source)
        elif passage.paragraph.kind != "item" and not passage.paragraph.note:
            self.indents.end_before(0)

    def _end_before(self, source: Paragraph) -> None:
        """End the list before a paragraph of the source, unless that is a part of it."""
        if source.note:
            return
        if source.divs != self.divs or source.cell:
            self.indents.end_before(0)
        elif source.kind != "item":
            self.indents.end_before(self.context.ranges.find_indent(source))
        self.divs = source.divs

    def without_level(self, edited: DocxPassage, source: Paragraph, before: Paragraph) -> DocxPassage:
        """Return an item with the level that it had if another one can be made: not in quotations and notes."""
        if edited.paragraph.kind != "item" or self.context.ranges.find_item_marker(source) is None:
            return edited
        return replace(edited, paragraph=replace(edited.paragraph, level=before.level))

    def indent_item(
        self, base: AlignedPassage, edited: Sequence[DocxPassage], unit: int, edits: Sequence[Edit], *, is_moved: bool
    ) -> Iterator[Edit]:
        """Yield edits that indent a sent item as its level in Word asks for, or report that they cannot be made."""
        source, before = base.source_paragraph, base.passage.paragraph
        marker = self.context.ranges.find_item_marker(source) if source else None
        if source is None or marker is None:
            return
        shifts = [p.paragraph.level - before.level if p.paragraph.kind == before.kind else 0 for p in edited]
        levels = [source.level + shift for shift in shifts]
        place = self.indents.place(levels[0], marker.indent, marker.width)
        shift = levels[0] - source.level if place.depth == source.level and not is_moved else 0
        if shift not in {0, *self.indents.reported_shifts} or any(level != levels[0] for level in levels):
            self._report(source, edited)
        self.indents.reported_shifts.add(shift)
        self.indents.is_changed |= levels[0] != source.level
        if not self.indents.is_changed and not is_moved:
            self.context.result.depths[unit] = source.level
            return
        self.context.result.depths[unit] = place.depth
        author = edited[0].reshaped_by or find_author(edited[0])
        if place.indent != marker.indent:
            self.context.result.indented.add(unit)
            yield from self._shift_lines(source, place.indent - marker.indent, unit, author, edits)
        if place.is_first and source.bookmark not in self.first_items and marker.number:
            start = self.context.ranges.find_lines(source)[0] + marker.indent
            yield Edit(start, start + len(marker.number), "1", unit, author)

    def find_marker(self, previous: Paragraph | None, new: Paragraph, unit: int) -> str:
        """Return the marker of a new item, with the spaces before it."""
        marker = self.context.ranges.find_list_marker(previous, new)
        text = marker.lstrip(" ")
        if new.kind != "item" or ">" in text:
            return marker
        place = self.indents.place(new.level, len(marker) - len(text), len(text))
        self.context.result.depths[unit] = place.depth
        return " " * place.indent + text

    def _report(self, source: Paragraph, edited: Sequence[DocxPassage]) -> None:
        start, text = self.context.ranges.find_lines(source)[0], " ¶ ".join(p.paragraph.text for p in edited)
        self.context.add_conflict(start, source.text, text, LEVEL_REASON, find_author(edited[0]))

    def _shift_lines(
        self, source: Paragraph, spaces: int, unit: int, author: str, edits: Sequence[Edit]
    ) -> Iterator[Edit]:
        """Yield edits that move the lines of an item; not those whose beginning another edit replaces."""
        for start, indent in self.context.ranges.find_item_lines(source):
            end = start + min(max(-spaces, 0), indent)
            if not any(e.start < end and e.end > start for e in edits):
                yield Edit(start, end, " " * spaces, unit, author)
