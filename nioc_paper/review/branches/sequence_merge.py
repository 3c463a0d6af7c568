"""Three-way merge of two sequences of units: sentences, blocks, lines, or entries of YAML.

Each side is compared with the base: its units are equal, changed, moved, new or deleted. What one side did to a unit
holds; what both did to one unit is settled by a judge. A new unit follows the unit before it, also if the other side
has moved that one; a new paragraph follows the paragraph before it.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from difflib import SequenceMatcher
from functools import cache
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple, Protocol

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.model.sequence_alignment import align_similar, longest_rising_run

_ALIKE = 0.4
"""Share of equal words from which a unit that was replaced counts as changed."""
RENAMED = 0.75
"""The same for a unit whose name was replaced."""
_REPLACED = 1e-6
"""Score of two units without a name that have hardly a word in common: one may be in the other's place."""
_MAX_COMPARED = 20_000
"""Pairs of units that are compared by their words; of more, all count as new."""


class Unit(Struct, frozen=True):
    """Unit of a text with the white space after it."""

    text: str
    gap: str = ""
    name: str = ""
    """Name that a unit keeps if it is changed or moved; empty for one without."""
    rank: str = ""
    """Order among new units of one place, which are independent; empty for text, of which each side keeps its order."""
    group: str = ""
    """What a unit is a part of: equal new rows of two tables are two."""
    continues: bool = False
    """Whether it goes on with the paragraph of the unit before it."""


class Judge(Protocol):
    """Settles what both sides did to one unit."""

    def choose(self, base: str | None, ours: str | None, theirs: str | None) -> str | None:
        """Return the text to write; None for none. A version is None if it has no such unit."""

    def is_ours(self, text: str, ours: str, theirs: str) -> bool:
        """Return whether a unit that both sides have moved goes to our place, after `ours`, and not to theirs."""


_Order = tuple[int, bool, list[str]]


class _MergedUnit(NamedTuple):
    """Unit of the result, with its number in each version that has it: base, ours, theirs."""

    text: str
    numbers: tuple[int | None, int | None, int | None]
    origin: int = 0
    """Version that put it here; 0 for one at its place in the base."""


