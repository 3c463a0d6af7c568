"""A register as a table: columns by their heads, each with what it says of a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from nioc_paper.model import Document, History, Paper

Value = str | int | date | None
"""What a cell holds; None is an empty one."""


@dataclass(frozen=True, slots=True)
class Given:
    """What registers are made of: a paper as far as its audience may read it, and the document made of it."""

    paper: Paper
    document: Document
    history: History


@dataclass(frozen=True, slots=True)
class Table:
    """A register that can be written: its name, its heads, and a row for each record."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


Column = Callable[[Given, Any], Any]


@dataclass(frozen=True, slots=True)
class Register:
    """Which records a table has, what its columns say of them, and which columns are for colleagues only."""

    records: Callable[[Given], Iterable[Any]]
    columns: Mapping[str, Column]
    inside: frozenset[str] = frozenset()
    """Heads of columns that the paper never prints."""

    def table(self, name: str, given: Given, *, inside: bool) -> Table:
        """The table; the columns for colleagues only `inside`."""
        columns = {head: get for head, get in self.columns.items() if inside or head not in self.inside}
        rows = (tuple(value(get(given, record)) for get in columns.values()) for record in self.records(given))
        return Table(name, tuple(columns), tuple(rows))


def plain(*names: str) -> dict[str, Column]:
    """Columns that say what a record has under a name, which is also their head: `as_of` is "As of"."""

    def column(name: str) -> Column:
        get = attrgetter(name)
        return lambda _, record: get(record)

    return {name.replace("_", " ").capitalize(): column(name) for name in names}


def value(given: Any) -> Value:
    """What a cell holds for a value of a record."""
    if given is None or given == "" or given is False:
        return None
    if given is True:
        return "yes"
    if isinstance(given, tuple | list):
        return "; ".join(str(part) for part in given) or None
    return given if isinstance(given, int | date) else str(given)
