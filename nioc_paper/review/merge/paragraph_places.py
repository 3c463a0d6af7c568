"""Places of paragraphs in boxes and lists, and of fields in records: a merge must leave each where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import Item, Node
from nioc_paper.review.docx.bookmarks import BookmarkedTree
from nioc_paper.review.docx.docx_text import DocxPassage, Paragraph
from nioc_paper.tree.strategy_items import ITEM_PREFIXES, field_name, read_item

LEVEL_REASON = "an item of a list has another level; indent its line by hand"


class ParagraphPlace(Struct, frozen=True):
    """Boxes and lists that a paragraph is in."""

    level: int = 0
    """Depth of an item of a list, or of a paragraph in one; 0 outside of lists."""
    boxes: tuple[str, ...] | None = None
    """Attributes of the Divs around it, outermost first; None if they do not matter."""
    record: str = ""
    """Name of the record that it is part of."""
    field: str = ""
    """Name of the field of the record that it is."""
    column: int | None = None
    """Column of its cell; None outside of tables."""

    def describe_difference(self, actual: ParagraphPlace) -> str:
        """Return the reason why another place is wrong; empty if it is the same."""
        if self.level != actual.level:
            return LEVEL_REASON
        if self.column != actual.column:
            return "a cell of a table would be in another column"
        if self.field and self.field != actual.field:
            return describe_lost_field(self.record, self.field)
        if self.field != actual.field or self.boxes not in (None, actual.boxes):
            return f"{actual.record or self.record or 'a box'} would read differently"
        return ""


OUTSIDE_LISTS = ParagraphPlace()


def describe_lost_field(record: str, name: str) -> str:
    """Return the reason against a change by which a record loses a field."""
    return f"{record} would lose its field '{name.capitalize()}'"


def read_places(bookmarked: BookmarkedTree) -> dict[str, ParagraphPlace]:
    """Return the place of each paragraph by its bookmark."""
    divs = bookmarked.divs
    records = {n: read_item(div, "") for n, div in divs.items() if set(tree.classes(div)) & set(ITEM_PREFIXES)}
    return {paragraph.bookmark: _read_place(paragraph, divs, records) for paragraph in bookmarked.paragraphs}


def _read_place(paragraph: Paragraph, divs: Mapping[int, Node], records: Mapping[int, Item]) -> ParagraphPlace:
    level = 0 if paragraph.kind == "heading" else paragraph.level
    boxes = tuple(json.dumps(tree.attr_triple(divs[n])) for n in paragraph.divs)
    record = next((records[n] for n in paragraph.divs if n in records), None)
    if record is None:
        return ParagraphPlace(level, boxes, column=paragraph.cell.column if paragraph.cell else None)
    name = field_name(paragraph.text) if paragraph.kind == "item" else ""
    return ParagraphPlace(level, boxes, record.id or f"the {record.kind}", name if name in record.fields else "")


def find_lost_field(sent: Sequence[DocxPassage], received: Sequence[DocxPassage]) -> str:
    """Return the name of a field that sent passages have, and received ones have not or leave empty."""
    names = [*_given_fields(received)]
    return next((name for name in _given_fields(sent) if names.count(name) != 1), "")


def _given_fields(passages: Sequence[DocxPassage]) -> Iterator[str]:
    for text in (passage.paragraph.text for passage in passages):
        if any(map(str.isalnum, text.partition(":")[2])):
            yield field_name(text)
