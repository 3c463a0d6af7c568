"""Write one Excel workbook, one sheet for each table. Texts are never formulas; dates are dates."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

from nioc_paper.export.table import CellValue, Table, clean_cell, escape_formulas, looks_like_formula
from nioc_paper.model import Document

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


_MAX_WIDTH, _MIN_WIDTH = 60, 8
"""Widest and narrowest column, in characters; longer texts wrap."""
_CONVERSIONS = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
_WORKBOOK_OPTIONS = {"constant_memory": True} | dict.fromkeys(_CONVERSIONS, False)
_HEAD_FORMAT = {"bold": True, "valign": "top", "bottom": 1}
_TEXT_FORMAT = {"text_wrap": True, "valign": "top"}
_DATE_FORMAT = {"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"}
# The file holds it as text in any case; the prefix keeps it a text when its user edits it.
_QUOTED_FORMAT = {**_TEXT_FORMAT, "quote_prefix": True}


class _Formats(NamedTuple):
    """Cell formats of a workbook."""

    head: object
    text: object
    date: object
    quoted: object


def write_xlsx(tables: Sequence[Table], document: Document) -> Mapping[str, bytes]:
    """Return the workbook, named like the document."""
    import xlsxwriter  # late: only an export needs it

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, _WORKBOOK_OPTIONS)
    created = datetime.fromtimestamp(document.timestamp, UTC).replace(tzinfo=None)
    book.set_properties({"title": document.title, "author": ", ".join(document.authors), "created": created})
    formats = _Formats(*map(book.add_format, (_HEAD_FORMAT, _TEXT_FORMAT, _DATE_FORMAT, _QUOTED_FORMAT)))
    for table in tables:
        _write_sheet(book.add_worksheet(table.name), table, formats)
    book.close()
    return {f"{document.stem}-registers.xlsx": data.getvalue()}


def _write_sheet(sheet: Worksheet, table: Table, formats: _Formats) -> None:
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.heads) - 1)
    for column, head in enumerate(table.heads):
        longest = max((len(str(row[column])) for row in table.rows if row[column] is not None), default=0)
        sheet.set_column(column, column, min(_MAX_WIDTH, max(_MIN_WIDTH, len(head) + 3, longest + 1)))
    for column, head in enumerate(table.heads):
        sheet.write_string(0, column, head, formats.head)
    for number, row in enumerate(table.rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                text = clean_cell(value)
                sheet.write_string(number, column, text, formats.quoted if looks_like_formula(text) else formats.text)
            elif isinstance(value, date):
                sheet.write_datetime(number, column, value, formats.date)
            elif value is not None:
                sheet.write_number(number, column, value, formats.text)


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
    return escape_formulas(clean_cell(value)) if isinstance(value, str) else "" if value is None else str(value)
