"""Passages that are gone in a received file, and the notes that nothing calls any more."""

from __future__ import annotations

from nioc_paper.review.docx.docx_styles import INSTRUCTIONS_STYLE
from nioc_paper.review.docx.paragraph import Paragraph
from nioc_paper.review.merge.generated_text import GeneratedText
from nioc_paper.review.merge.merge_context import MergeContext
from nioc_paper.review.merge.pairing import Pair
from nioc_paper.review.merge.tables import TableEditor

_EMPTIED_REASON = "the text of a note was taken out, and its number stays; take out its number"

_CAPTION_REASON = "the caption of a table was taken out; take it out by hand, with the references to it"


class PassageRemover:
    """Takes passages out of the text."""

    def __init__(self, context: MergeContext, tables: TableEditor, generated: GeneratedText) -> None:
        self.context = context
        self.tables = tables
        self.generated = generated

    def remove(self, index: int) -> None:
        """Take a sent passage out, with what belongs to it alone."""
        base, paragraph = self.context.base[index], self.context.base[index].source_paragraph
        if base.passage.style == INSTRUCTIONS_STYLE:
            return
        if paragraph is None:
            neighbours = (self.context.find_neighbour(index, step) for step in (-1, 1))
            if not any(n in self.context.removed for n in neighbours if n is not None):
                self.generated.reject([base], [])
        elif paragraph.note:
            if self._is_note_called(paragraph.note):
                self._remove_lines(paragraph, base.passage.author)
        elif (div := self.context.ranges.find_div(paragraph)) and self.context.are_all_removed(
            lambda other: div in other.divs
        ):
            self.context.remove_lines(*self.context.source.div_ranges[div], base.passage.author)
        elif (table := self.context.ranges.find_table_of(paragraph)) is not None:
            self._remove_from_table(index, paragraph, table)
        elif paragraph.kind == "code" or not any(t.span for t in paragraph.tokens):
            self.context.report_removal(index, "code was taken out")
        else:
            self._remove_lines(paragraph, base.passage.author)

    def _remove_from_table(self, index: int, paragraph: Paragraph, table: int) -> None:
        """Take out a cell or a caption, with its whole table if no cell of that is left."""
        if self.context.are_all_removed(lambda other: other.cell is not None and other.cell.table == table):
            author = self.context.base[index].passage.author
            self.context.remove_lines(*self.context.ranges.find_table(table), author)
        elif paragraph.cell is not None:
            self.tables.remove_cell(index, paragraph, paragraph.cell)
        else:
            self.context.report_removal(index, _CAPTION_REASON)

    def _remove_lines(self, paragraph: Paragraph, author: str) -> None:
        """Take out the lines of a paragraph."""
        self.context.remove_lines(*self.context.ranges.find_lines(paragraph), author)

    def _is_note_called(self, note: str) -> bool:
        return any(t.atom == note for p in self.context.edited for t in p.paragraph.tokens)

    def remove_orphaned_notes(self) -> None:
        """Remove the definitions of notes that nothing calls any more."""
        source, text = self.context.source, self.context.text
        for atom, (start, end) in source.note_ranges.items():
            call_span = next(
                (t.span for paragraph in source.paragraphs for t in paragraph.tokens if t.atom == atom), None
            )
            other_calls = text.count(source.atom_texts[atom]) - text[start:end].count(source.atom_texts[atom])
            if call_span is not None and not self._is_note_called(atom) and other_calls <= 1:
                edits = self.context.result.edits
                unit = next((e.unit for e in edits if e.start <= call_span[0] and call_span[1] <= e.end), 0)
                with self.context.contain_fault(self.context.result.pairs_by_unit.get(unit, Pair())):
                    self._remove_note(atom, start, len(text[:end].rstrip("\n")), unit)

    def _remove_note(self, atom: str, start: int, end: int, unit: int) -> None:
        """Remove a note's definition with its call; reports it if the call stays, with unit 0."""
        if unit:
            self.context.add_edit(*self.context.ranges.widen_line_removal(start, end), "", unit, "")
            return
        for index, aligned in enumerate(self.context.base):
            if index in self.context.removed and aligned.passage.paragraph.note == atom:
                self.context.report_removal(index, _EMPTIED_REASON)