class _Side:
    """One side, compared with the base."""

    def __init__(self, base: Sequence[Unit], units: Sequence[Unit]) -> None:
        self.base, self.units = base, [*units]
        self.match = match_units(base, units)
        """Number in the base by number here; without those that are new."""
        self.number = {i: j for j, i in self.match.items()}
        stable = longest_rising_run([self.match[j] for j in sorted(self.match)])
        self.moved = set(self.number) - stable
        self.anchor: dict[int, int] = {}
        """Unit of the base that a moved one follows here; -1 for the start."""
        self.runs: dict[int, list[int]] = {}
        """Numbers of the new and moved units by the unit of the base that they follow."""
        anchor = -1
        for j in range(len(units)):
            i = self.match.get(j, -1)
            if i in stable:
                anchor = i
            else:
                self.runs.setdefault(anchor, []).append(j)
                self.anchor[i] = anchor
        self.texts: dict[int, str] = {}
        """Texts of units that are joined with new ones."""

    def leave_paragraphs(self, i: int, moved: AbstractSet[int]) -> None:
        """Leave new paragraphs behind a moved sentence at its old place, where the rest of its paragraph is."""
        run, first, last = self.runs.get(i, []), i, i
        while first and not _is_break(self.base[first - 1].gap):
            first -= 1
        while last + 1 < len(self.base) and not _is_break(self.base[last].gap):
            last += 1
        start = next((n for n, j in enumerate(run) if _is_break(self.units[j - 1].gap)), len(run))
        if not moved >= {*range(first, last + 1)}:
            self.runs |= {i: run[:start], _old_place(i): run[start:]}

    def text(self, i: int) -> str | None:
        """Return the text of a unit of the base on this side; None if it was deleted."""
        return self.texts.get(i, self.units[self.number[i]].text) if i in self.number else None

    def find_joined(self, i: int) -> range:
        """Return the units of the base that one here is joined of: its text has the words of those beside `i`, too."""
        first = last = i
        while self._is_joined(first - 1, i):
            first -= 1
        while self._is_joined(last + 1, i):
            last += 1
        return range(first, last + 1)

    def _is_joined(self, gone: int, i: int) -> bool:
        if not 0 <= gone < len(self.base) or gone in self.number or self.base[gone].name:
            return False
        text, sent = self.units[self.number[i]].text, self.base[gone].text
        words, new = Counter(sent.split()), Counter(text.split()) - Counter(self.base[i].text.split())
        is_whole = _letters(sent) in _letters(text) != _letters(self.base[i].text)
        return is_whole or 2 * (words & new).total() >= words.total()

    def is_replaced(self, i: int) -> bool:
        """Return whether a unit of the base has other words here."""
        return not likeness(self.base[i].text, self.text(i) or self.base[i].text)

    def join_new(self, i: int, sent: str) -> None:
        """Join a unit of the base with the new ones of its paragraph beside it: one change has made them all.

        So has one that made two paragraphs of its words, which were `sent`, or put several in their place.
        """
        if i not in self.number:
            return
        first = last = self.number[i]
        is_replaced = self.is_replaced(i)
        while (
            first
            and first - 1 not in self.match
            and (self.units[first].continues or sent.startswith(self.units[first - 1].text))
        ):
            first -= 1
        while (
            last + 1 < len(self.units)
            and last + 1 not in self.match
            and (is_replaced or self.units[last + 1].continues or sent.endswith(self.units[last + 1].text))
        ):
            last += 1
        joined = self.units[first : last + 1]
        self.texts[i] = _join_texts(joined)
        self.units[first:last] = [replace(unit, gap="") for unit in joined[:-1]]
        new = {*range(first, last + 1)} - {self.number[i]}
        self.runs = {anchor: [j for j in run if j not in new] for anchor, run in self.runs.items()}

    def span(self, start: int | None, end: int | None) -> str | None:
        """Return the longest white space between two units, but for what new ones have brought.

        None if the side does not have them in this order.
        """
        if start is None or end is None or start >= end:
            return None
        old = [start, *(j for j in range(start + 1, end) if not any(j in run for run in self.runs.values())), end]
        numbers = [self.match.get(j, -2) for j in old]
        return _longest(
            self.base[i].gap if b > a + 1 and following == i + 1 else _longest(unit.gap for unit in self.units[a:b])
            for (a, b), (i, following) in zip(pairwise(old), pairwise(numbers), strict=True)
        )

    def key(self, j: int) -> tuple[int, str]:
        """Return by what a unit is equal to one of the other side."""
        unit = self.units[j]
        return (self.match[j], "") if j in self.match else (-1, unit.name or unit.group + unit.text)

    def split_run(self, run: Sequence[int]) -> Iterator[tuple[_Order, list[int]]]:
        """Yield the chunks of a run, each with its order among others: a unit with a rank, or text between such units.

        First is what goes on with the paragraph before the run, last what leads into the next one.
        """
        starts = [not j or _is_break(self.units[j - 1].gap) for j in run]
        ends = [j + 1 == len(self.units) or _is_break(self.units[j].gap) for j in run]
        places = [(self.units[j].rank, any(starts[: n + 1]), any(ends[n:])) for n, j in enumerate(run)]
        for (rank, starts_here, ends_here), group in groupby(range(len(run)), places.__getitem__):
            chunk = [run[n] for n in group]
            texts = [self.units[j].text for j in chunk]
            order = 0 if rank else starts_here - ends_here, bool(rank) or (starts_here and ends_here), [rank, *texts]
            yield order, chunk


def merge_units(
    base: Sequence[Unit], ours: Sequence[Unit], theirs: Sequence[Unit], judge: Judge, joint: str | None = None
) -> str:
    """Return the merged text. `joint` replaces the white space between units."""
    versions = base, ours, theirs
    counts = [Counter(unit.name for unit in version) for version in versions]
    repeated = {name for count in counts for name, number in count.items() if name and number > 1}
    named = [[replace(u, name="") if u.name in repeated else u for u in version] for version in versions]
    merge = _Merge(named[0], named[1], named[2], judge)
    elements = merge.emit_all()
    return "".join(merge.join(elements)) if joint is None else joint.join(element.text for element in elements)


