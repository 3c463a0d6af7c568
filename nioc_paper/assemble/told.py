"""What there is to tell of a month, as far as its readers may know. Pure.

Readers get nothing that they would not get of the paper as it was at the end of the month, nor of the paper as it is
now: what has been withheld since is not told either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from nioc_paper.assemble.whole import Whole, whole
from nioc_paper.audience import for_audience, withheld_ids
from nioc_paper.changes import Changes, Decided, changes
from nioc_paper.model import Copy, History, Paper
from nioc_paper.wording import Words, digits

_OUTSIDE = History()


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a paper: what git knows of the paper at its beginning and at its end."""

    first: date
    last: date
    before: Paper | None = None
    after: Paper | None = None
    since: date | None = None
    """The day from which git knows the paper, where that is later than the first of the month."""
    until: date | None = None
    """The day on which this is told, where the month is not over."""

    def name(self, words: Words) -> str:
        """What the month is called: February 2020."""
        return f"{words['months'].split()[self.first.month - 1]} {digits(str(self.first.year), words)}"


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell: the paper of which it is told, with what changed in it; None where git does not know."""

    read: Whole
    now: Paper
    month: Month
    changed: Changes | None
    entries: Sequence[Decided]
    answered: Mapping[str, int]


def find(common: Whole, paper: Paper, month: Month, copy: Copy) -> Told:
    """What there is to tell; `common` is the paper of today, numbered for these readers."""
    shown, _ = for_audience(paper, copy.audience)
    now = withheld_ids(paper, copy.audience)
    after = month.after or paper
    then = withheld_ids(after, copy.audience)
    # What is withheld in part is told without that part; unless it has been withheld since: then it is not told.
    hidden = {name for name, wholly in then.items() if wholly}
    hidden |= {name for name, wholly in now.items() if wholly or name not in then}
    left, _ = for_audience(after, copy.audience)
    read = whole(after, _OUTSIDE, copy) if month.after else common
    changed = None
    if month.before and month.after:
        changed = changes(for_audience(month.before, copy.audience)[0], left).without(hidden)
    by_day = Changes(decisions=tuple(_made(left, month)), answered=_answered(left, month)).without(hidden)
    known = changed or by_day
    there = {c.id for c in read.context.chapters}
    answered = {chapter: n for chapter, n in known.answered.items() if chapter in there}
    return Told(read, shown, month, changed, known.decisions, answered)


def _made(paper: Paper, month: Month) -> Iterator[Decided]:
    """What the register itself dates in the month."""
    return (Decided(d, "new") for d in paper.decisions if month.first <= d.on <= month.last)


def _answered(paper: Paper, month: Month) -> Mapping[str, int]:
    dates = {r.chapter: [c.answer.on for c in r.comments if c.answer] for r in paper.reviews}
    return {c: n for c, days in dates.items() if (n := sum(bool(d and month.first <= d <= month.last) for d in days))}
