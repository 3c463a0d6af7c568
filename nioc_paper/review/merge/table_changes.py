"""Tables of a received file: the words of their cells are merged, other changes leave a table whole and reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper.review.docx.docx_text import CellPosition, DocxPassage, DocxText, Paragraph, RowKey
from nioc_paper.review.merge.merge_context import MergeContext, find_author
from nioc_paper.review.merge.pairing import Pair, find_place, pair_passages, restore_passages
from nioc_paper.review.merge.paragraph_places import ParagraphPlace
from nioc_paper.review.merge.source_map import AlignedPassage
from nioc_paper.review.merge.source_ranges import SourceRanges
from nioc_paper.review.merge.text_edits import MergeConflict, fault_reason

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
            place = next(filter(None, (self.base[i].source_paragraph for i in reversed(before))), None)
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
            return "" if self._has_same_shape(table) or self._has_like_rows(table) else _SHAPE
        except Exception as error:  # noqa: BLE001 - whatever fails, the rest of the file is merged
            return fault_reason(error)

    def _has_same_shape(self, table: _SentTable) -> bool:
        """Return whether each cell has its place, and words; and whether there are no other cells and rows."""
        pairs = [self.pair_of[i] for i in table.cells]
        sent, received = [self.base[i].passage for i in table.cells], [self.edited[j] for p in pairs for j in p.edited]
        if any(pair.moved or not self._is_kept(i) for i, pair in zip(table.cells, pairs, strict=True)):
            return False
        return self._shape(sent) == self._shape(received)

    def _has_like_rows(self, table: _SentTable) -> bool:
        """Return whether all rows are plain ones of a pipe table, below its first one, and have its columns.

        Rows may be new or gone, and single cells empty or filled.
        """
        sent = {i: cell for i in table.cells if (cell := self.base[i].passage.paragraph.cell)}
        partners = [(i, pair.edited) for i in table.cells if (pair := self.pair_of[i]).edited]
        partner_cells = [self.edited[js[0]].paragraph.cell for _, js in partners]
        number = next((cell.table for cell in partner_cells if cell), None)
        received = {j: cell for j, p in enumerate(self.edited) if (cell := p.paragraph.cell) and cell.table == number}
        filled = {cell.row for j, cell in received.items() if self.edited[j].paragraph.tokens}
        lengths = {n: length for (each, n), length in self.lengths.items() if each == number}
        sources = [source for i in sent if (source := self.base[i].source_paragraph)]
        columns = {len(self.ranges.find_cells(source)) for source in sources} | {*lengths.values()}
        places = [(sent[i], received.get(js[0])) for i, js in partners]
        rows = {(old.row, new.row) for old, new in places if new}
        passages = [*(self.base[i].passage for i in sent), *(self.edited[j] for j in received)]
        return (
            len(columns) == 1
            and filled == {*lengths}
            and not any(passage.cell_merge for passage in passages)
            and all(len({*cells.values()}) == len(cells) for cells in (sent, received))
            and all(not self.pair_of[i].moved and len(js) == 1 == len(self.pair_of[i].base) for i, js in partners)
            and all(new and old.column == new.column for old, new in places)
            and min(rows, default=None) == (min(cell.row for cell in sent.values()), 0)
            and all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(sorted(rows)))
        )

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


# --- rows and cells of pipe tables that are new or gone ---------------------------------------------------------------


class RowEditor:
    """Edits rows and cells; `restore_tables` has left the tables in which that is not possible."""

    def __init__(self, context: MergeContext) -> None:
        self.context = context
        self.written_rows = set[RowKey]()

    def add(self, index: int, cell: CellPosition) -> None:
        """Write a new passage into its empty cell, or its whole row below the one before it."""
        context = self.context
        row = {j: c for j, p in enumerate(context.edited) if (c := p.paragraph.cell) and c.row_key == cell.row_key}
        known = (i for pair in context.pairs if not row.keys().isdisjoint(pair.edited) for i in pair.base)
        sibling = next(filter(None, (context.base[i].source_paragraph for i in known)), None)
        if sibling is not None:
            unit, text = context.new_unit(), self._write_cell(index, cell)
            context.add_edit(*context.ranges.find_cells(sibling)[cell.column], text, unit, self._author(index))
        elif cell.row_key not in self.written_rows and (previous := context.previous_paragraph()):
            self.written_rows.add(cell.row_key)
            context.current_pair = Pair((), tuple(row))
            unit, (start, offset) = context.new_unit(), context.ranges.find_lines(previous)
            texts = ["  "] * len(context.ranges.find_cells(previous))
            for j, each in row.items():
                texts[each.column] = self._write_cell(j, each)
            indent, offset = context.text[start:offset].partition("|")[0], context.ranges.find_row_end(previous)
            context.add_edit(offset, offset, f"\n{indent}|{'|'.join(texts)}|", unit, self._author(index))

    def _write_cell(self, index: int, cell: CellPosition) -> str:
        """Return the Markdown of a new passage, which is expected in the last unit."""
        context = self.context
        tokens = context.prepare_new(context.edited[index].paragraph.tokens)
        context.expect(max(context.result.pairs_by_unit), "text", tokens, ParagraphPlace(column=cell.column))
        return f" {context.render(tokens)} "

    def _author(self, index: int) -> str:
        return find_author(self.context.edited[index])

    def remove(self, index: int, paragraph: Paragraph, cell: CellPosition) -> None:
        """Take out a row of which no cell is left, or the words of a cell."""
        context = self.context
        author = context.find_remover(context.base[index])
        if context.are_all_removed(lambda other: other.cell is not None and other.cell.row_key == cell.row_key):
            context.remove_lines(*context.ranges.find_lines(paragraph), author)
        else:
            context.add_edit(*context.ranges.find_cells(paragraph)[cell.column], "  ", context.new_unit(), author)
