"""Export the plan as a calendar (RFC 5545): gates, meetings, newsletters, deadline, obligations.

Every entry is a whole day and has a stable name: a calendar that is imported again is updated, and a later commit
replaces an earlier one. Nothing depends on the clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar
from icalendar import Event as IcsEvent
from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.domain.workdays import Workdays
from nioc_paper.model import Event, Obligation, Paper, Progress
from nioc_paper.report.terminal_escaping import printable_line
from nioc_paper.wording import progress_text, wording_for

_CHANGING_KINDS = ("comments", "clearance")
"""Kinds of obligations whose words tell a state: the number of comments, or how far a clearance is."""


class CalendarEntry(Struct, frozen=True):
    """A day in a calendar; `name` does not depend on time or commit."""

    name: str
    on: date
    title: str
    kind: str


def build_calendar(
    paper: Paper, progress: Progress, owed: Iterable[Obligation], timestamp: int, *, gates: bool = True
) -> bytes:
    """Return the calendar as bytes of an .ics file; `timestamp` is the commit's, in seconds since the epoch."""
    ics = Calendar()
    ics.add("prodid", "-//nioc_paper//calendar//EN")
    ics.add("version", "2.0")
    ics.add("method", "PUBLISH")
    ics.add("x-wr-calname", printable_line(paper.settings.title))
    entries = sorted(set(_calendar_entries(paper, progress, owed, gates=gates)), key=attrgetter("on", "name", "title"))
    numbers: Counter[str] = Counter()
    for entry in entries:
        # Of entries that share a name, calendars show one only.
        numbers[name := entry.name] += 1
        unique = entry if numbers[name] == 1 else replace(entry, name=f"{name}-{numbers[name]}")
        changed = datetime.fromtimestamp(timestamp, UTC)
        event = IcsEvent()
        event.add("uid", f"{unique.name}@{paper.settings.id}")
        event.add("dtstamp", changed)
        event.add("last-modified", changed)
        # Higher for a later commit; in minutes, for programs that count in 32 bits.
        event.add("sequence", timestamp // 60)
        event.add("summary", printable_line(unique.title))
        event.add("dtstart", unique.on)
        event.add("dtend", unique.on + timedelta(days=1))
        event.add("categories", [unique.kind])
        event.add("transp", "TRANSPARENT")
        ics.add_component(event)
    return bytes(ics.to_ical())


def _calendar_entries(
    paper: Paper, progress: Progress, owed: Iterable[Obligation], *, gates: bool
) -> Iterator[CalendarEntry]:
    words, timeline = wording_for(paper.settings.language, paper.settings.own_words), paper.timeline
    if gates:
        for gate in timeline.gates:
            yield CalendarEntry(f"gate-{gate.id}", gate.due, gate.title, words["gate"])
    if timeline.deadline:
        title = words["deadline_of"].format(paper.settings.title)
        yield CalendarEntry("deadline", timeline.deadline, title, words["deadline_word"])
    for event in timeline.events:
        yield from _event_entries(event, paper, progress, words["meeting" if event.meeting else "event"])
    for obligation in owed:
        if obligation.by:
            # Without its date: a postponed obligation is the same one.
            task = "" if obligation.kind in _CHANGING_KINDS else obligation.what
            who = obligation.who.id or obligation.who.name
            key = "\n".join((paper.settings.id, obligation.kind, obligation.chapter or "", who, task))
            title = f"{progress_text.describe_obligation(progress, obligation, words)} ({obligation.who.name})"
            yield CalendarEntry(f"owed-{uuid5(NAMESPACE_URL, key)}", obligation.by, title, words["owed_word"])


def _event_entries(event: Event, paper: Paper, progress: Progress, kind: str) -> Iterator[CalendarEntry]:
    """Yield the days of an event up to the deadline, and its next one.

    Names are the month, or the index of the day: a moved event keeps its name.
    """
    timeline, upcoming = paper.timeline, (u.on for u in progress.upcoming if u.id == event.id)
    ends = [timeline.start, timeline.deadline, event.since, event.until, *event.dates, *upcoming]
    known = [day for day in ends if day]
    if not known:
        return
    for number, on in enumerate(Workdays.from_timeline(timeline).event_days(event, min(known), max(known)), 1):
        name = on.isoformat()[:7] if event.every else str(number)
        yield CalendarEntry(f"event-{event.id}-{name}", on, event.title, kind)
