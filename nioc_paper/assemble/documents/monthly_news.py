"""Collect the news of a month that an audience may read. Pure.

The news have only what the audience may read both in the paper as it was at the end of the month and in today's paper:
passages withheld since then are left out too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.assemble.numbered_paper import NumberedPaper, number_paper
from nioc_paper.domain.audience import for_audience, withheld_ids
from nioc_paper.domain.changes import DecisionChange, PaperDiff, compare_papers
from nioc_paper.model import History, OutputOptions, Paper
from nioc_paper.wording import Wording, localized_digits

_NO_HISTORY = History()


class Month(Struct, frozen=True):
    """Month of a paper, with the paper at its beginning and at its end, as far as git knows them."""

    first: date
    last: date
    before: Paper | None = None
    after: Paper | None = None
    known_since: date | None = None
    """First day of the paper that git knows, if it is in the month."""
    reported_until: date | None = None
    """Day of the report, if the month is not over."""

    def name(self, words: Wording) -> str:
        """Return the name of the month: "February 2020"."""
        return f"{words['months'].split()[self.first.month - 1]} {localized_digits(str(self.first.year), words)}"


class MonthlyNews(Struct, frozen=True):
    """Changes of a month, with the numbered papers that their texts come from."""

    numbered_at_end: NumberedPaper
    """Paper at the end of the month; today's paper if git does not know it."""
    numbered_at_start: NumberedPaper
    """Paper at the beginning of the month, for the text of dropped recommendations."""
    current_paper: Paper
    """Today's paper, for names of people and organizations."""
    month: Month
    diff: PaperDiff | None
    """Changes of the month; None if git does not know them."""
    decision_changes: Sequence[DecisionChange]
    answered: Mapping[str, int]
    """Number of answered comments by chapter id."""


def collect_news(current_numbered: NumberedPaper, paper: Paper, month: Month, copy: OutputOptions) -> MonthlyNews:
    """Return the news of a month; `current_numbered` is today's paper, numbered for the audience."""
    current_paper, _ = for_audience(paper, copy.audience)
    paper_at_end, _ = for_audience(month.after or paper, copy.audience)
    numbered_at_end = number_paper(month.after, _NO_HISTORY, copy) if month.after else current_numbered
    hidden, diff = _hidden_ids(paper, month.after or paper, copy.audience), None
    if month.before and month.after:
        diff = compare_papers(for_audience(month.before, copy.audience)[0], paper_at_end).without(hidden)
        if month.known_since:  # a paper's first month: no new chapters, and no new decisions of other months
            decisions = (d for d in diff.decisions if d.kind != "new" or month.first <= d.decision.on <= month.last)
            diff = replace(diff.without_new_chapters(), decisions=tuple(decisions))
    best_diff = diff or _dated_diff(paper_at_end, month).without(hidden)
    chapter_ids = {c.id for c in numbered_at_end.context.chapters}
    answered = {chapter: n for chapter, n in best_diff.answered_comments.items() if chapter in chapter_ids}
    has_dropped = diff is not None and any(change.kind == "dropped" for change in diff.recommendations)
    numbered_at_start = numbered_at_end
    if month.before and has_dropped:
        numbered_at_start = number_paper(month.before, _NO_HISTORY, copy)
    return MonthlyNews(numbered_at_end, numbered_at_start, current_paper, month, diff, best_diff.decisions, answered)


def _hidden_ids(paper: Paper, after: Paper, audience: str) -> set[str]:
    """Return the ids that the news leave out.

    An item withheld in part is reported without that part; an item withheld since then is not reported.
    """
    withheld_now, withheld_then = withheld_ids(paper, audience), withheld_ids(after, audience)
    return {name for name, wholly in withheld_then.items() if wholly} | {
        name for name, wholly in withheld_now.items() if wholly or name not in withheld_then
    }


def _dated_diff(paper: Paper, month: Month) -> PaperDiff:
    """Return the changes of the month that the registers date: for months that git does not know."""
    decisions = (DecisionChange(d, "new") for d in paper.decisions if month.first <= d.on <= month.last)
    dates = {r.chapter: [point.answer.on for point in r.points if point.answer] for r in paper.reviews}
    answers = {c: sum(bool(d and month.first <= d <= month.last) for d in days) for c, days in dates.items()}
    return PaperDiff(decisions=tuple(decisions), answered_comments={c: n for c, n in answers.items() if n})
