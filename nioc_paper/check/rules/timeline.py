"""Rules about the plan: deadline, gates, dates of chapters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from nioc_paper.check.finding import DeclaredKind, Finding
from nioc_paper.domain.workdays import Workdays, add_months
from nioc_paper.model import Paper, Place

KINDS: Mapping[str, DeclaredKind] = {
    "off-plan/deadline": DeclaredKind("EEEEE", "The deadline is the start plus the period."),
    "off-plan/outside": DeclaredKind(
        "EEEEE", "No gate and no chapter's date lies before the start or after the deadline."
    ),
    "off-plan/day-off": DeclaredKind(
        "wwwww", "Every gate, every date of a chapter's own and every day of an event is a working day."
    ),
    "off-plan/year": DeclaredKind("wwwww", "Holidays and events are in the years of the timeline."),
    "off-plan/gate": DeclaredKind(
        "wwwww", "A gate's date is the next gate's date less the working days planned between them."
    ),
    "off-plan/status": DeclaredKind(
        "wwwww", "Every status but the last has a gate by which chapters must have left it."
    ),
}


def off_plan(paper: Paper) -> Iterator[Finding]:
    """The dates of the plan agree with one another, with its period and with its working days.

    Bad: start 2020-01-06, period three months, deadline 2020-04-30
    Good: start 2020-01-06, period three months, deadline 2020-04-06
    """
    timeline, statuses = paper.timeline, paper.settings.statuses
    if timeline.start and timeline.period and timeline.deadline:
        computed = add_months(timeline.start, timeline.period.months)
        if computed != timeline.deadline:
            message = f"the deadline is {timeline.deadline}, but start and period give {computed}"
            hint = f"write {computed}, or change the period"
            yield Finding(timeline.place("deadline"), message, hint, kind="deadline")
    left = {gate.leaves for gate in timeline.gates}
    for index, status in enumerate(statuses[:-1] if timeline.gates else ()):
        if status.id not in left:
            message = f"no gate says when chapters must have left '{status.id}'"
            place = paper.settings.place("statuses", index, "id")
            yield Finding(place, message, "add 'leaves:' to a gate", kind="status")
    yield from _bad_days(paper)
    yield from _bad_distances(paper)


def _bad_days(paper: Paper) -> Iterator[Finding]:
    """Yield planned days that are outside of the plan, in another year, or no working days."""
    timeline, days = paper.timeline, Workdays.from_timeline(paper.timeline)
    holidays = [
        (f"the holiday '{holiday.name}'", holiday.on, timeline.place("holidays", index, "on"))
        for index, holiday in enumerate(timeline.holidays)
    ]
    events = [
        (f"the event '{event.title}'", day, timeline.place("events", index, "dates", number))
        for index, event in enumerate(timeline.events)
        for number, day in enumerate(event.dates)
    ]
    planned = [*_planned_days(paper)]
    if timeline.start and timeline.deadline:
        for label, day, place in planned:
            if not timeline.start <= day <= timeline.deadline:
                hint = f"choose a day from {timeline.start} to {timeline.deadline}"
                yield Finding(place, f"{label} is on {day}, outside the timeline", hint, kind="outside")
        first, last = timeline.start.year, timeline.deadline.year
        years = f"{first}" if first == last else f"{first} to {last}"
        for dates in (holidays, events):
            # Several in the year after are meant.
            end = last + (sum(day.year == last + 1 for _, day, _ in dates) > 1)
            for label, day, place in dates:
                if not first <= day.year <= end:
                    message = f"{label} is in {day.year}; the timeline is in {years}"
                    yield Finding(place, message, "correct the year", kind="year")
    for label, day, place in (*planned, *events):
        if not days.is_working(day):
            hint = f"the working day before is {days.add(days.on_or_after(day), -1)}"
            yield Finding(place, f"{label} is on {day:%A}, {day}, when nobody works", hint, kind="day-off")


def _planned_days(paper: Paper) -> Iterator[tuple[str, date, Place]]:
    for index, gate in enumerate(paper.timeline.gates):
        yield f"the gate '{gate.title}'", gate.due, paper.timeline.place("gates", index, "due")
    for chapter in paper.chapters:
        for status, due in chapter.front.due.items():
            yield f"the date for '{status}'", due, chapter.front.place("due", status)


def _bad_distances(paper: Paper) -> Iterator[Finding]:
    """Yield gates that are not as many working days before the next one as is planned."""
    timeline, days = paper.timeline, Workdays.from_timeline(paper.timeline)
    for index, (gate, after) in enumerate(pairwise(timeline.gates)):
        planned = days.add(after.due, -gate.days)
        # Counted, not compared: a gate on a day off counts as the working day before it.
        if gate.days and days.between(gate.due, after.due) != gate.days:
            message = f"'{gate.title}' is due on {gate.due}; {gate.days} working days before the next gate is {planned}"
            place = timeline.place("gates", index, "due")
            yield Finding(place, message, "change the date or the number of days", kind="gate")
