"""Timeline of a paper: paper/timeline.yaml."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from nioc_paper.model.record import Day, Limits, Printed, Record

Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_UNIQUE_TEXT = Limits(unique_in="list", duplicate_kind="value")
_PRINTED_TITLE = Limits(unique_in="list", duplicate_kind="value", printed=True)
_LEFT = Limits(refers_to="status", unique_in="list", not_before="statuses", order_kind="gates")


class Period(Record):
    """A length in calendar months."""

    months: Annotated[int, Limits(least=1)]
    """Calendar months."""


class Holiday(Record):
    """A day on which nobody works."""

    on: Annotated[Day, Limits(unique_in="list", planned_as="holiday")]
    """The day."""
    name: Printed
    """Occasion."""
    verify: bool = False
    """The day is not yet confirmed."""


class Gate(Record):
    """A date by which every chapter must have left a status."""

    id: Annotated[str, Limits(unique_in="list")]
    """The gate's name."""
    title: Annotated[str, _PRINTED_TITLE]
    """State reached by then, in words."""
    due: Annotated[Day, Limits(not_before="list", order_kind="gates", planned_as="gate")]
    """The day."""
    days: Annotated[int, Limits(least=0)] = 0
    """Planned working days from this gate to the next."""
    leaves: Annotated[str, _LEFT] | None = None
    """The status that chapters must have left."""
    needs: Printed | None = None
    """Further conditions, in words."""


class Event(Record):
    """Something that recurs: a newsletter, a meeting."""

    id: Annotated[str, Limits(unique_in="list")]
    """The event's name."""
    title: Printed
    """Event in words."""
    every: Literal["month"] | None = None
    """Interval."""
    on: Literal["last-working-day", "first-working-day"] = "last-working-day"
    """Day of the month."""
    since: Day | None = None
    """The first day on which it can be."""
    until: Annotated[Day, Limits(not_before="since")] | None = None
    """The last day on which it can be."""
    dates: tuple[Annotated[Day, Limits(unique_in="list", duplicate_kind="value", planned_as="event")], ...] = ()
    """Single days, if it does not recur at an interval."""
    meeting: bool = False
    """Whether it is a meeting; the board page then shows the changes since the last one."""
    verify: bool = False
    """The days are not yet confirmed."""
    note: str | None = None
    """For colleagues; never printed."""


class Timeline(Record):
    """The whole of paper/timeline.yaml."""

    required_keys: ClassVar[tuple[str, ...]] = ("start", "deadline")
    start: Day | None = None
    """The day on which work began."""
    period: Period | None = None
    """Planned duration of the work, to check the deadline against."""
    deadline: Annotated[Day, Limits(not_before="start")] | None = None
    """The day on which the paper is due."""
    work_week: tuple[Annotated[Weekday, _UNIQUE_TEXT], ...] = ("Mon", "Tue", "Wed", "Thu", "Fri")
    """The days of the week on which people work."""
    holidays: tuple[Holiday, ...] = ()
    """Days on which nobody works."""
    gates: tuple[Gate, ...] = ()
    """Dates by which chapters must have left a status, in order."""
    events: tuple[Event, ...] = ()
    """Newsletters and meetings."""
