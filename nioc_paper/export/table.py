"""Describe a register as columns, and build its table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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


# --- clean texts for cells --------------------------------------------------------------------------------------------


MAX_CELL_UNITS = 32_767
"""Maximum UTF-16 units in a cell of Excel: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3"""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
# Starts of formulas, full width included: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_START = re.compile(r"(^|;)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def clean_cell(text: str) -> str:
    """Return a text on one line, valid in XML, and no longer than a cell."""
    line = _CONTROL.sub(" ", text)
    return _truncate(line) if _utf16_units(line) > MAX_CELL_UNITS else line


def looks_like_formula(text: str) -> bool:
    """Return whether a spreadsheet could read a text as a formula."""
    return _FORMULA_START.match(text) is not None


def escape_formulas(text: str) -> str:
    """Return a text for CSV with an apostrophe before possible formulas.

    Also after a semicolon, which ends a cell where the comma is the decimal sign.
    """
    return _FORMULA_START.sub(r"\1'", text)


def find_truncated_registers(tables: Sequence[Table]) -> list[str]:
    """Return the names of the registers with texts that are too long for a cell, and are cut."""
    return [
        table.name
        for table in tables
        if any(isinstance(value, str) and _utf16_units(value) > MAX_CELL_UNITS for row in table.rows for value in row)
    ]


def _utf16_units(text: str) -> int:
    return len(text) + sum(ord(letter) > 0xFFFF for letter in text) if len(text) * 2 > MAX_CELL_UNITS else len(text)


def _truncate(text: str) -> str:
    return text.encode("utf-16-le")[: (MAX_CELL_UNITS - 1) * 2].decode("utf-16-le", "ignore") + "…"
