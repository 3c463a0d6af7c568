"""Turn pairs of passages into the changes of a chapter: passages changed, new, gone and moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from nioc_paper.review.docx.docx_styles import INSTRUCTIONS_STYLE
from nioc_paper.review.docx.docx_text import BODY_STYLE, DocxPassage, Paragraph, Token
from nioc_paper.review.merge.atoms import formatted_words
from nioc_paper.review.merge.merge_context import ChapterEdits, ExpectedParagraph, MergeContext, find_author
from nioc_paper.review.merge.new_items import ItemEditor
from nioc_paper.review.merge.pairing import Pair
from nioc_paper.review.merge.paragraph_places import ParagraphPlace, describe_lost_field, find_lost_field
from nioc_paper.review.merge.passage_diff import PassageEdits, diff_passages
from nioc_paper.review.merge.rejected_changes import QUOTATION_STYLE, KindCheck
from nioc_paper.review.merge.source_map import AlignedPassage
from nioc_paper.review.merge.source_ranges import LIST_ITEM
from nioc_paper.review.merge.source_span import render_block, render_inlines
from nioc_paper.review.merge.table_changes import RowEditor
from nioc_paper.review.merge.text_edits import Edit, apply_edits

_JOIN_REASON = "it was joined with a caption, or with text that the tool makes"
_SHIFTED_REASON = "LibreOffice may have shifted a tracked change in a note by some letters"
_MOVED_REASON = "a part of a table, a note or a box was moved"
_EMPTIED_REASON = "the text of a note was taken out, and its number stays; take out its number"
_CAPTION_REASON = "the caption of a table was taken out; take it out by hand, with the references to it"
_NOTE_REASON = "the note belongs to words that the tool makes, or that are not changed"
_ABOVE_REASON = "it is a note to the authors, above the chapter"


def diff_chapter(context: MergeContext) -> ChapterEdits:
    """Return the changes that make the source read as received, but for lost marks."""
    return _ChapterDiff(context).run()


class _ChapterDiff:
    def __init__(self, context: MergeContext) -> None:
        self.context = context
        self.items = ItemEditor(context)
        self.rows = RowEditor(context)
        self.kinds = KindCheck(context)
        self.note_units: dict[str, int] = {}
        """Unit of the passage that calls a new note, by the note's name."""
        self.absorbed: set[int] = set()
        """Sent passages whose words are in a neighbour now; they are not removed."""

    def run(self) -> ChapterEdits:
        for pair in self.context.pairs:
            with self.context.contain_fault(pair):
                self.merge_pair(pair)
        self.remove_orphaned_notes()
        return self.context.result

    def merge_pair(self, pair: Pair) -> None:
        base, edited = self.context.passages_of(pair)
        if not base:
            self.context.report_foreign(edited[0])
        if base and edited:
            self.diff_pair(pair, base, edited)
        elif edited and pair.edited[0] < self.context.title_index:
            if edited[0].paragraph.tokens:
                self.context.report([], edited, _ABOVE_REASON)
        elif edited and edited[0].paragraph.cell is not None:
            self.rows.add(pair.edited[0], edited[0].paragraph.cell)
        elif edited and not self.items.add(pair.edited[0]):
            self.add_passage(edited[0])
        elif base and pair.base[0] not in self.absorbed:
            self.remove(pair.base[0])

    def diff_pair(self, pair: Pair, base: Sequence[AlignedPassage], edited: Sequence[DocxPassage]) -> None:
        if base[0].is_generated:
            self.kinds.report_generated(base, edited, is_moved=pair.moved)
            return
        edited = [self.kinds.without_sign(base[0].passage, edited[0]), *edited[1:]]
        if absorbed := [*self.find_absorbed(pair, edited)]:
            self.absorbed |= {*absorbed}
            self.context.refuse(Pair(tuple(sorted((*pair.base, *absorbed))), pair.edited), _JOIN_REASON)
            return
        paragraph = base[-1].source_paragraph
        assert paragraph is not None
        unit = self.context.new_unit()
        result = self.check_whole(base, edited) or diff_passages(base, edited, self.context.vocabulary, unit)
        edits = result.edits
        self.kinds.report(base[0], edited)
        self.context.result.conflicts += result.conflicts
        places = [self.context.places[p.source_paragraph.bookmark] for p in base if p.source_paragraph]
        if pair.moved and (self.is_part(paragraph) or edited[0].paragraph.cell or edited[0].paragraph.note):
            self.context.refuse(pair, _MOVED_REASON)
            return
        if pair.moved:
            edits, level = self.move_paragraph(paragraph, edits, unit, edited[0])
            places = [ParagraphPlace(level)]
        elif not paragraph.note:
            self.context.last_base = pair.base[-1]
        self.context.result.edits += edits
        self.expect(unit, base, result, places)
        offset = self.context.ranges.find_blank_line(paragraph)
        notes = self.render_new_notes("".join(e.text for e in edits), unit)
        self.context.result.edits += (Edit(offset, offset, text, unit) for text in notes)

    def find_absorbed(self, pair: Pair, edited: Sequence[DocxPassage]) -> Iterator[int]:
        """Yield the neighbours that cannot be joined with these passages, and whose words are in them now."""
        words = tuple(word for passage in edited for word in passage.paragraph.normalized_words)
        for start, step in ((min(pair.base), -1), (max(pair.base), 1)):
            i = self.context.find_outside_cells(start, step)
            if i in self.context.removed:
                # Where two passages meet, their words may have become one.
                absorbed = self.context.base[i].passage.paragraph.normalized_words
                inner = absorbed[:-1] or absorbed if step < 0 else absorbed[1:] or absorbed
                edge = words[: len(inner)] if step < 0 else words[len(words) - len(inner) :]
                if inner and edge == inner:
                    yield i

    def check_whole(self, base: Sequence[AlignedPassage], edited: Sequence[DocxPassage]) -> PassageEdits | None:
        """Report changes of passages none of which can be merged; returns None for others."""
        paragraph = base[0].source_paragraph
        assert paragraph is not None
        reason = ""
        if self.context.shifts_notes and paragraph.note and any(map(find_author, edited)):
            reason = _SHIFTED_REASON
        for item, source in ((each, each.source_paragraph) for each in base):
            record = self.context.places[source.bookmark].record if source and source.kind == "item" else ""
            lost = find_lost_field([item.passage], edited) if record else ""
            reason = reason or (describe_lost_field(record, lost) if lost else "")
        if not reason:
            return None
        self.context.report(base, edited, reason)
        return PassageEdits()

    def expect(
        self, unit: int, base: Sequence[AlignedPassage], result: PassageEdits, places: Sequence[ParagraphPlace]
    ) -> None:
        """Record what paragraphs must have; those that one was split into have its place."""
        paragraphs = [p.source_paragraph for p in base if p.source_paragraph]
        # Unchanged paragraphs read as before, however much of them was found in Word.
        unchanged = [formatted_words(p.tokens, self.context.vocabulary) for p in paragraphs]
        self.context.result.expected += [
            ExpectedParagraph(unit, paragraphs[0].stream, tuple(words), places[min(n, len(places) - 1)])
            for n, words in enumerate(result.expected if result.edits else unchanged)
            if words
        ]

    def is_part(self, paragraph: Paragraph) -> bool:
        """Return whether a passage cannot be moved, because it is part of something else."""
        return bool(paragraph.cell or paragraph.note or paragraph.kind == "caption" or paragraph.divs)

    def move_paragraph(
        self, paragraph: Paragraph, edits: list[Edit], unit: int, edited: DocxPassage
    ) -> tuple[list[Edit], int]:
        """Move a passage: delete it with its edits, and insert it at its new place. Returns its level there."""
        start, end = self.context.ranges.find_lines(paragraph)
        inner_edits = [replace(e, start=e.start - start, end=e.end - start) for e in edits]
        previous = self.context.previous_paragraph()
        offset, before, after = self.context.ranges.find_insertion(previous, paragraph)
        text, level = apply_edits(self.context.text[start:end], inner_edits), 0
        if (marker := LIST_ITEM.match(text)) and edited.paragraph.kind == paragraph.kind == "item":
            item = edited.paragraph if previous and previous.kind == "item" else replace(edited.paragraph, level=1)
            text = self.context.ranges.find_list_marker(previous, item) + text[marker.end() :]
            level = item.level
        removal = Edit(*self.context.ranges.widen_line_removal(start, end), "", unit, find_author(edited))
        return [removal, Edit(offset, offset, before + text + after, unit, find_author(edited))], level

    # --- passages that are gone ---

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
            if self.is_note_called(paragraph.note):
                self.remove_passage(paragraph, author)
        elif (div := self.context.ranges.find_div(paragraph)) and self.context.are_all_removed(
            lambda other: div in other.divs
        ):
            self.context.remove_lines(*self.context.source.div_ranges[div], author)
        elif (table := self.context.ranges.find_table_of(paragraph)) is not None:
            self.remove_from_table(index, paragraph, table)
        elif paragraph.kind == "code" or not any(t.span for t in paragraph.tokens):
            self.context.refuse(Pair((index,)), "code was taken out")
        else:
            self.remove_passage(paragraph, author)

    def remove_from_table(self, index: int, paragraph: Paragraph, table: int) -> None:
        """Take out a cell, or the whole table if no cell of it is left; a caption alone stays."""
        if self.context.are_all_removed(lambda other: other.cell is not None and other.cell.table == table):
            author = self.context.find_remover(self.context.base[index])
            self.context.remove_lines(*self.context.ranges.find_table(table), author)
        elif paragraph.cell is not None:
            self.rows.remove(index, paragraph, paragraph.cell)
        else:
            self.context.refuse(Pair((index,)), _CAPTION_REASON)

    def remove_passage(self, paragraph: Paragraph, author: str) -> None:
        """Take out the lines of a paragraph."""
        self.context.remove_lines(*self.context.ranges.find_lines(paragraph), author)

    def is_note_called(self, note: str) -> bool:
        return any(t.atom == note for p in self.context.edited for t in p.paragraph.tokens)

    def remove_orphaned_notes(self) -> None:
        """Remove the definitions of notes that nothing calls any more."""
        source, text = self.context.source, self.context.text
        for atom, (start, end) in source.note_ranges.items():
            call_span = next((t.span for p in source.paragraphs for t in p.tokens if t.atom == atom), None)
            other_calls = text.count(source.atom_texts[atom]) - text[start:end].count(source.atom_texts[atom])
            if call_span is not None and not self.is_note_called(atom) and other_calls <= 1:
                edits = self.context.result.edits
                unit = next((e.unit for e in edits if e.start <= call_span[0] and call_span[1] <= e.end), 0)
                with self.context.contain_fault(self.context.result.pairs_by_unit.get(unit, Pair())):
                    self.remove_note(atom, start, len(text[:end].rstrip("\n")), unit)

    def remove_note(self, atom: str, start: int, end: int, unit: int) -> None:
        """Remove a note's definition with its call; reports it if the call stays, with unit 0."""
        if unit:
            author = next(e.author for e in self.context.result.edits if e.unit == unit)
            self.context.add_edit(*self.context.ranges.widen_line_removal(start, end), "", unit, author)
            return
        for index, aligned in enumerate(self.context.base):
            if index in self.context.removed and aligned.passage.paragraph.note == atom:
                self.context.refuse(Pair((index,)), _EMPTIED_REASON)

    # --- passages that are new ---

    def add_passage(self, passage: DocxPassage) -> None:
        """Put a passage in after the one before it."""
        paragraph = passage.paragraph
        if not paragraph.tokens:
            return
        if paragraph.note:
            self.add_note(passage)
        elif words := self.context.prepare_new(paragraph.tokens):
            self.add_paragraph(passage, words)

    def add_paragraph(self, passage: DocxPassage, tokens: Sequence[Token]) -> None:
        paragraph, unit = passage.paragraph, self.context.new_unit()
        text = render_inlines(tokens, self.context.vocabulary.atom_texts, sentence_lines=paragraph.kind == "para")
        previous = self.context.previous_paragraph()
        inside_div = self.belongs_to_div(previous, passage)
        offset, before, after = self.context.ranges.find_insertion(previous, paragraph, inside=inside_div)
        new_block = render_block(paragraph, text, self.context.ranges.find_list_marker(previous, paragraph))
        if paragraph.kind == "para" and QUOTATION_STYLE.match(passage.style):
            new_block = "> " + new_block.replace("\n", "\n> ")
        new_text = before + new_block
        notes = "".join(self.render_new_notes(new_text, unit))
        self.context.add_edit(offset, offset, new_text + notes + after, unit, find_author(passage))
        self.context.expect(unit, "text", tokens, ParagraphPlace(paragraph.level if paragraph.kind == "item" else 0))

    def belongs_to_div(self, previous: Paragraph | None, passage: DocxPassage) -> bool:
        """Return whether a new passage belongs to the Div of the one before it, by its style or by the next passage."""
        div = self.context.ranges.find_div(previous) if previous is not None else 0
        following = self.context.next_paragraph() if div else None
        is_before_same = following is not None and self.context.ranges.find_div(following) == div
        return bool(div) and (not BODY_STYLE.match(passage.style) or is_before_same)

    def add_note(self, passage: DocxPassage) -> None:
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
            tokens = [p.paragraph.tokens for p in self.context.edited if p.paragraph.note == atom]
            texts = (self.context.render(self.context.prepare_new(each)) for each in tokens if each)
            yield f"\n\n[^{label}]: " + "\n\n    ".join(texts)