class _Merge:
    def __init__(self, base: Sequence[Unit], ours: Sequence[Unit], theirs: Sequence[Unit], judge: Judge) -> None:
        self.base, self.judge = [*base], judge
        self.ours, self.theirs = _Side(base, ours), _Side(base, theirs)
        self.moved = self.ours.moved | self.theirs.moved
        for i in sorted(self.moved):
            self._keep_circle(i)
        for joined in self._find_joined():
            self._join(joined)
        for i, unit in enumerate(self.base):
            is_changed_by_both = len({unit.text, self.ours.text(i), self.theirs.text(i)}) == 3
            for side in (self.ours, self.theirs):
                if is_changed_by_both or side.is_replaced(i):
                    side.join_new(i, unit.text)
        for i in self.moved:
            self.ours.leave_paragraphs(i, self.moved)
            self.theirs.leave_paragraphs(i, self.moved)
        self.sides = _Side(self.base, self.base), self.ours, self.theirs
        self.elements: list[_MergedUnit] = []
        self.done = set[object]()
        """Moved units, and names of new ones, that have their place."""
        self.places: dict[int, bool] = {}
        """Whether units that both sides have moved go to our place."""

    def _find_joined(self) -> Iterator[range]:
        """Yield successive units of which one side has joined some, and the other one has changed some."""
        ranges = sorted((side.find_joined(i) for side in (self.ours, self.theirs) for i in side.number), key=min)
        groups: list[range] = []
        for group in (group for group in ranges if len(group) > 1):
            start = groups.pop().start if groups and group.start < groups[-1].stop else group.start
            groups.append(range(start, group.stop))
        for group in groups:
            sides = [(side, [side.number[i] for i in group if i in side.number]) for side in (self.ours, self.theirs)]
            are_changed = all(any(side.text(i) != self.base[i].text for i in group) for side, _ in sides)
            are_together = all(there == [*range(there[0], there[-1] + 1)] for _, there in sides if there)
            if are_changed and are_together and self.moved.isdisjoint(group):
                yield group

    def _join(self, group: range) -> None:
        """Make one unit of those in each version: what both sides did to them is one question."""
        _join_units(self.base, group)
        for side in (self.ours, self.theirs):
            there = [side.number.pop(i) for i in group if i in side.number]
            if there:
                side.number[group.start] = there[0]
                _join_units(side.units, there)

    def _keep_circle(self, i: int) -> None:
        """Leave a unit where it was if it would follow itself: the other side moved the unit that it follows."""
        passed, current = set[int](), i
        while current in self.moved and current not in passed:
            passed.add(current)
            current = (self.ours if current in self.ours.moved else self.theirs).anchor[current]
        if current == i and passed:
            self.moved.discard(i)

    def emit_all(self) -> list[_MergedUnit]:
        """Return the elements of the result."""
        self._emit_runs(-1)
        for i in range(len(self.base)):
            if i in self.moved:
                self._emit_runs(_old_place(i))
            else:
                self._emit_unit(i)
        return self.elements

    def _emit_unit(self, i: int, origin: int = 0) -> None:
        """Add a unit of the base, and what follows it."""
        self._add(self._merge_unit(i), (i, self.ours.number.get(i), self.theirs.number.get(i)), origin)
        self._emit_runs(i)

    def _add(self, text: str | None, numbers: tuple[int | None, int | None, int | None], origin: int) -> None:
        if text is not None:
            self.elements.append(_MergedUnit(text, numbers, origin))

    def _merge_unit(self, i: int) -> str | None:
        base, ours, theirs = self.base[i].text, self.ours.text(i), self.theirs.text(i)
        if ours == theirs or (theirs == base and not (ours is None and i in self.theirs.moved)):
            return ours
        if ours == base and not (theirs is None and i in self.ours.moved):
            return theirs
        return self.judge.choose(base, ours, theirs)

    def _emit_runs(self, anchor: int) -> None:
        """Add what both sides put after a unit of the base."""
        ours, theirs = self.ours.runs.get(anchor, []), self.theirs.runs.get(anchor, [])
        keys = [self.ours.key(j) for j in ours], [self.theirs.key(j) for j in theirs]
        for tag, a1, a2, b1, b2 in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
            if tag == "equal":
                for j, k in zip(ours[a1:a2], theirs[b1:b2], strict=True):
                    self._emit(self.ours, j, anchor, k)
            else:
                for side, j in self._order(ours[a1:a2], theirs[b1:b2]):
                    self._emit(side, j, anchor, None)

    def _order(self, ours: Sequence[int], theirs: Sequence[int]) -> Iterator[tuple[_Side, int]]:
        """Yield units of one place in an order that does not depend on which side is ours."""
        sides = (self.ours, ours), (self.theirs, theirs)
        chunks = [[(order, side, chunk) for order, chunk in side.split_run(run)] for side, run in sides]
        for _, side, chunk in heapq.merge(*chunks, key=itemgetter(0)):
            yield from ((side, j) for j in chunk)

    def _emit(self, side: _Side, j: int, anchor: int, twin: int | None) -> None:
        """Add a unit that a side has put here; `twin` is the other side's, if that has put it here too."""
        if (i := side.match.get(j)) is None:
            self._emit_new(side, j, anchor, twin)
        elif i in self.moved and i not in self.done and (twin is not None or self._goes_here(side, i)):
            self.done.add(i)
            self._emit_unit(i, 1 if side is self.ours else 2)

    def _emit_new(self, side: _Side, j: int, anchor: int, twin: int | None) -> None:
        unit, is_ours = side.units[j], side is self.ours
        other = self.theirs if is_ours else self.ours
        if unit.name:
            if unit.name in self.done:
                return
            self.done.add(unit.name)
            names = (k for k, each in enumerate(other.units) if each.name == unit.name and k not in other.match)
            twin = next(names, None)
        text = None if twin is None else other.units[twin].text
        # The other side has deleted both neighbours of the place.
        is_inside = 0 <= anchor < len(self.base) - 1
        known = {i for number in other.number for i in other.find_joined(number)}
        is_lost = twin is None and not unit.rank and is_inside and known.isdisjoint((anchor, anchor + 1))
        merged: str | None = unit.text
        if is_lost or (twin is not None and text != unit.text):
            merged = self.judge.choose(None, *((unit.text, text) if is_ours else (text, unit.text)))
        self._add(merged, *(((None, j, twin), 1) if is_ours else ((None, twin, j), 2)))

    def _goes_here(self, side: _Side, i: int) -> bool:
        """Return whether the place of a side holds for a unit that it has moved."""
        ours, theirs = self.ours.anchor.get(i), self.theirs.anchor.get(i)
        if ours is None or theirs is None or ours == theirs:
            return True
        if i not in self.places:
            before = [self.base[anchor].text if anchor >= 0 else "" for anchor in (ours, theirs)]
            self.places[i] = self.judge.is_ours(self.base[i].text, *before)
        return self.places[i] is (side is self.ours)

    def join(self, elements: Sequence[_MergedUnit]) -> Iterator[str]:
        """Yield the texts, each with the white space after it."""
        ends = len(self.base), len(self.ours.units), len(self.theirs.units)
        has_break = False
        for element, following in pairwise((*elements, _MergedUnit("", ends))):
            gap = self._find_gap(element, following, has_break=has_break)
            has_break = element.origin > 0 and (has_break or _is_break(gap))
            yield element.text + gap

    def _find_gap(self, element: _MergedUnit, following: _MergedUnit, *, has_break: bool) -> str:
        units = self.base, self.ours.units, self.theirs.units
        versions = [*zip(units, element.numbers, following.numbers, strict=True)]
        base, ours, theirs = (side.span(*each[1:]) for side, each in zip(self.sides, versions, strict=True))
        if ours is not None and theirs is not None:
            return _longest({ours, theirs} - {base} or {ours})
        if (known := next((gap for gap in (ours, theirs, base) if gap is not None), None)) is not None:
            i, *numbers = following.numbers
            if i and i not in self.moved and known == self.base[i - 1].gap:
                for side, j in zip((self.ours, self.theirs), numbers, strict=True):
                    if j and side.match.get(j - 1) == i - 1 and known != side.units[j - 1].gap:
                        return side.units[j - 1].gap  # that side has split a paragraph here, or joined two
            return known
        own = versions[element.origin :][: 1 if element.origin else 3]
        after = _longest(version[a].gap for version, a, _ in own if a is not None and a + 1 < len(version))
        own = versions[following.origin :][: 1 if following.origin else 3]
        before = _longest(version[b - 1].gap for version, _, b in own if b)
        if after and element.origin and following.origin and not has_break:
            version, i, _ = versions[element.origin]
            is_alone = i is not None and i > 0 and _is_break(version[i - 1].gap) and _is_break(after)
            if not (is_alone or _is_break(before)):  # two sentences of a paragraph
                return min(after, before, key=lambda gap: gap.count("\n"))
        return _longest((after, before))


