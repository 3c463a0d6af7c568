"""Measure a paper on a day: health, slip and projected finish of every chapter, and obligations. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import date

from nioc_paper.domain.agreements import measure_consultation
from nioc_paper.domain.paper_on_day import known_on
from nioc_paper.domain.schedule import Plan, Schedule, slack
from nioc_paper.model import Health, History, Paper, Progress
from nioc_paper.progress.health import measure_chapter
from nioc_paper.progress.obligations import collect_obligations
from nioc_paper.wording import ENGLISH, Wording


def measure_progress(paper: Paper, history: History, today: date, words: Wording = ENGLISH) -> Progress:
    """Return the progress on `today`, with tasks in the language of `words`, without records of later days.

    Nothing is guessed: values that timeline and git do not give are None.
    """
    paper = known_on(paper, today)
    schedule, deadline = Schedule.from_paper(paper), paper.timeline.deadline
    plan = Plan(schedule, history, today, words)
    deadline_slip = plan.slip(deadline)
    chapters = tuple(measure_chapter(plan, c) for c in paper.chapters)
    # Worse health weighs more, then more slip; of equals the first in the paper is the worst.
    worst = max(chapters, key=lambda c: (list(Health).index(c.health), c.slip or 0), default=None)
    targets = [c.target for c in chapters if c.target is not None]
    healths, statuses = Counter(c.health for c in chapters), Counter(c.status.id for c in chapters)
    return Progress(
        title=paper.settings.title,
        today=today,
        start=paper.timeline.start,
        deadline=deadline,
        days_left=(deadline - today).days if deadline else None,
        workdays_left=None if deadline_slip is None else -deadline_slip,
        slack=slack(c.slip for c in chapters),
        chapters=chapters,
        missing=tuple(path for _, _, path in paper.missing),
        worst=worst,
        finish=worst.finish if worst else None,
        words=sum(c.words for c in chapters),
        target=sum(targets) if targets else None,
        by_health={h: healths[h] for h in Health},
        by_status={s.id: statuses[s.id] for s in paper.settings.statuses} | dict(statuses),
        obligations=collect_obligations(plan, chapters),
        upcoming=schedule.next_events(today),
        consultation=measure_consultation(paper, plan.slip),
        last_meeting=schedule.last_meeting(today),
        sample_day=schedule.sample_day(today),
    )
