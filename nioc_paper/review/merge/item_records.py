"""Proof of a merge by records: recommendations, gaps, findings and linkages change only where the Word file did."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.model import Item
from nioc_paper.review.docx.bookmarks import BookmarkedTree
from nioc_paper.review.docx.paragraph import Paragraph
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.edits import Edit
from nioc_paper.review.merge.markdown_source import MarkdownSource
from nioc_paper.review.merge.merge_context import ChapterEdits
from nioc_paper.tree.items import ITEM_PREFIXES, field_name, read_item

_WORD = re.compile(r"\w")


def read_records(bookmarked: BookmarkedTree) -> dict[int, Item]:
    """Return the items of a text by the numbers of their Divs."""
    return {
        number: read_item(node, "")
        for number, node in bookmarked.divs.items()
        if set(tree.classes(node)) & set(ITEM_PREFIXES)
    }


class _Touched(Struct):
    """Parts of an item that the edits of some units change."""

    fields: set[str] = field(default_factory=set)
    removed_fields: set[str] = field(default_factory=set)
    text: bool = False
    units: set[int] = field(default_factory=set)


def find_broken_records(
    before: Mapping[int, Item],
    after: Iterable[Item],
    base: Sequence[AlignedPassage],
    source: MarkdownSource,
    chapter_edits: ChapterEdits,
) -> dict[int, str]:
    """Return the units that change a record elsewhere than their passages are, with the loss that each would cause."""
    after_by_key = dict(_with_keys(after))
    broken: dict[int, str] = {}
    for number, (key, item) in zip(before, _with_keys(before.values()), strict=True):
        paragraphs = [p for p in source.paragraphs if number in p.divs]
        touched = _collect_touched(number, paragraphs, base, source, chapter_edits)
        loss = _describe_loss(item, after_by_key.get(key), touched, paragraphs)
        if loss:
            edits = [e for e in chapter_edits.edits if e.unit in touched.units]
            units = {e.unit for e in edits if _changes_lines(e, source.text)} or touched.units
            broken |= dict.fromkeys(units or {e.unit for e in chapter_edits.edits}, loss)
    return broken


def _with_keys(items: Iterable[Item]) -> Iterator[tuple[tuple[str, int], Item]]:
    """Yield items with the keys by which they are found again: kind, id and attributes, and the place among equals."""
    counts = Counter[str]()
    for item in items:
        name = " ".join((item.kind, item.id, *chain.from_iterable(sorted(item.attributes.items()))))
        counts[name] += 1
        yield (name, counts[name]), item


def _collect_touched(
    number: int,
    paragraphs: Sequence[Paragraph],
    base: Sequence[AlignedPassage],
    source: MarkdownSource,
    chapter_edits: ChapterEdits,
) -> _Touched:
    start, end = source.div_ranges.get(number, (0, 0))
    touched = _Touched(units={e.unit for e in chapter_edits.edits if start <= e.start and e.end <= end})
    bookmarks, edited_units = {p.bookmark for p in paragraphs}, {e.unit for e in chapter_edits.edits}
    for unit, pair in chapter_edits.pairs_by_unit.items():
        if unit not in edited_units and pair.edited:
            continue  # unchanged; of an item that is removed whole, one unit has the edit
        for paragraph in filter(None, (base[i].source_paragraph for i in pair.base)):
            if paragraph.bookmark in bookmarks:
                touched.units.add(unit)
                _touch(touched, paragraph, removed=not pair.edited)
        touched.text |= unit in touched.units and not pair.base
    return touched


def _touch(touched: _Touched, paragraph: Paragraph, *, removed: bool) -> None:
    name = field_name(paragraph.text) if paragraph.kind == "item" else ""
    if not name:
        touched.text = True
    elif removed:
        touched.removed_fields.add(name)
    else:
        touched.fields.add(name)


def _describe_loss(before: Item, after: Item | None, touched: _Touched, paragraphs: Sequence[Paragraph]) -> str:
    """Return the change of a record that no passage explains; empty if there is none."""
    name = before.id or f"the {before.kind}"
    if after is None:
        is_removed = before.fields.keys() <= touched.removed_fields and (touched.text or not before.text)
        return "" if is_removed or not paragraphs else f"{name} would no longer be in its register"
    lost = next(_lost_fields(before, after, touched), "")
    if lost:
        return f"{name} would lose its field '{lost.capitalize()}'"
    if before.attributes != after.attributes or (before.text != after.text and not touched.text):
        return f"{name} would read differently in its register"
    return ""


def _lost_fields(before: Item, after: Item, touched: _Touched) -> Iterator[str]:
    for name in sorted(before.fields, key=lambda name: name not in touched.fields):
        is_emptied = bool(_WORD.search(before.field_text(name))) and not _WORD.search(after.field_text(name))
        is_same = (
            name in after.fields
            and not is_emptied
            and (name in touched.fields or before.field_text(name) == after.field_text(name))
        )
        if not is_same and name not in touched.removed_fields:
            yield name


def _changes_lines(edit: Edit, text: str) -> bool:
    return "\n" in edit.text or "\n" in text[edit.start : edit.end]
