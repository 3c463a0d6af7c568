"""Measure a paper on a day: health, slip and projected finish of every chapter, and obligations. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import date

from nioc_paper.domain.workdays import Workdays
from nioc_paper.model import ChapterProgress, Health, History, Paper, Progress, Timeline, UpcomingEvent
from nioc_paper.progress.debts import collect_debts
from nioc_paper.progress.health import measure_chapter
from nioc_paper.progress.plan import Plan


def measure_progress(paper: Paper, history: History, today: date) -> Progress:
    """Return the progress on `today`. Nothing is guessed: values that timeline and git do not give are None."""
    days, deadline = Workdays.from_timeline(paper.timeline), paper.timeline.deadline
    plan = Plan(paper, history, today, days)
    chapters = tuple(measure_chapter(plan, c) for c in paper.chapters)
    worst = max(chapters, key=_lateness_key, default=None)
    targets = [c.target for c in chapters if c.target is not None]
    healths, statuses = Counter(c.health for c in chapters), Counter(c.status.id for c in chapters)
    return Progress(
        title=paper.settings.title,
        today=today,
        start=paper.timeline.start,
        deadline=deadline,
        days_left=(deadline - today).days if deadline else None,
        workdays_left=days.between(today, deadline) if deadline else None,
        slack=_plan_slack(paper.timeline, days),
        chapters=chapters,
        missing=tuple(path for _, _, path in paper.missing),
        worst=worst,
        finish=worst.finish if worst else None,
        words=sum(c.words for c in chapters),
        target=sum(targets) if targets else None,
        by_health={h: healths[h] for h in Health},
        by_status={s.id: statuses[s.id] for s in paper.settings.statuses} | dict(statuses),
        obligations=collect_debts(plan, chapters),
        upcoming=_next_occurrences(paper.timeline, days, today),
        last_meeting=_last_meeting(paper, days, today),
    )


def _lateness_key(chapter: ChapterProgress) -> tuple[int, int]:
    """Sort key: worse health weighs more, then more slip; of equals the first in the paper is the worst."""
    return list(Health).index(chapter.health), chapter.slip or 0


def _plan_slack(timeline: Timeline, days: Workdays) -> int | None:
    """Return the working days from start to deadline, both counted, that no gate plans for."""
    if timeline.start is None or timeline.deadline is None:
        return None
    total_days = days.between(timeline.start, timeline.deadline) + days.is_working(timeline.start)
    return total_days - sum(g.days for g in timeline.gates)


def _next_occurrences(timeline: Timeline, days: Workdays, today: date) -> tuple[UpcomingEvent, ...]:
    """Return the next day of every event after today, earliest first."""
    upcoming = []
    for event in timeline.events:
        # A little over a year from the first possible day: any monthly event has happened by then.
        horizon = max(today, event.since or today, *event.dates).toordinal() + 400
        last = date.fromordinal(min(horizon, date.max.toordinal()))
        on = next((d for d in days.event_days(event, today, last) if d > today), None)
        upcoming += [UpcomingEvent(event.id, event.title, on)] if on else []
    return tuple(sorted(upcoming, key=lambda u: u.on))


def _last_meeting(paper: Paper, days: Workdays, today: date) -> date | None:
    """Return the day of the last meeting before today: a planned one, or one with a decision."""
    first, last = paper.timeline.start or date.min, date.fromordinal(max(today.toordinal() - 1, 1))
    planned = [d for event in paper.timeline.events if event.meeting for d in days.event_days(event, first, last)]
    return max([*planned, *(d.on for d in paper.decisions if d.on < today)], default=None)
