"""Rules about the plan: deadline, gates, dates of chapters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from nioc_paper.check.finding import Finding
from nioc_paper.domain.workdays import Workdays, add_months
from nioc_paper.model import Cause, Paper, Place


def deadline_off_period(paper: Paper) -> Iterator[Finding]:
    """The deadline is the start plus the period.

    Bad: start 2020-01-06, period three months, deadline 2020-04-30
    Good: start 2020-01-06, period three months, deadline 2020-04-06
    """
    timeline = paper.timeline
    if timeline.start and timeline.period and timeline.deadline:
        computed = add_months(timeline.start, timeline.period.months)
        if computed != timeline.deadline:
            message = f"the deadline is {timeline.deadline}, but start and period give {computed}"
            yield Finding(timeline.place("deadline"), message, f"write {computed}, or change the period")


def _planned_dates(paper: Paper) -> Iterator[tuple[str, date, Place]]:
    for index, gate in enumerate(paper.timeline.gates):
        yield f"the gate '{gate.title}'", gate.due, paper.timeline.place("gates", index, "due")
    for chapter in paper.chapters:
        for status, due in chapter.front.due.items():
            yield f"the date for '{status}'", due, chapter.front.place("due", status)


def date_outside_timeline(paper: Paper) -> Iterator[Finding]:
    """No gate and no chapter's date lies before the start or after the deadline.

    Bad: due: {drafting: 2021-01-28}
    Good: due: {drafting: 2020-01-28}
    """
    start, deadline = paper.timeline.start, paper.timeline.deadline
    if start and deadline:
        for label, day, place in _planned_dates(paper):
            if not start <= day <= deadline:
                hint = f"choose a day from {start} to {deadline}"
                yield Finding(place, f"{label} is on {day}, outside the timeline", hint)


def _event_dates(paper: Paper) -> Iterator[tuple[str, date, Place]]:
    for index, event in enumerate(paper.timeline.events):
        for number, day in enumerate(event.dates):
            yield f"the event '{event.title}'", day, paper.timeline.place("events", index, "dates", number)


def stray_date(paper: Paper) -> Iterator[Finding]:
    """Holidays and events are in the years of the timeline.

    Bad: {on: 2019-03-16, name: Founders' Day}, in a plan of 2020
    Good: {on: 2020-03-16, name: Founders' Day}
    """
    timeline = paper.timeline
    if not timeline.start or not timeline.deadline:
        return
    holidays = [
        (f"the holiday '{holiday.name}'", holiday.on, timeline.place("holidays", index, "on"))
        for index, holiday in enumerate(timeline.holidays)
    ]
    first, last = timeline.start.year, timeline.deadline.year
    for dates in (holidays, [*_event_dates(paper)]):
        next_year = [day for _, day, _ in dates if day.year == last + 1]
        for label, day, place in dates:
            if not first <= day.year <= (last + 1 if len(next_year) > 1 else last):
                years = f"{first}" if first == last else f"{first} to {last}"
                yield Finding(place, f"{label} is in {day.year}; the timeline is in {years}", "correct the year")


def gate_on_day_off(paper: Paper) -> Iterator[Finding]:
    """Every gate, every date of a chapter's own and every day of an event is a working day.

    Bad: due: 2020-03-16, a holiday
    Good: due: 2020-03-13
    """
    days = Workdays.from_timeline(paper.timeline)
    for label, day, place in (*_planned_dates(paper), *_event_dates(paper)):
        if not days.is_working(day):
            hint = f"the working day before is {days.add(days.on_or_after(day), -1)}"
            yield Finding(place, f"{label} is on {day:%A}, {day}, when nobody works", hint)


def gate_off_plan(paper: Paper) -> Iterator[Finding]:
    """A gate's date is the next gate's date less the working days planned between them.

    Bad: a gate of 12 days, due 10 working days before the next
    Good: a gate of 12 days, due 12 working days before the next
    """
    timeline, days = paper.timeline, Workdays.from_timeline(paper.timeline)
    for index, (gate, after) in enumerate(pairwise(timeline.gates)):
        planned = days.add(after.due, -gate.days)
        # Counted, not compared: a gate on a day off counts as the working day before it.
        if gate.days and days.between(gate.due, after.due) != gate.days:
            message = f"'{gate.title}' is due on {gate.due}; {gate.days} working days before the next gate is {planned}"
            yield Finding(timeline.place("gates", index, "due"), message, "change the date or the number of days")


def status_without_gate(paper: Paper) -> Iterator[Finding]:
    """Every status but the last has a gate by which chapters must have left it.

    Bad: a status that no gate leaves
    Good: leaves: drafting in one gate
    """
    if paper.timeline.gates:
        left_statuses = {g.leaves for g in paper.timeline.gates}
        for index, status in enumerate(paper.settings.statuses[:-1]):
            if status.id not in left_statuses:
                place = paper.settings.place("statuses", index, "id")
                yield Finding(
                    place, f"no gate says when chapters must have left '{status.id}'", "add 'leaves:' to a gate"
                )


def unverified_holiday(paper: Paper) -> Iterator[Finding]:
    """Every holiday has been confirmed.

    Bad: {on: 2020-03-16, name: Founders' Day, verify: true}
    Good: {on: 2020-03-16, name: Founders' Day}
    """
    for index, holiday in enumerate(paper.timeline.holidays):
        if holiday.verify:
            place, day = paper.timeline.place("holidays", index), f"{holiday.on}, {holiday.name}"
            message = f"nobody has checked the holiday on {holiday.on} ({holiday.name})"
            cause = Cause(place, day, "nobody has checked {} holidays")
            yield Finding(place, message, "look it up, and delete 'verify: true'", cause=cause)
