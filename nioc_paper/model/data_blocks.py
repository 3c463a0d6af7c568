"""Table of data, with the vocabulary of charts for shared features; and charts that are drawn from records."""

from __future__ import annotations

from typing import Annotated, Literal

from nioc_paper.model.record import Limits, Record

Align = Literal["left", "right", "center"]


class Data(Record):
    """File of the values."""

    url: str
    """A CSV file, from the paper's root."""


class Column(Record):
    """A column that is printed."""

    field: str
    """Its name in the file."""
    title: str | None = None
    """Its head; by default its name."""
    unit: str | None = None
    """Unit, as printed after the head."""
    align: Align | None = None
    """By default numbers are at the right."""
    decimals: Annotated[int, Limits(least=0, most=10)] | None = None
    """Number of decimals: every value is then a number, printed with commas between thousands."""


class Sort(Record):
    """Order of the rows."""

    field: str
    """The column that decides."""
    order: Literal["ascending", "descending"] = "ascending"
    """Numbers by their size, other values by their letters."""


class Total(Record):
    """A last row of sums."""

    title: str
    """Words before the sums."""
    fields: tuple[str, ...]
    """The columns that are added up."""


class TableSpec(Record):
    """The whole of a `.table` block."""

    data: Data | None = None
    """File of the values."""
    columns: tuple[Column, ...] = ()
    """Printed columns, in this order; by default every column of the file."""
    sort: Sort | None = None
    """Order of the rows; by default that of the file."""
    group: str | None = None
    """A column that is not printed: rows with one value in it follow each other below that value."""
    total: Total | None = None
    """A last row of sums."""


# --- charts that are drawn from records in place of a data file -------------------------------------------------------


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

    kind: Literal["timeline"] = "timeline"
    """The kind of chart."""
    title: str | None = None
    """The finding."""
    subtitle: str | None = None
    """Subject, and the period."""
    description: str | None = None
    """Content in words, for readers who cannot see it."""
    entries: tuple[TimelineEntry, ...] = ()
    """Events, in any order."""
