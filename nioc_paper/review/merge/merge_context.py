"""Shared state of one chapter's merge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from operator import is_
from typing import Any

from msgspec import Struct, field

from nioc_paper.review.docx.bookmarks import BookmarkedTree
from nioc_paper.review.docx.docx_text import DocxPassage, DocxText, Paragraph, Stream, Token, links_in, tokenize
from nioc_paper.review.merge.atoms import FormattedWord, Vocabulary, formatted_words, recognize_atoms
from nioc_paper.review.merge.pairing import Pair, group_replaced, pair_passages
from nioc_paper.review.merge.paragraph_places import OUTSIDE_LISTS, ParagraphPlace, read_places
from nioc_paper.review.merge.source_map import AlignedPassage, MarkdownSource, collect_rendered_atoms, new_note_labels
from nioc_paper.review.merge.source_ranges import SourceRanges
from nioc_paper.review.merge.source_span import render_inlines
from nioc_paper.review.merge.text_edits import PLACE_REASON, Edit, MergeConflict, fault_reason, find_foreign
from nioc_paper.tree.strategy_items import ITEM_PREFIXES


class ExpectedParagraph(Struct, frozen=True):
    """Words that a paragraph of the new text must have."""

    unit: int
    stream: Stream
    words: tuple[FormattedWord, ...]
    place: ParagraphPlace = OUTSIDE_LISTS


class ChapterEdits(Struct):
    """All changes of a chapter."""

    edits: list[Edit] = field(default_factory=list)
    conflicts: list[MergeConflict] = field(default_factory=list)
    expected: list[ExpectedParagraph] = field(default_factory=list)
    pairs_by_unit: dict[int, Pair] = field(default_factory=dict)
    """Passages of each unit."""
    faults: dict[Pair, MergeConflict | None] = field(default_factory=dict)
    """Passages that stay as they were sent, with a report unless they are unchanged."""
    pairs: Sequence[Pair] = ()
    """All passages."""


class MergeContext:
    """State shared by the parts of a chapter's merge."""

    def __init__(
        self,
        base: Sequence[AlignedPassage],
        docx_text: DocxText,
        source: MarkdownSource,
        bookmarked: BookmarkedTree,
        new_notes: Sequence[str],
        lost: frozenset[str],
    ) -> None:
        """`new_notes` are names as in `match_notes`, `lost` marks as in `find_lost_marks`."""
        self.base = base
        self.source = source
        self.text = source.text
        self.ranges = SourceRanges(source, bookmarked.divs)
        self.places = read_places(bookmarked)
        self.shifts_notes = docx_text.shifts_notes
        self.edited = docx_text.passages
        self._docx_text = docx_text
        self.item_kinds = {**{kind: kind for kind in ITEM_PREFIXES}, **docx_text.item_labels}
        self.note_labels = dict(zip(new_notes, new_note_labels(source.text), strict=False))
        self.pairs = pair_passages(base, self.edited)
        self.replaced = group_replaced(self.pairs, base, self.edited)
        """Passages that are merged together or not at all, by the pair of each."""
        self.vocabulary = self._build_vocabulary(bookmarked, lost)
        self.removed = {p.base[0] for p in self.pairs if not p.edited}
        title = next((i for i, p in enumerate(base) if p.passage.paragraph.kind == "heading"), -1)
        above = (max(p.edited) for p in self.pairs if p.edited and p.base and max(p.base) <= title)
        self.title_index = max(above, default=-1)
        """Index of the received passage with the chapter's title, or of the last one above it."""
        self.unit_numbers = count(1)
        self.current_pair = Pair()
        self.last_base: int | None = None
        """Index of the sent passage after which new text goes."""
        self.removal_units: dict[tuple[int, int], int] = {}
        """Unit by removed range."""
        self.result = ChapterEdits(pairs=self.pairs)

    def _build_vocabulary(self, bookmarked: BookmarkedTree, lost: frozenset[str]) -> Vocabulary:
        """Return the atoms of the source with those of new notes, and the printed words of citations and references."""
        notes = {atom: f"[^{label}]" for atom, label in self.note_labels.items()}
        printed = collect_rendered_atoms(self.base).items()
        references = {name: words for name, words in printed if name.startswith(("cite", "xref"))}
        atom_texts, names = {**self.source.atom_texts, **notes}, self._docx_text.printed_labels.items()
        labels = {"".join(token.normalized for token in tokenize(label)): name for name, label in names}
        return Vocabulary(self.source, atom_texts, bookmarked.atom_values, references, labels, lost)

    def passages_of(self, pair: Pair) -> tuple[list[AlignedPassage], list[DocxPassage]]:
        """Return the sent and the received passages of a pair."""
        return [self.base[i] for i in pair.base], [self.edited[j] for j in pair.edited]

    @contextmanager
    def contain_fault(self, pair: Pair) -> Iterator[None]:
        """Merge some passages: an exception leaves nothing of them, and is recorded; as they were sent, they stay.

        A conflict leaves nothing of passages that are merged together.
        """
        result = self.result
        self.current_pair = pair = self.replaced.get(pair, pair)
        lists: tuple[list[Any], ...] = (result.edits, result.conflicts, result.expected)
        lengths = [len(each) for each in lists]
        try:
            yield
            if pair in self.replaced.values() and len(result.conflicts) > lengths[1]:
                result.faults[pair] = self.describe(*self.passages_of(pair), result.conflicts[-1].reason)
        except Exception as error:  # noqa: BLE001 - whatever fails, the rest of the file is merged
            for each, length in zip(lists, lengths, strict=True):
                del each[length:]
            base, edited = self.passages_of(pair)
            sent = [each.passage for each in base]
            if len(sent) == len(edited) and all(map(is_, sent, edited)):
                self._keep_in_place(pair)
                return
            old, new = ([[(t.text, t.formatting) for t in p.paragraph.tokens] for p in side] for side in (sent, edited))
            is_changed = pair.moved or old != new
            result.faults[pair] = self.describe(base, edited, fault_reason(error)) if is_changed else None

    def _keep_in_place(self, pair: Pair) -> None:
        """Record that passages stay that are as they were sent."""
        for index in pair.base:
            paragraph = self.base[index].source_paragraph
            if paragraph is not None:
                self.expect(self.new_unit(), paragraph.stream, paragraph.tokens, self.places[paragraph.bookmark])
                self.last_base = self.last_base if paragraph.note else index

    def describe(self, base: Sequence[AlignedPassage], edited: Sequence[DocxPassage], reason: str) -> MergeConflict:
        """Return the report that sent passages are not changed to received ones."""
        sent = [each.passage for each in base]
        place = next((each.source_paragraph for each in base if each.source_paragraph), None)
        offset = self.ranges.find_lines(place)[0] if place else 0
        old, new = (" ¶ ".join(p.paragraph.text for p in side) for side in (sent, edited))
        author = next(filter(None, (*map(find_author, edited), *map(self.find_remover, base))), "")
        return MergeConflict(offset or self.current_offset(), old, new, reason, author)

    def find_remover(self, base: AlignedPassage) -> str:
        """Return the author of the tracked deletion of a whole passage; empty if there is none."""
        return self._docx_text.find_remover(base.passage)

    def report(self, base: Sequence[AlignedPassage], edited: Sequence[DocxPassage], reason: str) -> None:
        """Record that sent passages are not changed to received ones."""
        self.result.conflicts.append(self.describe(base, edited, reason))

    def refuse(self, pair: Pair, reason: str) -> None:
        """Record that passages stay as they were sent: the merge is done again without their change."""
        pair = self.replaced.get(pair, pair)
        self.result.faults[pair] = self.describe(*self.passages_of(pair), reason)

    def new_unit(self) -> int:
        """Return a number for edits of the current passages, which are applied or reverted together."""
        number = next(self.unit_numbers)
        self.result.pairs_by_unit[number] = self.current_pair
        return number

    def prepare_new(self, tokens: Sequence[Token]) -> list[Token]:
        """Return new tokens with citations and references recognized, without what a chapter cannot hold."""
        foreign = {token for token, _ in find_foreign(tokens)}
        new = recognize_atoms([token for token in tokens if token not in foreign], self.vocabulary)
        return [t._replace(formatting=t.formatting.difference(links_in(t.formatting, inside=True))) for t in new]

    def render(self, tokens: Sequence[Token]) -> str:
        """Return new tokens as Markdown."""
        return render_inlines(tokens, self.vocabulary.atom_texts)

    def report_foreign(self, passage: DocxPassage, known: Sequence[Token] = ()) -> None:
        """Report what a chapter cannot hold of a new passage, and what is not known of one that the tool made."""
        tokens, base = passage.paragraph.tokens, " ".join(t.display for t in known if t.is_picture)
        reasons = [reason for _, reason in find_foreign(tokens, known)]
        new = () if known else recognize_atoms(tokens, self.vocabulary)
        reasons += [PLACE_REASON for t in new if links_in(t.formatting, inside=True) and not t.atom]
        for reason in dict.fromkeys(reasons):
            self.add_conflict(self.current_offset(), base, passage.paragraph.text, reason, find_author(passage))

    def expect(self, unit: int, stream: Stream, tokens: Sequence[Token], place: ParagraphPlace = OUTSIDE_LISTS) -> None:
        """Record the words and the place that a paragraph of the new text must have; one without words is none."""
        if tokens:
            words = formatted_words(tokens, self.vocabulary)
            self.result.expected.append(ExpectedParagraph(unit, stream, words, place))

    def add_edit(self, start: int, end: int, text: str, unit: int, author: str) -> None:
        """Record an edit."""
        self.result.edits.append(Edit(start, end, text, unit, author))

    def remove_lines(self, first: int, last: int, author: str) -> None:
        """Record the removal of lines; all passages that are gone with the same lines are one unit."""
        start, end = self.ranges.widen_line_removal(first, last)
        unit = self.removal_units.get((start, end))
        if unit is None:
            unit = self.removal_units[start, end] = self.new_unit()
            self.add_edit(start, end, "", unit, author)
        else:
            old, new = self.result.pairs_by_unit[unit], self.current_pair
            base, edited = {*old.base, *new.base}, {*old.edited, *new.edited}
            self.result.pairs_by_unit[unit] = Pair(tuple(sorted(base)), tuple(sorted(edited)))

    def add_conflict(self, offset: int, base: str, edited: str, reason: str, author: str) -> None:
        """Record a change that is not merged."""
        self.result.conflicts.append(MergeConflict(offset, base, edited, reason, author))

    def current_offset(self) -> int:
        """Return the approximate offset of the current passages in the source."""
        paragraph = self.previous_paragraph()
        return self.ranges.find_lines(paragraph)[0] if paragraph else 0

    def previous_paragraph(self) -> Paragraph | None:
        """Return the paragraph after which new text goes."""
        return self.base[self.last_base].source_paragraph if self.last_base is not None else None

    def next_paragraph(self) -> Paragraph | None:
        """Return the paragraph of the source before which new text goes."""
        index = self.find_neighbour(-1 if self.last_base is None else self.last_base, 1)
        return self.base[index].source_paragraph if index is not None else None

    def find_neighbour(self, index: int, step: int) -> int | None:
        """Return the index of the next sent passage in direction `step` that is in the source."""
        return next((i for i in self._walk(index, step) if self.base[i].source_paragraph is not None), None)

    def find_outside_cells(self, index: int, step: int) -> int:
        """Return the index of the next sent passage in direction `step` that is in no table; -1 if there is none."""
        return next((i for i in self._walk(index, step) if self.base[i].passage.paragraph.cell is None), -1)

    def _walk(self, index: int, step: int) -> range:
        return range(index + step, len(self.base) if step > 0 else -1, step)

    def are_all_removed(self, matches: Callable[[Paragraph], bool]) -> bool:
        """Return whether every matching paragraph is gone."""
        sources = ((i, passage.source_paragraph) for i, passage in enumerate(self.base))
        return all(i in self.removed for i, source in sources if source is not None and matches(source))


def find_author(passage: DocxPassage) -> str:
    """Return the author of changes in a passage; empty if the file names none."""
    return passage.author or next((t.author for t in passage.paragraph.tokens if t.author), "")
