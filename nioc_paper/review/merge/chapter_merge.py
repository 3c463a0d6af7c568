"""A chapter with what came back in Word put into its Markdown: proven word by word, or not done and said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import get_args

from nioc_paper.model import Node
from nioc_paper.review.docx.bookmarks import add_bookmarks
from nioc_paper.review.docx.docx_text import DocxPassage, DocxText
from nioc_paper.review.docx.paragraph import Stream
from nioc_paper.review.merge.alignment import AlignedPassage, align_passages
from nioc_paper.review.merge.chapter_diff import diff_chapter
from nioc_paper.review.merge.context import ChapterEdits
from nioc_paper.review.merge.edits import Edit, apply_edits
from nioc_paper.review.merge.passage_diff import MergeConflict
from nioc_paper.review.merge.source import locate_words
from nioc_paper.review.merge.vocabulary import FormattedWord, formatted_word

_MAX_ROUNDS = 8
_UNVERIFIED = "the change would not read as it does in Word"
ParseMarkdown = Callable[[str], Sequence[Node]]
"""Markdown to pandoc's tree."""


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What became of a chapter."""

    edits: tuple[Edit, ...]
    """Changes of the text as it was sent, each proven."""
    conflicts: tuple[MergeConflict, ...]
    """Changes that were not made."""

    def apply_to(self, source: str, authors: Iterable[str] | None = None) -> str:
        """The text with the changes made, those of some authors alone when they are named."""
        wanted = None if authors is None else set(authors)
        return apply_edits(source, [e for e in self.edits if wanted is None or e.author in wanted])


def merge_chapter(text: str, base: DocxText, edited: DocxText, parse: ParseMarkdown) -> MergeResult:
    """The changes of a chapter's text, front matter blanked, that make it read what came back.

    `sent` is the file as it went out, `got` as it came back. The new text is parsed again and compared with what was
    received; a change that does not read as it should is taken back, reported, and the rest tried again.
    """
    bookmarked = add_bookmarks(parse(text))
    source = locate_words(text, bookmarked.paragraphs)
    aligned = align_passages(base, source)
    conflicts: dict[MergeConflict, None] = {}
    for _ in range(_MAX_ROUNDS):
        chapter_edits = diff_chapter(aligned, edited, source, bookmarked)
        conflicts |= dict.fromkeys(chapter_edits.conflicts)
        failed_units = _find_failed_units(chapter_edits, text, parse)
        if not failed_units:
            return MergeResult(tuple(chapter_edits.edits), tuple(conflicts))
        conflicts |= dict.fromkeys(_unverified_conflicts(chapter_edits, failed_units, aligned, edited))
        edited = replace(edited, passages=_revert_units(chapter_edits, failed_units, aligned, edited.passages))
    return MergeResult(
        (),
        tuple(
            conflicts
            | dict.fromkeys(_unverified_conflicts(chapter_edits, set(chapter_edits.pairs_by_unit), aligned, edited))
        ),
    )


def _find_failed_units(chapter_edits: ChapterEdits, text: str, parse: ParseMarkdown) -> set[int]:
    """The units whose changes do not make the text read what it must; all, where that cannot be told apart."""
    changed_units = {e.unit for e in chapter_edits.edits}
    if not changed_units:
        return set()
    try:
        actual_by_stream = _read_streams(apply_edits(text, chapter_edits.edits), parse)
    except ValueError:
        return _find_overlapping_units(chapter_edits.edits)
    failed_units: set[int] = set()
    for stream in get_args(Stream):
        expected = [paragraph for paragraph in chapter_edits.expected if paragraph.stream == stream]
        actual = actual_by_stream.get(stream, [])
        ops = SequenceMatcher(None, [read.words for read in expected], actual, autojunk=False).get_opcodes()
        for tag, i1, i2, *_ in ops:
            if tag != "equal":
                # Of those that stand side by side the ones to blame are not there at all.
                suspects = [read for read in expected[i1:i2] if read.words not in actual]
                suspects = suspects or expected[i1:i2] or expected[max(i1 - 1, 0) : i1 + 1]
                failed_units |= {read.unit for read in suspects} or changed_units
    # A change shows where it is read, and that can be the passage beside it.
    return failed_units if failed_units & changed_units or not failed_units else changed_units


def _read_streams(text: str, parse: ParseMarkdown) -> dict[Stream, list[tuple[FormattedWord, ...]]]:
    """What each leaf of a text reads, by kind, in the order of the text."""
    bookmarked = add_bookmarks(parse(text))
    words_by_stream: dict[Stream, list[tuple[FormattedWord, ...]]] = {}
    for paragraph in bookmarked.paragraphs:
        if paragraph.tokens:
            words_by_stream.setdefault(paragraph.stream, []).append(
                tuple(formatted_word(t, t.formatting, bookmarked.atom_values) for t in paragraph.tokens)
            )
    return words_by_stream


def _find_overlapping_units(edits: Iterable[Edit]) -> set[int]:
    """The units of changes that are about the same characters."""
    units: set[int] = set()
    ordered = sorted(edits, key=lambda e: (e.start, e.end))
    for before, after in pairwise(ordered):
        if after.start < before.end:
            units |= {before.unit, after.unit}
    return units


def _unverified_conflicts(
    chapter_edits: ChapterEdits, failed_units: set[int], base: Sequence[AlignedPassage], edited: DocxText
) -> Iterator[MergeConflict]:
    for unit in sorted(failed_units & {e.unit for e in chapter_edits.edits}):
        pair = chapter_edits.pairs_by_unit[unit]
        before = " ¶ ".join(base[i].passage.paragraph.text for i in pair.base)
        after = " ¶ ".join(edited.passages[j].paragraph.text for j in pair.edited)
        first = min((e for e in chapter_edits.edits if e.unit == unit), key=lambda e: e.start)
        yield MergeConflict(first.start, before, after, _UNVERIFIED, first.author)


def _revert_units(
    chapter_edits: ChapterEdits, failed_units: set[int], base: Sequence[AlignedPassage], edited: Sequence[DocxPassage]
) -> list[DocxPassage]:
    """What was received, but with some passages as they were sent."""
    replacements: dict[int, list[DocxPassage]] = {}
    restored: list[int] = []
    for unit in failed_units:
        if pair := chapter_edits.pairs_by_unit.get(unit):
            replacements |= {j: [] for j in pair.edited}
            if pair.edited and pair.base:
                replacements[pair.edited[0]] = [base[i].passage for i in pair.base]
            elif pair.base:
                restored += pair.base
    out = [passage for j, old in enumerate(edited) for passage in replacements.get(j, [old])]
    for i in sorted(restored):
        # Behind the passage that stood before it and is still there.
        before = {bookmark for aligned in base[:i] for bookmark in aligned.passage.bookmarks}
        index = max((n for n, passage in enumerate(out) if before & set(passage.bookmarks)), default=-1)
        out.insert(index + 1, base[i].passage)
    return out
