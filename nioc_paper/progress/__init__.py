"""The paper on a day: health, slip and projected finish of every chapter, and who owes what by when. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import date

from nioc_paper.model import ChapterProgress, Health, History, Paper, Progress, Timeline, Upcoming
from nioc_paper.progress.health import measure
from nioc_paper.progress.owes import owes
from nioc_paper.progress.plan import Plan
from nioc_paper.workdays import Workdays


def progress(paper: Paper, history: History, today: date) -> Progress:
    """How the paper stands on `today`. Nothing is guessed: what the timeline or git does not say is None."""
    days, deadline = Workdays.of(paper.timeline), paper.timeline.deadline
    plan = Plan(paper, history, today, days)
    chapters = tuple(measure(plan, c) for c in paper.chapters)
    worst = max(chapters, key=_weight, default=None)
    targets = [c.target for c in chapters if c.target is not None]
    healths, statuses = Counter(c.health for c in chapters), Counter(c.status.id for c in chapters)
    return Progress(
        title=paper.settings.title,
        today=today,
        start=paper.timeline.start,
        deadline=deadline,
        days_left=(deadline - today).days if deadline else None,
        workdays_left=days.between(today, deadline) if deadline else None,
        slack=_slack(paper.timeline, days),
        chapters=chapters,
        missing=tuple(path for _, _, path in paper.missing),
        worst=worst,
        finish=worst.finish if worst else None,
        words=sum(c.words for c in chapters),
        target=sum(targets) if targets else None,
        by_health={h: healths[h] for h in Health},
        by_status={s.id: statuses[s.id] for s in paper.settings.statuses} | dict(statuses),
        owes=owes(plan, chapters),
        upcoming=_upcoming(paper.timeline, days, today),
        met=_met(paper, days, today),
    )


def _weight(chapter: ChapterProgress) -> tuple[int, int]:
    """Worse health weighs more, then more slip; of equals the first in the paper is the worst."""
    return list(Health).index(chapter.health), chapter.slip or 0


def _slack(timeline: Timeline, days: Workdays) -> int | None:
    """Working days from start to deadline, both counted, that no gate plans for."""
    if timeline.start is None or timeline.deadline is None:
        return None
    whole = days.between(timeline.start, timeline.deadline) + days.is_working(timeline.start)
    return whole - sum(g.days for g in timeline.gates)


def _upcoming(timeline: Timeline, days: Workdays, today: date) -> tuple[Upcoming, ...]:
    """The next time of every event after today, the earliest first."""
    found = []
    for event in timeline.events:
        # A little over a year from the first day it can be: by then a monthly event has happened, if it ever does.
        horizon = max(today, event.since or today, *event.dates).toordinal() + 400
        last = date.fromordinal(min(horizon, date.max.toordinal()))
        on = next((d for d in days.occurrences(event, today, last) if d > today), None)
        found += [Upcoming(event.id, event.title, on)] if on else []
    return tuple(sorted(found, key=lambda u: u.on))


def _met(paper: Paper, days: Workdays, today: date) -> date | None:
    """The day of the last meeting before today: one that the timeline plans, or at which something was decided."""
    first, last = paper.timeline.start or date.min, date.fromordinal(max(today.toordinal() - 1, 1))
    planned = [d for event in paper.timeline.events if event.meeting for d in days.occurrences(event, first, last)]
    return max([*planned, *(d.on for d in paper.decisions if d.on < today)], default=None)
