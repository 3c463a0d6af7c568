"""The plan for people's calendars (RFC 5545): gates, meetings, newsletters, the deadline, and what is owed.

Every entry is of a whole day and has a name that it keeps, so that a calendar that is read in again is brought up to
date: what the last commit says replaces what an earlier one said. Nothing in it is of the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from nioc_paper import phrases
from nioc_paper.model import Event, Owed, Paper, Progress, Timeline
from nioc_paper.report.printable import clean
from nioc_paper.wording import Words, labels
from nioc_paper.workdays import Workdays

if TYPE_CHECKING:
    from icalendar import Event as Entered


@dataclass(frozen=True, slots=True)
class Entry:
    """A day in a calendar; `name` is the same whenever and from whatever commit the calendar is made."""

    name: str
    on: date
    title: str
    kind: str


def calendar(paper: Paper, progress: Progress, owed: Iterable[Owed], timestamp: int, *, gates: bool = True) -> bytes:
    """The calendar as bytes of an .ics file; `timestamp` is that of the commit, in seconds since the epoch."""
    from icalendar import Calendar

    made = Calendar()
    made.add("prodid", "-//nioc_paper//calendar//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", clean(paper.settings.title))
    for entry in sorted({e.name: e for e in _entries(paper, progress, owed, gates=gates)}.values(), key=_order):
        made.add_component(_event(paper, entry, timestamp))
    return bytes(made.to_ical())


def _order(entry: Entry) -> tuple[date, str]:
    return entry.on, entry.name


def _event(paper: Paper, entry: Entry, timestamp: int) -> Entered:
    from icalendar import Event as Entered

    changed = datetime.fromtimestamp(timestamp, UTC)
    event = Entered()
    event.add("uid", f"{entry.name}@{paper.settings.id}")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    # A later commit has a higher number. In minutes, for programs that count in 32 bits.
    event.add("sequence", timestamp // 60)
    event.add("summary", clean(entry.title))
    event.add("dtstart", entry.on)
    event.add("dtend", entry.on + timedelta(days=1))
    event.add("categories", [entry.kind])
    event.add("transp", "TRANSPARENT")
    return event


def _entries(paper: Paper, progress: Progress, owed: Iterable[Owed], *, gates: bool) -> Iterator[Entry]:
    words, timeline = labels(paper.settings.language), paper.timeline
    if gates:
        for gate in timeline.gates:
            yield Entry(f"gate-{gate.id}", gate.due, gate.title, words["gate"])
    if timeline.deadline:
        title = words["deadline_of"].format(paper.settings.title)
        yield Entry("deadline", timeline.deadline, title, words["deadline_word"])
    for event in timeline.events:
        yield from _occurrences(event, timeline, words)
    for debt in owed:
        if debt.by:
            # Not its date: one that is put off is the same debt.
            key = "\n".join((paper.settings.id, debt.kind, debt.chapter or "", debt.who.id or debt.who.name, debt.what))
            title = f"{phrases.debt(progress, debt)} ({debt.who.name})"
            yield Entry(f"owed-{uuid5(NAMESPACE_URL, key)}", debt.by, title, words["owed_word"])


def _occurrences(event: Event, timeline: Timeline, words: Words) -> Iterator[Entry]:
    """A monthly event goes by its month, another by its place among its days: one that is moved keeps its name."""
    ends = [d for d in (timeline.start, timeline.deadline, event.since, event.until, *event.dates) if d]
    if not ends:
        return
    kind = words["meeting" if event.meeting else "event"]
    for number, on in enumerate(Workdays.of(timeline).occurrences(event, min(ends), max(ends)), 1):
        name = on.isoformat()[:7] if event.every else str(number)
        yield Entry(f"event-{event.id}-{name}", on, event.title, kind)
