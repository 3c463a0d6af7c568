"""Passages that are new in a received file: paragraphs, items, cells, notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.docx.paragraph import Paragraph, Token
from nioc_paper.review.merge.kinds import BODY_STYLE
from nioc_paper.review.merge.merge_context import MergeContext, find_author
from nioc_paper.review.merge.tables import TableEditor
from nioc_paper.review.merge.token_markdown import render_block, render_inlines

_NOTE_REASON = "the note belongs to words that the tool makes, or that are not changed"


class PassageAdder:
    """Puts new passages into the text."""

    def __init__(self, context: MergeContext, tables: TableEditor) -> None:
        self.context = context
        self.tables = tables
        self.note_units: dict[str, int] = {}
        """Unit of the passage that calls a new note, by the note's name."""

    def add(self, passage: DocxPassage) -> None:
        """Put a passage in after the one before it."""
        paragraph = passage.paragraph
        if not paragraph.tokens:
            return
        if paragraph.note:
            self._add_note(passage)
        elif paragraph.cell is not None:
            self.tables.add_cell(passage, paragraph.cell)
        elif words := self.context.prepare_new(paragraph.tokens):
            self._add_paragraph(passage, words)

    def _add_paragraph(self, passage: DocxPassage, tokens: Sequence[Token]) -> None:
        paragraph, unit = passage.paragraph, self.context.new_unit()
        text = render_inlines(tokens, self.context.vocabulary.atom_texts, sentence_lines=paragraph.kind == "para")
        previous = self.context.previous_paragraph()
        inside_div = self._belongs_to_div(previous, passage)
        offset, before, after = self.context.ranges.find_insertion(previous, paragraph, inside=inside_div)
        new_text = before + render_block(paragraph, text, self.context.ranges.find_list_marker(previous, paragraph))
        if paragraph.kind == "item":
            self.context.place_item(unit, paragraph.level)
        notes = "".join(self.render_new_notes(new_text, unit))
        self.context.add_edit(offset, offset, new_text + notes + after, unit, find_author(passage))
        self.context.expect(unit, "text", tokens)

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
