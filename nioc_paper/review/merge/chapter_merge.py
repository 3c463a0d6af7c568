"""Merge a received Word file into a chapter's Markdown: each change is verified word by word, or reported."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import SequenceMatcher
from itertools import pairwise, permutations
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.model import Node
from nioc_paper.review.docx.bookmarks import BookmarkedTree, add_bookmarks
from nioc_paper.review.docx.docx_text import DocxText, Paragraph, Stream
from nioc_paper.review.merge.atoms import FormattedWord, formatted_word
from nioc_paper.review.merge.chapter_diff import diff_chapter
from nioc_paper.review.merge.merge_context import ChapterEdits, ExpectedParagraph, MergeContext
from nioc_paper.review.merge.pairing import Pair, revert_pairs
from nioc_paper.review.merge.paragraph_places import read_places
from nioc_paper.review.merge.rejected_changes import find_lost_marks
from nioc_paper.review.merge.source_map import AlignedPassage, MarkdownSource, align_passages, locate_words, match_notes
from nioc_paper.review.merge.source_ranges import SourceRanges
from nioc_paper.review.merge.table_changes import restore_tables
from nioc_paper.review.merge.text_edits import Edit, MergeConflict, apply_edits, fault_reason

_MAX_ROUNDS = 8
_MARGIN_REASON = "headers and footers are made by the tool; write in the chapter or in a comment"
_UNVERIFIED = "the change would not read as it does in Word"
ParseMarkdown = Callable[[str], Sequence[Node]]
"""Parses Markdown to pandoc's tree."""


class MergeResult(Struct, frozen=True):
    """Result of merging a chapter."""

    edits: tuple[Edit, ...]
    """Verified changes of the text as it was sent."""
    conflicts: tuple[MergeConflict, ...]
    """Changes that were not merged."""

    def apply_to(self, source: str, authors: Collection[str] | None = None) -> str:
        """Return the text with the changes applied; if `authors` are given, only theirs."""
        return apply_edits(source, [e for e in self.edits if authors is None or e.author in authors])


def merge_chapter(text: str, base: DocxText, edited: DocxText, parse: ParseMarkdown) -> MergeResult:
    """Return the changes that make a chapter's text, front matter blanked, read as received.

    `base` is the outgoing file, `edited` the received one. The new text is parsed again and compared with the received
    one; a change that does not read as expected is reverted and reported, and the rest is tried again. So is a change
    whose merge fails with an exception; if one has no passage, all changes are reported.
    """
    try:
        return _merge_verified(text, base, edited, parse)
    except Exception as error:  # noqa: BLE001 - the comments of the file must not be lost
        sent, received = ([passage.paragraph.text for passage in each.passages] for each in (base, edited))
        before, after = (" ¶ ".join(t for t in one if t not in other) for one, other in permutations((sent, received)))
        return MergeResult((), (MergeConflict(0, before, after, fault_reason(error)),))


def _merge_verified(text: str, base: DocxText, edited: DocxText, parse: ParseMarkdown) -> MergeResult:
    bookmarked = add_bookmarks(parse(text))
    source = locate_words(text, bookmarked.paragraphs)
    aligned, conflicts = align_passages(base, source), dict[MergeConflict, None]()
    lost = frozenset[str]()
    with _contain_fault(conflicts):
        lost, reports = find_lost_marks(aligned, edited)
        conflicts |= dict.fromkeys(reports)
    with _contain_fault(conflicts):
        conflicts |= dict.fromkeys(margin_conflicts(base, edited))
    passages, new_notes = match_notes(aligned, edited.passages)
    ranges = SourceRanges(source, bookmarked.divs)
    edited, tables = restore_tables(aligned, base.row_lengths, replace(edited, passages=passages), ranges)
    conflicts |= dict.fromkeys(tables)
    for _ in range(_MAX_ROUNDS):
        chapter_edits = diff_chapter(MergeContext(aligned, edited, source, bookmarked, new_notes, lost))
        failed_units = {} if chapter_edits.faults else _find_failed_units(chapter_edits, aligned, source, parse)
        reverted = [*chapter_edits.faults, *(chapter_edits.pairs_by_unit[unit] for unit in failed_units)]
        conflicts |= dict.fromkeys(() if chapter_edits.faults else chapter_edits.conflicts)
        if not reverted:
            return MergeResult(tuple(chapter_edits.edits), tuple(conflicts))
        conflicts |= dict.fromkeys(filter(None, chapter_edits.faults.values()))
        conflicts |= dict.fromkeys(_unverified_conflicts(chapter_edits, failed_units, aligned, edited))
        edited = replace(edited, passages=revert_pairs(reverted, chapter_edits.pairs, aligned, edited.passages))
    all_units = dict.fromkeys(chapter_edits.pairs_by_unit, _UNVERIFIED)
    conflicts |= dict.fromkeys(_unverified_conflicts(chapter_edits, all_units, aligned, edited))
    return MergeResult((), tuple(conflicts))