def _old_place(i: int) -> int:
    """Return the key of the runs at the place that a moved unit has left."""
    return -2 - i


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


def _join_texts(units: Sequence[Unit]) -> str:
    return "".join(unit.text + unit.gap for unit in units[:-1]) + units[-1].text


def _join_units(units: list[Unit], numbers: Sequence[int]) -> None:
    """Give the first of some successive units the text of all of them."""
    first, last = numbers[0], numbers[-1] + 1
    text = _join_texts(units[first:last])
    units[first : last - 1] = [replace(unit, gap="") for unit in units[first : last - 1]]
    units[first] = replace(units[first], text=text)


def _is_break(gap: str) -> bool:
    """Return whether white space ends a paragraph."""
    return gap.count("\n") > 1


def _longest(gaps: Iterable[str]) -> str:
    return max(gaps, key=lambda gap: (gap.count("\n"), gap), default="")


def match_units(base: Sequence[Unit], units: Sequence[Unit]) -> dict[int, int]:
    """Return the number in the base of each unit that is not new: equal, moved, changed, or both."""
    keys = [[unit.name or f"={unit.text.strip()}" for unit in version] for version in (base, units)]
    match: dict[int, int] = {}
    pending = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        if tag == "equal":
            match |= zip(range(j1, j2), range(i1, i2), strict=True)
        else:
            pending.append(([*range(i1, i2)], [*range(j1, j2)]))
    rest = [i for numbers, _ in pending for i in numbers], [j for _, numbers in pending for j in numbers]
    counts = [Counter(version) for version in keys]
    places = {keys[0][i]: i for i in rest[0]}
    for j in rest[1]:  # moved: the same unit at another place
        if counts[0][keys[1][j]] == counts[1][keys[1][j]] == 1:
            match[j] = places[keys[1][j]]
    moved = set(match.values())
    for olds, news in pending:
        match |= _pair_alike(
            [(i, base[i]) for i in olds if i not in moved],
            [(j, units[j]) for j in news if j not in match],
        )
    gone = set(rest[0]).difference(match.values())
    pairs = [(likeness(base[i].text, units[j].text), i, j) for j in rest[1] if j not in match for i in gone]
    for score, i, j in sorted(pairs, reverse=True):  # moved and changed
        if score >= RENAMED and i in gone and j not in match and not (base[i].name or units[j].name):
            match[j] = i
            gone.remove(i)
    return match


def _pair_alike(olds: Sequence[tuple[int, Unit]], news: Sequence[tuple[int, Unit]]) -> dict[int, int]:
    """Return the old number of each new unit that is a changed one; their order is the same."""
    if not 0 < len(olds) * len(news) < _MAX_COMPARED:
        return {}
    pairs = align_similar([[_score(old, new) for _, new in news] for _, old in olds], len(news))
    return {news[j][0]: olds[i][0] for i, j in pairs if i is not None and j is not None}


def _score(old: Unit, new: Unit) -> float:
    """Return the likeness of two units; 0 if it is too small for a changed unit, which a name tells or its place."""
    alike = likeness(old.text, new.text)
    if old.name or new.name or bool(old.group) is not bool(new.group):
        return alike if alike >= RENAMED else 0.0
    return alike if alike >= _ALIKE else _REPLACED if old.continues is new.continues else 0.0


@cache
def likeness(old: str, new: str) -> float:
    """Return the share of words that two texts have in common."""
    return SequenceMatcher(None, old.split(), new.split(), autojunk=False).ratio()
