"""Match received passages with sent ones: by bookmark, then by equal text in the same order, then by similarity.

What is not merged is put back as it was sent.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Container, Hashable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from itertools import accumulate

from msgspec import Struct

from nioc_paper.model.sequence_alignment import count_common, longest_rising_run
from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.merge.source_map import AlignedPassage

_SIMILAR_IN_PLACE, _SIMILAR_ANYWHERE = 0.4, 0.75
"""Minimum similarity of two passages in the same place, and anywhere; from 0 to 1."""
_SEARCH_RADIUS = 40
"""Unmatched passages before and after, with which one is compared. To compare with all would take hours for a file with
thousands of new paragraphs."""


class Pair(Struct, frozen=True):
    """Sent and received passages with the same text: several if paragraphs were joined or split.

    Without `base` it is new, without `edited` it is gone.
    """

    base: tuple[int, ...] = ()
    edited: tuple[int, ...] = ()
    moved: bool = False


def pair_passages(base: Sequence[AlignedPassage], edited: Sequence[DocxPassage]) -> list[Pair]:
    """Return pairs that hold every passage of both sides once, in received order; gone passages come last."""
    return _PassageMatcher(base, edited).run()


def group_replaced(
    pairs: Sequence[Pair], base: Sequence[AlignedPassage], edited: Sequence[DocxPassage]
) -> Mapping[Pair, Pair]:
    """Return gone and new passages at the same place of a note, caption or box as one pair, by each of theirs."""
    anchors = [-1, *sorted(max(pair.base) for pair in pairs if pair.base and pair.edited and not pair.moved)]
    gone: dict[Hashable, list[int]] = {}
    new: dict[Hashable, list[int]] = {}
    for i in (pair.base[0] for pair in pairs if not pair.edited):
        source = base[i].source_paragraph
        if source is not None and not source.cell and (source.note or source.kind == "caption" or source.divs):
            anchor = anchors[bisect_left(anchors, i) - 1]
            gone.setdefault((anchor, source.note), []).append(i)
    anchor = -1
    for pair in pairs:
        if pair.base and not pair.moved:
            anchor = max(anchor, *pair.base) if pair.edited else anchor
        elif not pair.base and (paragraph := edited[pair.edited[0]].paragraph).tokens:
            new.setdefault((anchor, paragraph.note), []).append(pair.edited[0])
    groups = [Pair(tuple(gone[key]), tuple(new[key])) for key in gone.keys() & new.keys()]
    parts = ((group, [Pair((i,)) for i in group.base] + [Pair((), (j,)) for j in group.edited]) for group in groups)
    return {part: group for group, pairs_of_group in parts for part in pairs_of_group}


class _PassageMatcher:
    def __init__(self, base: Sequence[AlignedPassage], edited: Sequence[DocxPassage]) -> None:
        self.base = base
        self.edited = edited
        self.matches: dict[int, list[int]] = {}
        """Indexes of sent passages by the received one."""
        self.continuations: dict[int, list[int]] = {}
        """Indexes of further received passages that belong to the first."""
        self.continuing: set[int] = set()
        """All indexes in `continuations`."""
        self.matched_base: set[int] = set()
        sides = [each.passage for each in base], edited
        self.cells = [[passage.paragraph.cell for passage in side] for side in sides]
        self.cell_counts = [Counter(cells) for cells in self.cells]
        self.word_counts = cache(lambda side, n: Counter(sides[side][n].paragraph.normalized_words))
        self.similarity = cache(self._compute_similarity)

    def run(self) -> list[Pair]:
        self.match_by_bookmark()
        self.match_by_text()
        self.match_by_similarity()
        self.attach_split_passages()
        self.attach_joined_passages()
        self.match_by_position()
        self.match_across_parts()
        unmoved = longest_rising_run([min(self.matches[j]) for j in sorted(self.matches)])
        out = []
        for j in (j for j in range(len(self.edited)) if j not in self.continuing):
            base = tuple(sorted(self.matches.get(j, ())))
            group = tuple(sorted((j, *self.continuations.get(j, ()))))
            is_elsewhere = any(not self.can_match(i, j) for i in base)
            out.append(Pair(base, group, moved=bool(base) and (is_elsewhere or base[0] not in unmoved)))
        return out + [Pair((i,)) for i in range(len(self.base)) if i not in self.matched_base]

    def add_match(self, i: int, j: int) -> None:
        self.matches.setdefault(j, []).append(i)
        self.matched_base.add(i)

    def match_by_bookmark(self) -> None:
        indexes = {bookmark_name: i for i, each in enumerate(self.base) for bookmark_name in each.passage.bookmarks}
        for j, passage in enumerate(self.edited):
            named = (indexes[bookmark] for bookmark in dict.fromkeys(passage.bookmarks) if bookmark in indexes)
            candidates = [i for i in named if i not in self.matched_base]
            for i in (i for i in candidates if self.can_join(i, j)):
                # A bookmark can slip into a neighbour, above all next to a deletion.
                is_similar = self.similarity(i, j) > 0.15 and len(candidates) == 1
                if is_similar or self.contained_share(i, j) > 0.5 or not passage.paragraph.tokens:
                    self.add_match(i, j)

    def match_by_text(self) -> None:
        """Match equal texts in the same order that no bookmark has matched."""
        gone = [i for i in range(len(self.base)) if i not in self.matched_base]
        new = [j for j in range(len(self.edited)) if j not in self.matches]
        words = [self._base_words([i]) for i in gone], [self._edited_words([j]) for j in new]
        for a, b, size in SequenceMatcher(None, *words, autojunk=False).get_matching_blocks():
            for i, j in zip(gone[a : a + size], new[b : b + size], strict=True):
                if self.can_match(i, j):
                    self.add_match(i, j)

    def match_by_similarity(self) -> None:
        candidates = []
        unmatched_base = [i for i in range(len(self.base)) if i not in self.matched_base]
        for (low, high), unmatched_edited in self._unmatched_by_gap().items():
            for position, j in enumerate(unmatched_edited, bisect_left(unmatched_base, low)):
                for i in unmatched_base[max(position - _SEARCH_RADIUS, 0) : position + _SEARCH_RADIUS]:
                    in_gap = low < i < high
                    threshold = _SIMILAR_IN_PLACE if in_gap else _SIMILAR_ANYWHERE
                    is_likely = self.can_match(i, j) and self._may_be_similar(i, j, threshold)
                    if is_likely and (similarity := self.similarity(i, j)) > threshold:
                        candidates.append((similarity + in_gap, i, j))
        for _, i, j in sorted(candidates, key=lambda f: (-f[0], f[1], f[2])):
            if i not in self.matched_base and j not in self.matches:
                self.add_match(i, j)

    def attach_split_passages(self) -> None:
        """Attach an unmatched received passage to a neighbour that its words were sent with."""
        for j in sorted(self.matches):
            for step in (1, -1):
                k = j + step
                while 0 <= k < len(self.edited) and self._was_split_off(j, k):
                    self.continuations.setdefault(j, []).append(k)
                    self.continuing.add(k)
                    k += step

    def attach_joined_passages(self) -> None:
        """Attach an unmatched sent passage to the neighbour that has its words now."""
        for j in sorted(self.matches):
            for step in (1, -1):
                i = (max if step == 1 else min)(self.matches[j]) + step
                while 0 <= i < len(self.base) and self._was_joined_to(j, i):
                    self.add_match(i, j)
                    i += step

    def match_by_position(self) -> None:
        """Match passages between the same neighbours in their order, however much was rewritten."""
        cells = ((self.cells[0][i], self.cells[1][j]) for j, matched in self.matches.items() for i in matched)
        tables = {(old.table, new.table) for old, new in cells if old and new}
        for (low, high), new in self._unmatched_by_gap().items():
            gone = [i for i in range(low + 1, high) if i not in self.matched_base]
            for i, j in zip(gone, new, strict=False):
                if j not in self.continuing and self.can_match(i, j) and self._is_same_part(i, j, tables):
                    self.add_match(i, j)

    def match_across_parts(self) -> None:
        """Match what is gone, or left without words, with equal new words in another part: it was moved there."""
        has_words = [bool(passage.paragraph.tokens) for passage in self.edited]
        still_there = {i for j, matched in self.matches.items() for i in matched if has_words[j]}
        gone: dict[tuple[str, ...], list[int]] = {}
        for i in (i for i in range(len(self.base)) if i not in still_there):
            gone.setdefault(self._base_words([i]), []).append(i)
        for j in (j for j in range(len(self.edited)) if has_words[j] and j not in self.continuing):
            candidates = () if j in self.matches else gone.get(self._edited_words([j]), ())
            moved = [i for i in candidates if not self.can_match(i, j)]
            if moved:
                gone[self._edited_words([j])].remove(moved[0])
                emptied = next((k for k, matched in self.matches.items() if moved[0] in matched), None)
                if emptied is not None:
                    self.matches[emptied].remove(moved[0])
                self.add_match(moved[0], j)

    def _is_same_part(self, i: int, j: int, tables: Container[tuple[int, int]]) -> bool:
        """Return whether both have the same style, or are in one of these tables; cells must have one column."""
        (old, new), (sent, received) = (self.cells[0][i], self.cells[1][j]), self.cell_counts
        if old and new and (old.column != new.column or sent[old] != received[new]):
            return False
        is_same_table = old is not None and new is not None and (old.table, new.table) in tables
        is_alike = is_same_table or self.base[i].passage.style == self.edited[j].style
        return bool(self.edited[j].paragraph.tokens) and is_alike

    # --- likeness ---

    def can_match(self, i: int, j: int) -> bool:
        """Return whether both are in notes, both in tables, or both in neither."""
        sent, received = self.base[i].passage.paragraph, self.edited[j].paragraph
        return (bool(sent.note), sent.cell is None) == (bool(received.note), received.cell is None)

    def can_join(self, i: int, j: int) -> bool:
        """Return whether a sent passage can join those that a received one is matched with."""
        others = self.matches.get(j, ())
        # Generated text and captions are no running text of the source.
        paragraphs = [self.base[n].source_paragraph for n in (i, *others)]
        running = all(p is not None and p.kind in ("para", "item", "heading") for p in paragraphs)
        return self.can_match(i, j) and (not others or running)

    def _compute_similarity(self, i: int, j: int) -> float:
        words, new_words = self._base_words([i]), self._edited_words([j])
        total = len(words) + len(new_words)
        return 2 * count_common(words, new_words) / total if total else 1.0

    def _base_words(self, indexes: Iterable[int]) -> tuple[str, ...]:
        return tuple(word for i in sorted(indexes) for word in self.base[i].passage.paragraph.normalized_words)

    def _edited_words(self, indexes: Iterable[int]) -> tuple[str, ...]:
        return tuple(word for j in sorted(indexes) for word in self.edited[j].paragraph.normalized_words)

    def contained_share(self, i: int, j: int) -> float:
        """Return the share of the sent words that were received."""
        words = self._base_words([i])
        return count_common(words, self._edited_words([j])) / len(words) if words else 0.0

    def _was_split_off(self, j: int, k: int) -> bool:
        """Return whether the words of an unmatched received passage are among those that another is matched with."""
        passage, base, group = self.edited[k].paragraph, self.matches[j], (j, *self.continuations.get(j, ()))
        if k in self.matches or k in self.continuing or passage.cell is not None:
            return False
        if bool(passage.note) != bool(self.edited[j].paragraph.note):
            return False
        return self._has_gain(len(passage.tokens), (base, group), (base, (*group, k)))

    def _was_joined_to(self, j: int, i: int) -> bool:
        """Return whether the words of an unmatched sent passage are in a matched received one."""
        passage, base, group = self.base[i].passage.paragraph, self.matches[j], (j, *self.continuations.get(j, ()))
        if i in self.matched_base or passage.cell is not None or not self.can_join(i, j):
            return False
        return self._has_gain(len(passage.tokens), (base, group), ((*base, i), group))

    def _has_gain(self, length: int, *groups: tuple[Iterable[int], Iterable[int]]) -> bool:
        """Return whether a passage of this length adds most of its words to those that two groups have in common."""
        before, after = (count_common(self._base_words(base), self._edited_words(edited)) for base, edited in groups)
        return length > 0 and after - before > 0.6 * length

    def _find_gaps(self) -> list[tuple[int, int]]:
        """Return the sent passages between which each received passage lies."""
        matched_lists = [self.matches.get(j, ()) for j in range(len(self.edited))]
        before = accumulate((max(matched, default=-1) for matched in matched_lists), max, initial=-1)
        firsts = (min(place, default=len(self.base)) for place in matched_lists[::-1])
        after = accumulate(firsts, min, initial=len(self.base))
        return [*zip(before, [*after][-2::-1], strict=False)]

    def _unmatched_by_gap(self) -> dict[tuple[int, int], list[int]]:
        """Return the unmatched received passages by the sent passages between which they lie."""
        unmatched: dict[tuple[int, int], list[int]] = {}
        for j, gap in enumerate(self._find_gaps()):
            if j not in self.matches:
                unmatched.setdefault(gap, []).append(j)
        return unmatched

    def _may_be_similar(self, i: int, j: int, threshold: float) -> bool:
        """Return whether two passages have enough words in common to be similar, in any order."""
        base_counts, edited_counts = self.word_counts(0, i), self.word_counts(1, j)
        total = base_counts.total() + edited_counts.total()
        return not total or 2 * (base_counts & edited_counts).total() > threshold * total


# --- passages as they were sent, in place of changes that are not merged ----------------------------------------------


def revert_pairs(
    reverted: Collection[Pair], pairs: Sequence[Pair], base: Sequence[AlignedPassage], edited: Sequence[DocxPassage]
) -> list[DocxPassage]:
    """Return the received passages with those of some pairs as they were sent."""
    restored = {i: find_place(i, pairs) for pair in reverted for i in pair.base}
    return restore_passages(restored, [j for pair in reverted for j in pair.edited], pairs, base, edited)


def restore_passages(
    restored: Mapping[int, int],
    dropped: Collection[int],
    pairs: Sequence[Pair],
    base: Sequence[AlignedPassage],
    edited: Sequence[DocxPassage],
) -> list[DocxPassage]:
    """Return the received passages without the dropped ones, with sent ones, and the notes of these.

    `restored` has the received passage after which each of them goes.
    """
    gone = {i for pair in pairs if not pair.edited for i in pair.base}
    by_place: dict[int, list[int]] = {}
    for i, place in sorted(restored.items()):
        called = {token.atom for token in base[i].passage.paragraph.tokens if token.atom}
        notes = (n for n in gone if base[n].passage.paragraph.note in called and n not in restored)
        by_place.setdefault(place, []).extend((i, *sorted(notes)))
    out = [base[i].passage for i in by_place.get(-1, ())]
    for j, passage in enumerate(edited):
        out += [passage] if j not in dropped else []
        out += [base[i].passage for i in by_place.get(j, ())]
    return out


def find_place(index: int, pairs: Sequence[Pair]) -> int:
    """Return the received passage that has the place of a sent one, or after which that was; -1 for the beginning."""
    anchors = sorted((max(p.base), p.edited) for p in pairs if p.base and p.edited and not p.moved)
    own = next((edited[0] for p in pairs if not p.moved and index in p.base for edited in [p.edited] if edited), None)
    before = bisect_left(anchors, (index, ()))
    return own if own is not None else max(anchors[before - 1][1]) if before else -1