@contextmanager
def _contain_fault(conflicts: dict[MergeConflict, None]) -> Iterator[None]:
    """Do a step that the others do not need; its failure is reported."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever fails, the rest of the file is merged
        conflicts[MergeConflict(0, "", "", fault_reason(error))] = None


def margin_conflicts(base: DocxText, edited: DocxText) -> Iterator[MergeConflict]:
    """Yield a conflict if headers and footers have words that were not sent; programs share these out differently."""
    sent = {word for margin in base.page_margins for word in margin.text.split()}
    new = [margin for margin in dict.fromkeys(edited.page_margins) if not sent.issuperset(margin.text.split())]
    if new:
        author = next((margin.author for margin in new if margin.author), "")
        yield MergeConflict(0, "", " ¶ ".join(margin.text for margin in new), _MARGIN_REASON, author)


def _find_failed_units(
    chapter_edits: ChapterEdits, base: Sequence[AlignedPassage], source: MarkdownSource, parse: ParseMarkdown
) -> dict[int, str]:
    """Return the units whose changes do not read as expected, or displace others, with the reason."""
    if not chapter_edits.edits:
        return {}
    try:
        bookmarked = add_bookmarks(parse(apply_edits(source.text, chapter_edits.edits)))
    except ValueError:
        return dict.fromkeys(_find_overlapping_units(chapter_edits.edits), _UNVERIFIED)
    bookmarked = replace(bookmarked, paragraphs=_without_unprinted(bookmarked.paragraphs, base, source))
    misread = _find_misread_units(chapter_edits, _read_streams(bookmarked))
    if misread:
        return dict.fromkeys(misread, _UNVERIFIED)
    return _find_misplaced_units(chapter_edits, base, source, bookmarked)


def _without_unprinted(
    paragraphs: Iterable[Paragraph], base: Sequence[AlignedPassage], source: MarkdownSource
) -> list[Paragraph]:
    """Return the paragraphs of a text but those that were not sent, because the tool prints them nowhere."""
    sent = {each.source_paragraph.bookmark for each in base if each.source_paragraph}
    out = [*paragraphs]
    for old in (p for p in source.paragraphs if p.bookmark not in sent):
        key = old.stream, old.normalized_words
        if (same := next((p for p in out if (p.stream, p.normalized_words) == key), None)) is not None:
            out.remove(same)
    return out


def _find_misplaced_units(
    chapter_edits: ChapterEdits, base: Sequence[AlignedPassage], source: MarkdownSource, bookmarked: BookmarkedTree
) -> dict[int, str]:
    """Return the units that put paragraphs into another place than expected; all words read as expected."""
    expected = [each for each in chapter_edits.expected if each.stream == "text"]
    actual = [p for p in bookmarked.paragraphs if p.tokens and p.stream == "text"]
    places, misplaced, last_reason = read_places(bookmarked), dict[int, str](), ""
    for each, paragraph in zip(expected, actual, strict=True):
        reason = each.place.describe_difference(places[paragraph.bookmark])
        if reason and not last_reason:  # one cause may displace all that follows
            misplaced |= dict.fromkeys(_find_causes(each.unit, chapter_edits, base, source), reason)
        last_reason = reason
    return misplaced


def _find_causes(
    unit: int, chapter_edits: ChapterEdits, base: Sequence[AlignedPassage], source: MarkdownSource
) -> set[int]:
    """Return the units with changes of lines that may displace a paragraph: itself, those in its box, or one before."""
    edits = [e for e in chapter_edits.edits if "\n" in e.text or "\n" in source.text[e.start : e.end]]
    edits = edits or chapter_edits.edits
    paragraph = next(filter(None, (base[i].source_paragraph for i in chapter_edits.pairs_by_unit[unit].base)), None)
    if paragraph is None or any(e.unit == unit for e in edits):
        return {unit}
    if box := next((source.div_ranges[n] for n in paragraph.divs if n in source.div_ranges), None):
        units = {e.unit for e in edits if box[0] <= e.start and e.end <= box[1]}
    else:
        offset = next((t.span[0] for t in paragraph.tokens if t.span), 0)
        units = {e.unit for e in sorted((e for e in edits if e.start <= offset), key=lambda e: e.start)[-1:]}
    return units or {e.unit for e in edits}


def _find_misread_units(
    chapter_edits: ChapterEdits, actual_by_stream: Mapping[Stream, Sequence[tuple[FormattedWord, ...]]]
) -> set[int]:
    """Return the units whose words do not read as expected; all units if they cannot be separated."""
    changed_units = {e.unit for e in chapter_edits.edits}
    failed_units: set[int] = set()
    for stream in get_args(Stream):
        expected = [paragraph for paragraph in chapter_edits.expected if paragraph.stream == stream]
        for suspects in _find_suspects(expected, actual_by_stream.get(stream, [])):
            failed_units |= {paragraph.unit for paragraph in suspects} or changed_units
    # A failure shows where the text is read, possibly in the passage beside the change.
    return failed_units if failed_units & changed_units or not failed_units else changed_units


def _find_suspects(
    expected: Sequence[ExpectedParagraph], actual: Sequence[tuple[FormattedWord, ...]]
) -> Iterator[Sequence[ExpectedParagraph]]:
    """Yield the paragraphs that each difference of a stream may come from; none if nothing was expected."""
    ops = SequenceMatcher(None, [p.words for p in expected], actual, autojunk=False).get_opcodes()
    for tag, i1, i2, *_ in ops:
        if tag != "equal":
            # Among adjacent paragraphs, those to blame are missing altogether.
            missing = [p for p in expected[i1:i2] if p.words not in actual]
            yield missing or expected[i1:i2] or expected[max(i1 - 1, 0) : i1 + 1]


def _read_streams(bookmarked: BookmarkedTree) -> dict[Stream, list[tuple[FormattedWord, ...]]]:
    """Return the words of each paragraph of a text by stream, in text order."""
    words_by_stream: dict[Stream, list[tuple[FormattedWord, ...]]] = {}
    for paragraph in bookmarked.paragraphs:
        if paragraph.tokens:
            words = tuple(formatted_word(t, t.formatting, bookmarked.atom_values) for t in paragraph.tokens)
            words_by_stream.setdefault(paragraph.stream, []).append(words)
    return words_by_stream


def _find_overlapping_units(edits: Iterable[Edit]) -> set[int]:
    """Return the units of edits that overlap."""
    ordered = sorted(edits, key=lambda e: (e.start, e.end))
    return {edit.unit for pair in pairwise(ordered) if pair[1].start < pair[0].end for edit in pair}


def _unverified_conflicts(
    chapter_edits: ChapterEdits, failed_units: Mapping[int, str], base: Sequence[AlignedPassage], edited: DocxText
) -> Iterator[MergeConflict]:
    """Yield a conflict for each failed unit, with its reason."""
    for unit in sorted({*failed_units} & {e.unit for e in chapter_edits.edits}):
        pair = chapter_edits.pairs_by_unit[unit]
        before = " ¶ ".join(base[i].passage.paragraph.text for i in pair.base)
        after = " ¶ ".join(edited.passages[j].paragraph.text for j in pair.edited)
        first = min((e for e in chapter_edits.edits if e.unit == unit), key=lambda e: e.start)
        reason = "; ".join(filter(None, (_describe_pair(pair), failed_units[unit])))
        yield MergeConflict(first.start, before, after, reason, first.author)


def _describe_pair(pair: Pair) -> str:
    """Return the change of a passage as a whole; empty if only its words changed."""
    if len(pair.edited) > len(pair.base) > 0:
        return "it was split"
    if len(pair.base) > len(pair.edited) > 0:
        return "it was joined with another one"
    return "it was moved" if pair.moved else ""
