"""Tables made from files of data: a block of YAML and its CSV file to heads and values as they are printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from nioc_paper.cache import Cache
from nioc_paper.load import data
from nioc_paper.load.data import Sheet
from nioc_paper.load.records import build
from nioc_paper.load.yaml import read as read_yaml
from nioc_paper.model import Align, Column, DataTable, Diagnostic, Place, Report, TableSpec, nearest
from nioc_paper.model.table import Sort, Total

ROWS = 500
"""Of a table: it would be a book of its own."""
_NONE = "—"
"""Stands for a number that the file does not have."""
_DIGITS = "write digits and one point, as in 9000 or 6.5; leave out what is not known"


def table(root: Path, chapter: str, id: str, code: str, place: Place, report: Report, cache: Cache) -> DataTable | None:
    """A table in YAML with its values read in and set."""
    found: list[Diagnostic] = []
    made = _table(root, chapter, (id, code, place), found, cache)
    for diagnostic in found:
        report(diagnostic)
    return None if found else made


def _table(
    root: Path, chapter: str, block: tuple[str, str, Place], found: list[Diagnostic], cache: Cache
) -> DataTable | None:
    name, code, place = block
    given = read_yaml(code, chapter, found.append, cache, line=place.line)
    if complaint := data.unnamed(name, "table", "tbl", "table") or _shapeless(given.value):
        found.append(Diagnostic(place, "broken-table", complaint[0], hint=complaint[1]))
        return None
    spec = build(TableSpec, given, chapter, found.append)
    if spec.data is None:
        hint = "write data: {url: paper/data/NAME.csv}"
        found.append(Diagnostic(place, "broken-table", "the table names no file of data", hint=hint))
        return None
    sheet = data.read(root, chapter, spec.data.url, ("table", place), found.append)
    if sheet is None or not _fits(spec, sheet, place, found):
        return None
    columns = _columns(spec, sheet)
    values = [sheet.column(column.field) for column in columns]
    rows = list(zip(*map(_printed, columns, values), strict=True))
    order = _order(spec.sort, sheet.column(spec.sort.field)) if spec.sort else [*range(len(rows))]
    rows = [rows[at] for at in order]
    if spec.total:
        rows.append(_sums(spec.total, columns, sheet))
    aligns = tuple(map(_align, columns, data.alignment(values)))
    heads, starts = tuple(map(_head, columns)), sheet.starts(order, [column.field for column in columns])
    return DataTable(name, heads, tuple(rows), aligns, place, bool(spec.total), sheet.places(order), starts)


def _shapeless(value: object) -> tuple[str, str] | None:
    hint = "write YAML: data: {url: paper/data/NAME.csv}, and columns"
    return None if isinstance(value, dict) else ("the table is no list of keys and values", hint)


def _columns(spec: TableSpec, sheet: Sheet) -> tuple[Column, ...]:
    return spec.columns or tuple(Column(field=name) for name in sheet.columns)


def _fits(spec: TableSpec, sheet: Sheet, place: Place, found: list[Diagnostic]) -> bool:
    """Whether the file has what the block asks for."""
    if len(sheet.rows) > ROWS:
        message = f"the table has {len(sheet.rows)} rows; {ROWS} are allowed"
        found.append(Diagnostic(place, "broken-table", message, hint="print a part of them, or draw a chart"))
    for name, known, where in _asked(spec, sheet):
        if name not in known:
            message, hint = f"the table's data have no column '{name}'", nearest(name, known)
            found.append(Diagnostic(where, "broken-table", message, hint=hint))
    if not found:
        found += _no_numbers(spec, sheet)
    return not found


def _asked(spec: TableSpec, sheet: Sheet) -> Iterator[tuple[str, Sequence[str], Place]]:
    """Every column that a block names, those it may name there, and where it does."""
    for column in spec.columns:
        yield column.field, sheet.columns, column.place("field")
    if spec.sort:
        yield spec.sort.field, sheet.columns, spec.sort.place("field")
    if spec.total:
        # What is added up is printed, behind a first column that holds the title of the sums.
        printed = [column.field for column in _columns(spec, sheet)[1:]]
        yield from ((name, printed, spec.total.place("fields", i)) for i, name in enumerate(spec.total.fields))


def _no_numbers(spec: TableSpec, sheet: Sheet) -> Iterator[Diagnostic]:
    """Values that are to be printed or added up as numbers, and are none."""
    summed = spec.total.fields if spec.total else ()
    for name in dict.fromkeys([*(c.field for c in spec.columns if c.decimals is not None), *summed]):
        for row, value in enumerate(sheet.column(name)):
            if not data.is_number(value) and (value.strip() or name in summed):
                why = "adds it up" if name in summed else "prints it with decimals"
                message = f"'{value[:40]}' in the column '{name}' is no number, and a table {why}"
                yield Diagnostic(sheet.place(row, name), "broken-data", message, hint=_DIGITS)


# --- what is printed --------------------------------------------------------------------------------------------------


def _head(column: Column) -> str:
    title = column.title or data.titled(column.field)
    return f"{title} ({column.unit})" if column.unit else title


def _align(column: Column, usual: Align) -> Align:
    return column.align or (usual if column.decimals is None else "right")


def _printed(column: Column, values: Sequence[str]) -> list[str]:
    """A column as it is printed. Where a number is missing, a dash says so."""
    if column.decimals is None:
        return [value or _NONE for value in values] if data.are_numbers(values) else list(values)
    return [data.printed(value, column.decimals) if value.strip() else _NONE for value in values]


def _order(sort: Sort, values: Sequence[str]) -> list[int]:
    return sorted(range(len(values)), key=lambda row: _rank(values[row]), reverse=sort.order == "descending")


def _rank(value: str) -> tuple[bool, float, str]:
    number = data.is_number(value)
    return not number, float(value) if number else 0, value.casefold()


def _sums(total: Total, columns: Sequence[Column], sheet: Sheet) -> tuple[str, ...]:
    sums = {name: str(sum(map(Decimal, sheet.column(name)))) for name in total.fields}
    cells = (data.printed(sums[c.field], c.decimals) if c.field in sums else "" for c in columns[1:])
    return total.title, *cells
