"""Charts that are drawn from records in place of a data file: timelines of sources."""

from __future__ import annotations

from typing import Annotated, Literal

from nioc_paper.model.record import Limits, Record


class TimelineEntry(Record):
    """Something that happened, as a source says."""

    source: str
    """Key of the source that states it."""
    date: Annotated[str, Limits(pattern=r"\d{4}(-\d\d(-\d\d)?)?", form="a year, YYYY-MM or YYYY-MM-DD")] | None = None
    """Day, month or year; by default that of the source."""
    text: str | None = None
    """Event in words; by default the title of the source."""
    group: str | None = None
    """Heading under which it is shown."""


class TimelineChart(Record):
    """A `.chart` block of the kind `timeline`."""

    kind: Literal["timeline"]
    """The kind of chart."""
    title: str | None = None
    """The finding."""
    subtitle: str | None = None
    """Subject, and the period."""
    description: str | None = None
    """Content in words, for readers who cannot see it."""
    entries: tuple[TimelineEntry, ...] = ()
    """Events, in any order."""


DIAGRAM_KINDS: dict[str, type[TimelineChart]] = {"timeline": TimelineChart}
"""Records by the kind of chart."""
