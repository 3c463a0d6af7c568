"""The changes of a chapter in the making: what is compared, what is known of it, and what was found so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from nioc_paper.review.docx.bookmarks import BookmarkedTree
from nioc_paper.review.docx.docx_text import DocxPassage, DocxText
from nioc_paper.review.docx.paragraph import Paragraph, Stream, Token
from nioc_paper.review.merge.alignment import AlignedPassage, collect_rendered_atoms
from nioc_paper.review.merge.edits import Edit
from nioc_paper.review.merge.notes import match_notes, new_note_labels
from nioc_paper.review.merge.pairing import Pair, pair_passages
from nioc_paper.review.merge.passage_diff import MergeConflict
from nioc_paper.review.merge.source import MarkdownSource
from nioc_paper.review.merge.source_ranges import SourceRanges
from nioc_paper.review.merge.vocabulary import FormattedWord, Vocabulary, formatted_words, recognize_atoms


@dataclass(frozen=True, slots=True)
class ExpectedParagraph:
    """What a paragraph of the new text must read."""

    unit: int
    stream: Stream
    words: tuple[FormattedWord, ...]


@dataclass(slots=True)
class ChapterEdits:
    """All changes of a chapter."""

    edits: list[Edit] = field(default_factory=list)
    conflicts: list[MergeConflict] = field(default_factory=list)
    expected: list[ExpectedParagraph] = field(default_factory=list)
    pairs_by_unit: dict[int, Pair] = field(default_factory=dict)
    """The passages of each unit."""


class MergeContext:
    """What the parts of a comparison share."""

    def __init__(
        self, base: Sequence[AlignedPassage], docx_text: DocxText, source: MarkdownSource, bookmarked: BookmarkedTree
    ) -> None:
        self.base = base
        self.source = source
        self.text = source.text
        self.ranges = SourceRanges(source, bookmarked.div_classes)
        self.row_lengths = docx_text.row_lengths
        self.shifts_notes = docx_text.shifts_notes
        self.edited, new_notes = match_notes(base, docx_text.passages)
        self.note_labels = dict(zip(new_notes, new_note_labels(source.text), strict=False))
        self.pairs = pair_passages(base, self.edited)
        self.vocabulary = Vocabulary(
            source,
            {**source.atom_texts, **{atom: f"[^{label}]" for atom, label in self.note_labels.items()}},
            bookmarked.atom_values,
            {name: words for name, words in collect_rendered_atoms(base).items() if name.startswith(("cite", "xref"))},
        )
        self.removed = {p.base[0] for p in self.pairs if not p.edited}
        self.unit_numbers = count(1)
        self.current_pair = Pair()
        self.last_base: int | None = None
        """The passage that was sent after which what is new belongs."""
        self.removed_ranges: set[tuple[int, int]] = set()
        self.result = ChapterEdits()

    def new_unit(self) -> int:
        """A number for changes of the passages in hand: they stand or fall together."""
        number = next(self.unit_numbers)
        self.result.pairs_by_unit[number] = self.current_pair
        return number

    def recognize_atoms(self, tokens: Sequence[Token]) -> list[Token]:
        """New words, with the citations and references of the paper in them known."""
        return recognize_atoms(tokens, self.vocabulary)

    def expect(self, unit: int, stream: Stream, tokens: Sequence[Token]) -> None:
        """Note what a paragraph of the new text must read."""
        self.result.expected.append(ExpectedParagraph(unit, stream, formatted_words(tokens, self.vocabulary)))

    def add_edit(self, start: int, end: int, text: str, unit: int, author: str) -> None:
        """Note a change."""
        self.result.edits.append(Edit(start, end, text, unit, author))

    def remove_lines(self, start: int, end: int, unit: int, author: str) -> None:
        """Note that lines go."""
        self.result.edits += self.make_removal(start, end, unit, author)

    def add_conflict(self, offset: int, base: str, edited: str, reason: str, author: str) -> None:
        """Note a change that is not made."""
        self.result.conflicts.append(MergeConflict(offset, base, edited, reason, author))

    def current_offset(self) -> int:
        """About where the passages in hand are, in the source."""
        paragraph = self.previous_paragraph()
        return self.ranges.find_lines(paragraph)[0] if paragraph else 0

    def previous_paragraph(self) -> Paragraph | None:
        """The leaf after which what is new belongs."""
        return self.base[self.last_base].source_paragraph if self.last_base is not None else None

    def find_neighbour(self, index: int, step: int) -> int | None:
        """The next passage that was sent, in the direction of `step`, that the source has."""
        index += step
        while 0 <= index < len(self.base):
            if self.base[index].source_paragraph is not None:
                return index
            index += step
        return None

    def are_all_removed(self, matches: Callable[[Paragraph], bool]) -> bool:
        """Whether every leaf of some kind is gone."""
        return all(
            i in self.removed
            for i, passage in enumerate(self.base)
            if passage.source_paragraph is not None and matches(passage.source_paragraph)
        )

    def make_removal(self, start: int, end: int, unit: int, author: str) -> list[Edit]:
        """Lines taken out, once."""
        if (start, end) in self.removed_ranges:
            return []
        self.removed_ranges.add((start, end))
        return [Edit(*self.ranges.widen_line_removal(start, end), "", unit, author)]


def find_author(passage: DocxPassage) -> str:
    """Who changed something in a passage, where the file tells."""
    return passage.author or next((t.author for t in passage.paragraph.tokens if t.author), "")
