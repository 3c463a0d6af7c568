"""New and removed cells and rows of tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.docx.paragraph import CellPosition, Paragraph, RowKey
from nioc_paper.review.merge.merge_context import MergeContext, find_author
from nioc_paper.review.merge.token_markdown import render_inlines


class TableEditor:
    """Edits tables by rows and cells; `restore_tables` has left those that cannot be edited so."""

    def __init__(self, context: MergeContext) -> None:
        self.context = context
        self.written_rows: set[RowKey] = set()
        """New rows already written."""
        self.passage_counts = Counter(p.source_paragraph.cell for p in context.base if p.source_paragraph)

    def add_cell(self, passage: DocxPassage, cell: CellPosition) -> None:
        """Add a passage in a new cell: fill an empty cell, or add a row."""
        row_indexes = [
            j
            for j, p in enumerate(self.context.edited)
            if p.paragraph.cell and p.paragraph.cell.row_key == cell.row_key
        ]
        sibling, previous = self._find_sibling(row_indexes), self.context.previous_paragraph()
        bounds = self.context.ranges.find_cell(sibling, cell.column) if sibling is not None else None
        if sibling is not None and bounds and self._has_same_columns(cell, sibling):
            self._fill_cell(passage, bounds)
        elif sibling is None and previous is not None and previous.cell and self._has_same_columns(cell, previous):
            if cell.row_key not in self.written_rows:
                self.written_rows.add(cell.row_key)
                self._add_row(cell, [self.context.edited[j] for j in row_indexes], previous)
        else:
            self._report(passage, self.context.current_offset(), "a cell is new; change the table by hand")

    def _find_sibling(self, row_indexes: Sequence[int]) -> Paragraph | None:
        """Return a paragraph of the source in this row; None if the row is new."""
        in_row = (p for p in self.context.pairs if set(p.edited) & set(row_indexes))
        return next((self.context.base[i].source_paragraph for p in in_row for i in p.base), None)

    def _has_same_columns(self, cell: CellPosition, paragraph: Paragraph) -> bool:
        """Return whether a row has as many cells as a paragraph's table."""
        ranges, columns = self.context.ranges, self.context.row_lengths[cell.row_key]
        source_columns = next(n for n in range(columns + 2) if ranges.find_cell(paragraph, n) is None)
        return bool(ranges.find_row_line(paragraph)) and source_columns == columns

    def _report(self, passage: DocxPassage, offset: int, reason: str) -> None:
        """Report a passage, together with those before it in the same cell."""
        conflicts, text = self.context.result.conflicts, passage.paragraph.text
        if conflicts and (conflicts[-1].offset, conflicts[-1].reason) == (offset, reason):
            text = f"{conflicts.pop().edited} ¶ {text}"
        self.context.add_conflict(offset, "", text, reason, find_author(passage))

    def _fill_cell(self, passage: DocxPassage, bounds: tuple[int, int]) -> None:
        unit, tokens = self.context.new_unit(), self.context.prepare_new(passage.paragraph.tokens)
        if self.context.text[slice(*bounds)].strip():
            self._report(passage, bounds[0], "a paragraph was added to a cell of a table")
            return
        text = render_inlines(tokens, self.context.vocabulary.atom_texts)
        self.context.add_edit(*bounds, f" {text} ", unit, find_author(passage))
        self.context.expect(unit, "text", tokens)

    def _add_row(self, first_cell: CellPosition, cells: Sequence[DocxPassage], previous: Paragraph) -> None:
        unit, offset = self.context.new_unit(), self.context.ranges.find_lines(previous)[1]
        texts = dict.fromkeys(range(self.context.row_lengths[first_cell.row_key]), "")
        for passage in cells:
            assert passage.paragraph.cell is not None
            tokens = self.context.prepare_new(passage.paragraph.tokens)
            column = passage.paragraph.cell.column
            texts[column] = " ".join(
                filter(None, (texts[column], render_inlines(tokens, self.context.vocabulary.atom_texts)))
            )
            self.context.expect(unit, "text", tokens)
        line = " | ".join(texts.values())
        bars = self.context.ranges.find_row_line(previous).lstrip().startswith("|")
        self.context.add_edit(offset, offset, f"\n| {line} |" if bars else f"\n{line}", unit, find_author(cells[0]))

    def remove_cell(self, index: int, paragraph: Paragraph, cell: CellPosition) -> None:
        """Remove a cell's passage with its row, or empty the cell; reports it if neither can be done."""
        base, bounds = self.context.base[index], self.context.ranges.find_cell(paragraph, cell.column)
        sent, author = base.passage.paragraph.cell, self.context.find_remover(base)
        if self.context.are_all_removed(lambda other: other.cell is not None and other.cell.row_key == cell.row_key):
            start, end = self.context.ranges.find_lines(paragraph)
            self.context.remove_range(start - 1, end, author)
        elif bounds and self.passage_counts[cell] == 1 and sent and self._has_same_columns(sent, paragraph):
            self.context.add_edit(*bounds, " ", self.context.new_unit(), author)
        else:
            self.context.report_removal(index, "a paragraph of a cell was taken out")
