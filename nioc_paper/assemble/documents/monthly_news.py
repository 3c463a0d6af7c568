"""What there is to tell of a month, as far as its readers may know. Pure.

Readers get nothing that they would not get of the paper as it was at the end of the month, nor of the paper as it is
now: what has been withheld since is not told either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from nioc_paper.assemble.numbered_paper import NumberedPaper, number_paper
from nioc_paper.domain.audience import for_audience, withheld_ids
from nioc_paper.domain.changes import DecisionChange, PaperDiff, compare_papers
from nioc_paper.model import History, OutputOptions, Paper
from nioc_paper.wording import Wording, localized_digits

_NO_HISTORY = History()


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a paper: what git knows of the paper at its beginning and at its end."""

    first: date
    last: date
    before: Paper | None = None
    after: Paper | None = None
    known_since: date | None = None
    """The day from which git knows the paper, where that is later than the first of the month."""
    reported_until: date | None = None
    """The day on which this is told, where the month is not over."""

    def name(self, words: Wording) -> str:
        """What the month is called: February 2020."""
        return f"{words['months'].split()[self.first.month - 1]} {localized_digits(str(self.first.year), words)}"


@dataclass(frozen=True, slots=True)
class MonthlyNews:
    """What there is to tell: the paper of which it is told, with what changed in it; None where git does not know."""

    numbered_paper: NumberedPaper
    current_paper: Paper
    month: Month
    diff: PaperDiff | None
    decision_changes: Sequence[DecisionChange]
    answered: Mapping[str, int]


def collect_news(current_numbered: NumberedPaper, paper: Paper, month: Month, copy: OutputOptions) -> MonthlyNews:
    """What there is to tell; `common` is the paper of today, numbered for these readers."""
    current_paper, _ = for_audience(paper, copy.audience)
    paper_at_end, _ = for_audience(month.after or paper, copy.audience)
    numbered_paper = number_paper(month.after, _NO_HISTORY, copy) if month.after else current_numbered
    hidden, diff = _hidden_ids(paper, month.after or paper, copy.audience), None
    if month.before and month.after:
        diff = compare_papers(for_audience(month.before, copy.audience)[0], paper_at_end).without(hidden)
    best_diff = diff or _dated_diff(paper_at_end, month).without(hidden)
    chapter_ids = {c.id for c in numbered_paper.context.chapters}
    answered = {chapter: n for chapter, n in best_diff.answered_comments.items() if chapter in chapter_ids}
    return MonthlyNews(numbered_paper, current_paper, month, diff, best_diff.decisions, answered)


def _hidden_ids(paper: Paper, after: Paper, audience: str) -> set[str]:
    """Return the ids that the news do not mention.

    An item withheld in part is reported without that part, unless it has been withheld since.
    """
    withheld_now, withheld_then = withheld_ids(paper, audience), withheld_ids(after, audience)
    return {name for name, wholly in withheld_then.items() if wholly} | {
        name for name, wholly in withheld_now.items() if wholly or name not in withheld_then
    }


def _dated_diff(paper: Paper, month: Month) -> PaperDiff:
    """Return the changes of the month that the registers themselves date, for when git does not know it."""
    return PaperDiff(
        decisions=tuple(_decisions_in_month(paper, month)), answered_comments=_answers_in_month(paper, month)
    )


def _decisions_in_month(paper: Paper, month: Month) -> Iterator[DecisionChange]:
    """What the register itself dates in the month."""
    return (DecisionChange(d, "new") for d in paper.decisions if month.first <= d.on <= month.last)


def _answers_in_month(paper: Paper, month: Month) -> Mapping[str, int]:
    dates = {r.chapter: [c.answer.on for c in r.comments if c.answer] for r in paper.reviews}
    return {c: n for c, days in dates.items() if (n := sum(bool(d and month.first <= d <= month.last) for d in days))}
