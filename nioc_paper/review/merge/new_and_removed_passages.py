"""Passages that are gone or new in a received file: paragraphs, items, cells, and notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nioc_paper.review.docx.docx_styles import INSTRUCTIONS_STYLE
from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.docx.paragraph import Paragraph, Token
from nioc_paper.review.merge.merge_context import MergeContext, find_author
from nioc_paper.review.merge.pairing import Pair
from nioc_paper.review.merge.rejected_changes import BODY_STYLE, KindCheck
from nioc_paper.review.merge.structure import ParagraphPlace
from nioc_paper.review.merge.token_markdown import render_block, render_inlines

_EMPTIED_REASON = "the text of a note was taken out, and its number stays; take out its number"

_CAPTION_REASON = "the caption of a table was taken out; take it out by hand, with the references to it"


class PassageRemover:
    """Takes passages out of the text."""

    def __init__(self, context: MergeContext, kinds: KindCheck) -> None:
        self.context = context
        self.kinds = kinds

    def remove(self, index: int) -> None:
        """Take a sent passage out, with what belongs to it alone."""
        base, paragraph = self.context.base[index], self.context.base[index].source_paragraph
        if base.passage.style == INSTRUCTIONS_STYLE:
            return
        author = self.context.find_remover(base)
        if paragraph is None:
            neighbours = (self.context.find_neighbour(index, step) for step in (-1, 1))
            if not any(n in self.context.removed for n in neighbours if n is not None):
                self.kinds.report_generated([base], [])
        elif paragraph.note:
            if self._is_note_called(paragraph.note):
                self._remove_lines(paragraph, author)
        elif (div := self.context.ranges.find_div(paragraph)) and self.context.are_all_removed(
            lambda other: div in other.divs
        ):
            self.context.remove_lines(*self.context.source.div_ranges[div], author)
        elif (table := self.context.ranges.find_table_of(paragraph)) is not None:
            self._remove_from_table(index, table)
        elif paragraph.kind == "code" or not any(t.span for t in paragraph.tokens):
            self.context.refuse(Pair((index,)), "code was taken out")
        else:
            self._remove_lines(paragraph, author)

    def _remove_from_table(self, index: int, table: int) -> None:
        """Take out a table if no cell of it is left; a caption alone stays."""
        if self.context.are_all_removed(lambda other: other.cell is not None and other.cell.table == table):
            author = self.context.find_remover(self.context.base[index])
            self.context.remove_lines(*self.context.ranges.find_table(table), author)
        else:
            self.context.refuse(Pair((index,)), _CAPTION_REASON)

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
            author = next(e.author for e in self.context.result.edits if e.unit == unit)
            self.context.add_edit(*self.context.ranges.widen_line_removal(start, end), "", unit, author)
            return
        for index, aligned in enumerate(self.context.base):
            if index in self.context.removed and aligned.passage.paragraph.note == atom:
                self.context.refuse(Pair((index,)), _EMPTIED_REASON)


# --- passages that are new in a received file -------------------------------------------------------------------------


_NOTE_REASON = "the note belongs to words that the tool makes, or that are not changed"


class PassageAdder:
    """Puts new passages into the text."""

    def __init__(self, context: MergeContext) -> None:
        self.context = context
        self.note_units: dict[str, int] = {}
        """Unit of the passage that calls a new note, by the note's name."""

    def add(self, passage: DocxPassage) -> None:
        """Put a passage in after the one before it."""
        paragraph = passage.paragraph
        if not paragraph.tokens:
            return
        if paragraph.note:
            self._add_note(passage)
        elif words := self.context.prepare_new(paragraph.tokens):
            self._add_paragraph(passage, words)

    def _add_paragraph(self, passage: DocxPassage, tokens: Sequence[Token]) -> None:
        paragraph, unit = passage.paragraph, self.context.new_unit()
        text = render_inlines(tokens, self.context.vocabulary.atom_texts, sentence_lines=paragraph.kind == "para")
        previous = self.context.previous_paragraph()
        inside_div = self._belongs_to_div(previous, passage)
        offset, before, after = self.context.ranges.find_insertion(previous, paragraph, inside=inside_div)
        new_text = before + render_block(paragraph, text, self.context.ranges.find_list_marker(previous, paragraph))
        notes = "".join(self.render_new_notes(new_text, unit))
        self.context.add_edit(offset, offset, new_text + notes + after, unit, find_author(passage))
        place = ParagraphPlace(paragraph.level if paragraph.kind == "item" else 0)
        self.context.expect(unit, "text", tokens, place)

    def _belongs_to_div(self, previous: Paragraph | None, passage: DocxPassage) -> bool:
        """Return whether a new passage belongs to the Div of the one before it, by its style or by the next passage."""
        div = self.context.ranges.find_div(previous) if previous is not None else 0
        if not div or self.context.last_base is None:
            return False
        paragraph = self.context.next_paragraph()
        return not BODY_STYLE.match(passage.style) or (
            paragraph is not None and self.context.ranges.find_div(paragraph) == div
        )

    def _add_note(self, passage: DocxPassage) -> None:
        """Expect a note's text, which was written with its call; reject a further paragraph of an old note."""
        paragraph = passage.paragraph
        if paragraph.note in self.note_units:
            self.context.expect(self.note_units[paragraph.note], "note", self.context.prepare_new(paragraph.tokens))
        else:
            is_new = paragraph.note in self.context.note_labels
            reason = _NOTE_REASON if is_new else "a paragraph was added to a note"
            self.context.report([], [passage], reason)

    def render_new_notes(self, new_text: str, unit: int) -> Iterator[str]:
        """Yield the definitions of the new notes that new text calls, to follow the paragraph."""
        for atom, label in self.context.note_labels.items():
            if f"[^{label}]" not in new_text:
                continue
            self.note_units[atom] = unit
            paragraphs = [p.paragraph for p in self.context.edited if p.paragraph.note == atom and p.paragraph.tokens]
            texts = [
                render_inlines(self.context.prepare_new(paragraph.tokens), self.context.vocabulary.atom_texts)
                for paragraph in paragraphs
            ]
            yield f"\n\n[^{label}]: " + "\n\n    ".join(texts)
