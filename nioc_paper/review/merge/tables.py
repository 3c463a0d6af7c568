"""Tables of a received file: the words of their cells are merged, other changes leave a table whole and reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper.review.docx.paragraph import DocxPassage, DocxText, RowKey
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.edits import MergeConflict, fault_reason
from nioc_paper.review.merge.merge_context import find_author
from nioc_paper.review.merge.pairing import find_place, pair_passages, restore_passages
from nioc_paper.review.merge.source_ranges import SourceRanges

_BY_HAND = "; change the table by hand"
_CAPTION_STAYS = f"a table was taken out or replaced, and its caption stays{_BY_HAND}"
_SHAPE = f"rows, columns or cells of a table are new, taken out, moved, merged or split{_BY_HAND}"
_NEW = "a table is new; write it in the chapter's source"


class _SentTable(Struct):
    """Passages of a table of the source as it was sent."""

    cells: list[int] = field(default_factory=list)
    caption: int | None = None


def restore_tables(
    base: Sequence[AlignedPassage], base_lengths: Mapping[RowKey, int], edited: DocxText, ranges: SourceRanges
) -> tuple[DocxText, list[MergeConflict]]:
    """Return the received text with tables that cannot be merged as they were sent, and a report of each.

    `base_lengths` are the columns of the sent rows. Received tables get numbers that no sent table has.
    """
    first = 1 + max((key.table for key in base_lengths), default=0)
    passages = [_with_table_number(passage, first) for passage in edited.passages]
    lengths = {RowKey(table + first, row): length for (table, row), length in edited.row_lengths.items()}
    if not base_lengths and not lengths:
        return edited, []
    check = _TableCheck(base, passages, {**base_lengths, **lengths}, edited, ranges)
    conflicts = [*check.check_sent(), *check.report_new()]
    restored = restore_passages(check.restored, check.dropped, check.pairs, base, passages)
    return replace(edited, passages=restored), conflicts


def _with_table_number(passage: DocxPassage, first: int) -> DocxPassage:
    paragraph = passage.paragraph
    if paragraph.cell is None:
        return passage
    cell = replace(paragraph.cell, table=paragraph.cell.table + first)
    return replace(passage, paragraph=replace(paragraph, cell=cell))


class _TableCheck:
    def __init__(
        self,
        base: Sequence[AlignedPassage],
        passages: Sequence[DocxPassage],
        lengths: Mapping[RowKey, int],
        edited: DocxText,
        ranges: SourceRanges,
    ) -> None:
        self.base = base
        self.edited = passages
        self.find_remover = edited.find_remover
        self.lengths = lengths
        self.ranges = ranges
        self.pairs = pair_passages(base, passages)
        self.pair_of = {i: pair for pair in self.pairs for i in pair.base}
        self.base_of = {j: pair.base for pair in self.pairs for j in pair.edited}
        self.tables = self._collect_tables()
        self.restored: dict[int, int] = {}
        """Sent passages of tables that are left as they were, by the received passage after which they go."""
        self.dropped = set[int]()
        """Received passages of these tables, and of new ones."""

    def _collect_tables(self) -> dict[int, _SentTable]:
        tables: dict[int, _SentTable] = {}
        for i, each in enumerate(self.base):
            source = each.source_paragraph
            if source is not None and source.cell is not None:
                tables.setdefault(source.cell.table, _SentTable()).cells.append(i)
        captions = {each.source_paragraph.bookmark: i for i, each in enumerate(self.base) if each.source_paragraph}
        for number, table in tables.items():
            caption = self.ranges.table_captions.get(number)
            table.caption = captions.get(caption.bookmark) if caption else None
        return tables

    def check_sent(self) -> Iterator[MergeConflict]:
        """Leave the tables that cannot be merged as a whole, and yield a report of each."""
        for number, table in self.tables.items():
            if table.caption is not None and not self._is_kept(table.caption):
                self.dropped |= {*self.pair_of[table.caption].edited}  # an empty line
            reason = self._find_reason(table)
            if not reason:
                continue
            received = self._find_received(table)
            self.restored |= dict.fromkeys(table.cells, find_place(table.cells[0], self.pairs))
            self.dropped |= received
            offset, sent = self.ranges.find_table(number)[0], [self.base[i].passage for i in table.cells]
            yield self._describe(offset, sent, [self.edited[j] for j in sorted(received)], reason)

    def _describe(
        self, offset: int, sent: Sequence[DocxPassage], received: Sequence[DocxPassage], reason: str
    ) -> MergeConflict:
        """Return the report of a table: its rows that differ, or all if they are only elsewhere."""
        before, after = _rows(sent), _rows(received)
        if sorted(before) != sorted(after):
            before, after = [row for row in before if row not in after], [row for row in after if row not in before]
        author = next(filter(None, (*map(find_author, received), *map(self.find_remover, sent))), "")
        return MergeConflict(offset, " ¶ ".join(before), " ¶ ".join(after), reason, author)

    def report_new(self) -> Iterator[MergeConflict]:
        """Yield a report of each new table, and leave it out."""
        cells = [(j, p.paragraph.cell.table) for j, p in enumerate(self.edited) if p.paragraph.cell]
        known = {table for j, table in cells if self.base_of[j]}
        for table, group in groupby((each for each in cells if each[0] not in self.dropped), lambda each: each[1]):
            indexes = [j for j, _ in group]
            if table in known:
                continue
            self.dropped |= {*indexes}
            before = [i for j in range(indexes[0]) for i in self.base_of[j]]
            paragraphs = (self.base[i].source_paragraph for i in reversed(before))
            place = next(filter(None, paragraphs), None)
            offset = self.ranges.find_lines(place)[0] if place else 0
            yield self._describe(offset, [], [self.edited[j] for j in indexes], _NEW)

    def _is_kept(self, index: int) -> bool:
        """Return whether a sent passage still has words, if it had any."""
        is_empty = not self.base[index].passage.paragraph.tokens
        return any(is_empty or self.edited[j].paragraph.tokens for j in self.pair_of[index].edited)

    def _find_received(self, table: _SentTable) -> set[int]:
        """Return the received passages of a table, or those that are new at its place."""
        partners = {j for i in table.cells for j in self.pair_of[i].edited}
        numbers = {cell.table for j in partners if (cell := self.edited[j].paragraph.cell)}
        cells = {j for j, p in enumerate(self.edited) if p.paragraph.cell and p.paragraph.cell.table in numbers}
        if cells:
            return {j for j in cells if not self.base_of[j]} | partners
        low = find_place(table.cells[0], self.pairs)
        between = range(low + 1, len(self.edited))
        end = next((j for j in between if self.base_of[j]), len(self.edited))
        return {j for j in range(low + 1, end) if not self.edited[j].paragraph.note}

    def _find_reason(self, table: _SentTable) -> str:
        """Return the reason against the changes of a table; empty if they can be merged."""
        try:
            if not any(self.pair_of[i].edited for i in table.cells):
                return _CAPTION_STAYS if table.caption is not None and self._is_kept(table.caption) else ""
            return "" if self._has_same_shape(table) else _SHAPE
        except Exception as error:  # noqa: BLE001 - whatever fails, the rest of the file is merged
            return fault_reason(error)

    def _has_same_shape(self, table: _SentTable) -> bool:
        """Return whether each cell has its place, and words; and whether there are no other cells and rows."""
        pairs = [self.pair_of[i] for i in table.cells]
        sent, received = [self.base[i].passage for i in table.cells], [self.edited[j] for p in pairs for j in p.edited]
        if any(pair.moved or not self._is_kept(i) for i, pair in zip(table.cells, pairs, strict=True)):
            return False
        return self._shape(sent) == self._shape(received)

    def _shape(self, passages: Sequence[DocxPassage]) -> object:
        """Return the places of passages in their table, and the lengths of its rows."""
        cells = [(p.paragraph.cell, p.cell_merge) for p in passages]
        numbers = {cell.table for cell, _ in cells if cell}
        both = (*(each.passage for each in self.base), *self.edited)
        count = sum(p.paragraph.cell is not None and p.paragraph.cell.table in numbers for p in both)
        lengths = sorted((row, length) for (number, row), length in self.lengths.items() if number in numbers)
        return [(cell and (cell.row, cell.column), merge) for cell, merge in cells], lengths, count


def _rows(passages: Sequence[DocxPassage]) -> list[str]:
    """Return the words of passages, with bars between the cells of a row."""
    rows = groupby(enumerate(passages), lambda n: n[1].paragraph.cell.row_key if n[1].paragraph.cell else n[0])
    return [" | ".join(filter(None, (p.paragraph.text for _, p in row))) for _, row in rows]
