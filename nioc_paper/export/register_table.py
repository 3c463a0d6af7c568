"""Describe a register as columns, build its table, and write tables as an Excel workbook or CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.model import Document, History, Paper
from nioc_paper.wording import Wording, text_direction, translated_head, wording_for

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

CellValue = str | int | date | None
"""Value of a cell; None is an empty one."""


class ExportSource(Struct, frozen=True):
    """Source of all registers: a paper as far as its audience may read it, and the document made of it."""

    paper: Paper
    document: Document
    history: History

    @property
    def words(self) -> Wording:
        """Words in the language of the document."""
        return wording_for(self.document.language, self.document.own_words)


class Table(Struct, frozen=True):
    """A register ready to be written: name, heads, and a row for each record."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[CellValue, ...], ...]


T = TypeVar("T")
ColumnGetter = Callable[[ExportSource, T], object]
"""Function from the source and a record to a raw value, see `cell_value`."""


class RowOfChapter(NamedTuple, Generic[T]):
    """A record of a chapter, and the title of the chapter."""

    chapter_title: str
    record: T


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
    if _utf16_units(line) <= MAX_CELL_UNITS:
        return line
    return line.encode("utf-16-le")[: (MAX_CELL_UNITS - 1) * 2].decode("utf-16-le", "ignore") + "…"


def escape_formulas(text: str) -> str:
    """Return a text for CSV with an apostrophe before possible formulas.

    Also after a semicolon, which ends a cell where the comma is the decimal sign.
    """
    return _FORMULA_START.sub(r"\1'", text)


def find_truncated_registers(tables: Sequence[Table]) -> list[str]:
    """Return the names of the registers with texts that are too long for a cell, and are cut."""
    values = ((table.name, value) for table in tables for row in table.rows for value in row)
    long = (name for name, value in values if isinstance(value, str) and _utf16_units(value) > MAX_CELL_UNITS)
    return [*dict.fromkeys(long)]


def _utf16_units(text: str) -> int:
    return len(text) + sum(ord(letter) > 0xFFFF for letter in text) if len(text) * 2 > MAX_CELL_UNITS else len(text)


# --- files: an Excel workbook with a sheet for each table, and CSV ----------------------------------------------------


_MAX_WIDTH, _MIN_WIDTH = 60, 8
"""Widest and narrowest column, in characters; longer texts wrap."""
_CONVERSIONS = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
_TEXT_FORMAT = {"text_wrap": True, "valign": "top"}
_FORMATS: Mapping[str, Mapping[str, object]] = {
    "head": {"bold": True, "valign": "top", "bottom": 1},
    "text": _TEXT_FORMAT,
    "date": {"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"},
    # The file holds it as text in any case; the prefix keeps it a text when its user edits it.
    "quoted": {**_TEXT_FORMAT, "quote_prefix": True},
}


def write_xlsx(tables: Sequence[Table], document: Document) -> Mapping[str, bytes]:
    """Return the workbook, named like the document, with heads in its language. Texts are never formulas."""
    import xlsxwriter  # late: only an export needs it

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"constant_memory": True} | dict.fromkeys(_CONVERSIONS, False))
    created = datetime.fromtimestamp(document.timestamp, UTC).replace(tzinfo=None)
    book.set_properties({"title": document.title, "author": ", ".join(document.authors), "created": created})
    formats = {name: book.add_format(look) for name, look in _FORMATS.items()}
    words = wording_for(document.language, document.own_words)
    for table in tables:
        sheet = book.add_worksheet(table.name)
        if text_direction(document.language) == "rtl":
            sheet.right_to_left()
        heads = (translated_head(words, head) for head in table.heads)
        _write_sheet(sheet, replace(table, heads=tuple(heads)), formats)
    book.close()
    return {f"{document.stem}-registers.xlsx": data.getvalue()}


def _write_sheet(sheet: Worksheet, table: Table, formats: Mapping[str, object]) -> None:
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.heads) - 1)
    for column, head in enumerate(table.heads):
        longest = max((len(str(row[column])) for row in table.rows if row[column] is not None), default=0)
        sheet.set_column(column, column, min(_MAX_WIDTH, max(_MIN_WIDTH, len(head) + 3, longest + 1)))
        sheet.write_string(0, column, head, formats["head"])
    for number, row in enumerate(table.rows, 1):
        for column, value in enumerate(row):
            _write_cell(sheet, (number, column), value, formats)


def _write_cell(sheet: Worksheet, cell: tuple[int, int], value: CellValue, formats: Mapping[str, object]) -> None:
    if isinstance(value, str):
        text = clean_cell(value)
        sheet.write_string(*cell, text, formats["quoted" if _FORMULA_START.match(text) else "text"])
    elif value is True:
        sheet.write_boolean(*cell, value, formats["text"])  # Excel has its own word for it
    elif isinstance(value, date):
        sheet.write_datetime(*cell, value, formats["date"])
    elif value is not None:
        sheet.write_number(*cell, value, formats["text"])


# --- CSV (RFC 4180, with the byte order mark by which Excel knows UTF-8) ----------------------------------------------


def write_csv(tables: Sequence[Table], _: Document) -> Mapping[str, bytes]:
    """Return the tables as files by name."""
    return {f"{table.name}.csv": _encode_table(table) for table in tables}


def _encode_table(table: Table) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.heads)
    writer.writerows([_cell_text(value) for value in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _cell_text(value: CellValue) -> str:
    text = escape_formulas(clean_cell(value)) if isinstance(value, str) else str(value)
    return "" if value is None else "yes" if value is True else text
