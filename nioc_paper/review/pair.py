"""Which passage of a file that came back was which passage of the file that was sent.

Marks tell, as far as they came back; then equal texts in the same order; then likeness.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import accumulate

from nioc_paper.review.anchor import Anchored
from nioc_paper.review.reading import Passage

_LIKE, _SAME = 0.4, 0.75
"""How alike two passages are at least: in the same place, and anywhere else. From 0 to 1."""
_NEAR = 40
"""Passages before and behind, of those that are left, that one is compared with. To compare with all would take hours
for a file of thousands of new paragraphs."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Passages sent and passages received that are the same text: several when paragraphs were joined or split.

    Without a `sent` it is new, without a `got` it is gone.
    """

    sent: tuple[int, ...] = ()
    got: tuple[int, ...] = ()
    moved: bool = False


def pairs(sent: Sequence[Anchored], got: Sequence[Passage]) -> list[Pair]:
    """Every passage on both sides in exactly one pair, in the order of what was received; what is gone comes last."""
    return _Pairing(sent, got).pairs()


class _Pairing:
    def __init__(self, sent: Sequence[Anchored], got: Sequence[Passage]) -> None:
        self.sent = sent
        self.got = got
        self.match: dict[int, list[int]] = {}
        """What was sent, by what was received."""
        self.more: dict[int, list[int]] = {}
        """Further received passages that belong to the first."""
        self.extra: set[int] = set()
        """All of these."""
        self.used: set[int] = set()
        sides = [each.passage for each in sent], got
        self.bags = cache(lambda side, n: Counter(sides[side][n].leaf.keys))
        self.alike = cache(self._alike)

    def pairs(self) -> list[Pair]:
        self.by_mark()
        self.by_text()
        self.by_likeness()
        self.split()
        self.join()
        self.by_place()
        kept = self._in_order()
        out = []
        for j in range(len(self.got)):
            if j in self.extra:
                continue
            sent = tuple(sorted(self.match.get(j, ())))
            group = tuple(sorted((j, *self.more.get(j, ()))))
            out.append(Pair(sent, group, moved=bool(sent) and sent[0] not in kept))
        return out + [Pair((i,)) for i in range(len(self.sent)) if i not in self.used]

    def take(self, i: int, j: int) -> None:
        self.match.setdefault(j, []).append(i)
        self.used.add(i)

    def by_mark(self) -> None:
        places = {mark: i for i, each in enumerate(self.sent) for mark in each.passage.marks}
        for j, passage in enumerate(self.got):
            named = [places[m] for m in dict.fromkeys(passage.marks) if m in places and places[m] not in self.used]
            for i in (i for i in named if self.fits(i, j)):
                # A mark can slip into its neighbour, above all where something was taken out.
                little = self.alike(i, j) > 0.15 and len(named) == 1
                if self.joins(i, j) and (little or self.contained(i, j) > 0.5 or not self.got[j].leaf.tokens):
                    self.take(i, j)

    def by_text(self) -> None:
        """Equal texts in the same order, where no mark has told."""
        left = [i for i in range(len(self.sent)) if i not in self.used]
        new = [j for j in range(len(self.got)) if j not in self.match]
        one, other = [self.sent[i].passage.leaf.keys for i in left], [self.got[j].leaf.keys for j in new]
        for a, b, size in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
            for step in range(size):
                if self.fits(left[a + step], new[b + step]):
                    self.take(left[a + step], new[b + step])

    def by_likeness(self) -> None:
        found = []
        left = [i for i in range(len(self.sent)) if i not in self.used]
        for (low, high), new in self._rooms().items():
            first = bisect_left(left, low)
            for at, j in enumerate(new, first):
                for i in left[max(at - _NEAR, 0) : at + _NEAR]:
                    inside = low < i < high
                    least = _LIKE if inside else _SAME
                    if self.fits(i, j) and self._may_be_like(i, j, least) and (likeness := self.alike(i, j)) > least:
                        found.append((likeness + inside, i, j))
        for _, i, j in sorted(found, key=lambda f: (-f[0], f[1], f[2])):
            if i not in self.used and j not in self.match:
                self.take(i, j)

    def split(self) -> None:
        """A passage that has no like belongs to its neighbour when its words were sent with that."""
        for j in sorted(self.match):
            for step in (1, -1):
                k = j + step
                while 0 <= k < len(self.got) and k not in self.match and k not in self.extra and self._together(j, k):
                    self.more.setdefault(j, []).append(k)
                    self.extra.add(k)
                    k += step

    def join(self) -> None:
        """A passage that is gone was joined to its neighbour when its words are there."""
        for j in sorted(self.match):
            for step in (1, -1):
                i = (max if step == 1 else min)(self.match[j]) + step
                while 0 <= i < len(self.sent) and i not in self.used and self.joins(i, j) and self._holds(j, i):
                    self.take(i, j)
                    i += step

    def by_place(self) -> None:
        """What stands alone between the same neighbours is the same, however much of it was rewritten."""
        for (low, high), new in self._rooms().items():
            left = [i for i in range(low + 1, high) if i not in self.used]
            for i, j in zip(left, new, strict=True) if len(left) == len(new) else ():
                if j not in self.extra and self.fits(i, j) and self._styled_alike(i, j):
                    self.take(i, j)

    def _styled_alike(self, i: int, j: int) -> bool:
        return self.sent[i].passage.style == self.got[j].style and bool(self.got[j].leaf.tokens)

    # --- likeness ---

    def fits(self, i: int, j: int) -> bool:
        """Whether both are of a kind that can be the same: in notes, in tables, or in neither."""
        here, there = self.sent[i].passage.leaf, self.got[j].leaf
        return bool(here.note) == bool(there.note) and (here.cell is None) == (there.cell is None)

    def joins(self, i: int, j: int) -> bool:
        """Whether a passage that was sent can be one with those that a received one already stands for."""
        others = self.match.get(j, ())
        running = all(self._runs(n) for n in (i, *others))
        return self.fits(i, j) and (not others or running)

    def _runs(self, i: int) -> bool:
        """Whether it is running text of the source: what the tool makes, and a caption, stand by themselves."""
        leaf = self.sent[i].leaf
        return leaf is not None and leaf.kind in ("para", "item", "heading")

    def _alike(self, i: int, j: int) -> float:
        return _ratio(self.sent[i].passage.leaf.keys, self.got[j].leaf.keys)

    def contained(self, i: int, j: int) -> float:
        """The share of what was sent that was received."""
        keys = self.sent[i].passage.leaf.keys
        return _common(keys, self.got[j].leaf.keys) / len(keys) if keys else 0.0

    def _together(self, j: int, k: int) -> bool:
        here = tuple(key for i in self.match[j] for key in self.sent[i].passage.leaf.keys)
        if self.got[k].leaf.cell is not None or bool(self.got[k].leaf.note) != bool(self.got[j].leaf.note):
            return False
        order = sorted((j, *self.more.get(j, ())))
        now = tuple(key for n in order for key in self.got[n].leaf.keys)
        both = tuple(key for n in sorted((*order, k)) for key in self.got[n].leaf.keys)
        keys = self.got[k].leaf.keys
        return bool(keys) and _common(here, both) - _common(here, now) > 0.6 * len(keys)

    def _holds(self, j: int, i: int) -> bool:
        keys = self.sent[i].passage.leaf.keys
        here = tuple(key for n in self.match[j] for key in self.sent[n].passage.leaf.keys)
        now = tuple(key for n in sorted((j, *self.more.get(j, ()))) for key in self.got[n].leaf.keys)
        gain = _common((*here, *keys) if i > self.match[j][0] else (*keys, *here), now) - _common(here, now)
        return self.sent[i].passage.leaf.cell is None and bool(keys) and gain > 0.6 * len(keys)

    def _gaps(self) -> list[tuple[int, int]]:
        """Between which of what was sent each received passage stands."""
        places = [self.match.get(j, ()) for j in range(len(self.got))]
        before = accumulate((max(place, default=-1) for place in places), max, initial=-1)
        after = accumulate((min(place, default=len(self.sent)) for place in places[::-1]), min, initial=len(self.sent))
        return [*zip(before, [*after][-2::-1], strict=False)]

    def _rooms(self) -> dict[tuple[int, int], list[int]]:
        """The received passages that stand for nothing yet, by between which of what was sent they stand."""
        rooms: dict[tuple[int, int], list[int]] = {}
        for j, gap in enumerate(self._gaps()):
            if j not in self.match:
                rooms.setdefault(gap, []).append(j)
        return rooms

    def _may_be_like(self, i: int, j: int, least: float) -> bool:
        """Whether two passages have enough words in common for a likeness, whatever their order."""
        one, other = self.bags(0, i), self.bags(1, j)
        total = one.total() + other.total()
        return not total or 2 * (one & other).total() > least * total

    def _in_order(self) -> set[int]:
        """The first passages of the longest run of pairs that stand in the order in which they were sent."""
        return set(_longest([min(self.match[j]) for j in sorted(self.match)]))


def _ratio(one: Sequence[str], other: Sequence[str]) -> float:
    if not one and not other:
        return 1.0
    return 2 * _common(one, other) / (len(one) + len(other))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    return sum(size for _, _, size in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())


def _longest(numbers: Sequence[int]) -> Iterator[int]:
    """The longest rising run that can be picked out of a sequence, last first."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(tails, number)
        before[number] = tails[at - 1] if at else None
        tails[at : at + 1] = [number]
    current = tails[-1] if tails else None
    while current is not None:
        yield current
        current = before[current]
