"""Describe a register as columns, and build its table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from operator import attrgetter
from typing import Generic, TypeVar

from msgspec import Struct

from nioc_paper.model import Document, History, Paper

CellValue = str | int | date | None
"""Value of a cell; None is an empty one."""


class ExportSource(Struct, frozen=True):
    """Source of all registers: a paper as far as its audience may read it, and the document made of it."""

    paper: Paper
    document: Document
    history: History


class Table(Struct, frozen=True):
    """A register ready to be written: name, heads, and a row for each record."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[CellValue, ...], ...]


T = TypeVar("T")
ColumnGetter = Callable[[ExportSource, T], object]
"""Function from the source and a record to a raw value, see `cell_value`."""


class Register(Struct, Generic[T], frozen=True):
    """Records of a table, its columns, and those that are internal."""

    records: Callable[[ExportSource], Iterable[T]]
    columns: Mapping[str, ColumnGetter[T]]
    internal_heads: frozenset[str] = frozenset()
    """Heads of columns that the paper never prints."""

    def build_table(self, name: str, source: ExportSource, *, internal: bool) -> Table:
        """Return the table; internal columns only if `internal`."""
        columns = {head: get for head, get in self.columns.items() if internal or head not in self.internal_heads}
        rows = (tuple(cell_value(get(source, record)) for get in columns.values()) for record in self.records(source))
        return Table(name, tuple(columns), tuple(rows))


def attribute_columns(*names: str) -> dict[str, ColumnGetter[object]]:
    """Return columns of attributes, each with the name as its head: `as_of` is "As of"."""

    def column(name: str) -> ColumnGetter[object]:
        get = attrgetter(name)
        return lambda _, record: get(record)

    return {name.replace("_", " ").capitalize(): column(name) for name in names}


def cell_value(raw: object) -> CellValue:
    """Return the cell for a value of a record."""
    if raw is None or raw == "" or raw is False:
        return None
    if raw is True:
        return "yes"
    if isinstance(raw, tuple | list):
        return "; ".join(str(part) for part in raw) or None
    return raw if isinstance(raw, int | date) else str(raw)
