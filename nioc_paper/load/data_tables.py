"""Read tables made from data: a block of YAML and its CSV file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from nioc_paper.load import chart_faults, csv_data, facts_in_yaml
from nioc_paper.load.csv_data import CsvTable
from nioc_paper.load.load_context import LoadContext
from nioc_paper.load.records import build_record
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import (
    Align,
    Citation,
    Column,
    DataTable,
    Diagnostic,
    Place,
    Severity,
    TableSpec,
    report_all,
    spelling_hint,
)
from nioc_paper.model.data_blocks import Total
from nioc_paper.wording import format_number

MAX_PRINTED_ROWS = 500
"""Maximum rows of a printed table: more would fill a book."""
_MISSING_NUMBER = "—"
"""Printed for a number that the file lacks."""


def read_table(context: LoadContext, chapter: str, id: str, code: str, place: Place) -> DataTable | None:
    """Read a table in YAML with its data, formatted. Returns None, and reports, if it is broken."""
    diagnostics: list[Diagnostic] = []
    data_table = _build_table(context.reporting_to(diagnostics.append), chapter, (id, code, place), diagnostics)
    return None if report_all(diagnostics, context.report) else data_table


def _build_table(
    context: LoadContext, chapter: str, block: tuple[str, str, Place], diagnostics: list[Diagnostic]
) -> DataTable | None:
    name, code, place = block
    yaml_data = read_yaml(code, chapter, context.report, context.cache, line=place.line)
    problem = csv_data.missing_id_problem(name, "table", "tbl", "table")
    if not problem and not isinstance(yaml_data.value, dict):
        hint = "write YAML: data: {url: paper/data/NAME.csv}, and columns"
        problem = "the table is not a list of keys and values", hint
    if problem:
        diagnostics.append(Diagnostic(place, "broken-table", problem[0], hint=problem[1]))
        return None
    yaml_data, references = facts_in_yaml.fill_yaml(yaml_data, context.facts, chapter)
    spec = build_record(TableSpec, yaml_data, chapter, diagnostics.append)
    if spec.data is None:
        hint = "write data: {url: paper/data/NAME.csv}"
        diagnostics.append(Diagnostic(place, "broken-table", "the table names no data file", hint=hint))
        return None
    csv_table = csv_data.read_csv(context, chapter, spec.data.url, "table", spec.data.place("url"))
    if csv_table is None or not _has_valid_columns(spec, csv_table, place, diagnostics):
        return None
    return _format_table(name, place, spec, csv_table, (*references, *csv_table.references))


def _format_table(
    name: str, place: Place, spec: TableSpec, csv_table: CsvTable, references: tuple[Citation, ...]
) -> DataTable:
    """Return the table with its rows in order: sorted, then grouped, and the total below."""
    columns = _printed_columns(spec, csv_table)
    values = [csv_table.column_values(column.field) for column in columns]
    rows = list(zip(*(_format_column(column, csv_table) for column in columns), strict=True))
    order = [*range(len(rows))]
    if spec.sort:
        keys = [*map(_sort_key, csv_table.column_values(spec.sort.field))]
        order.sort(key=keys.__getitem__, reverse=spec.sort.order == "descending")
    labels = _group_labels(spec.group, csv_table) if spec.group else []
    order = sorted(order, key=lambda row: labels.index(labels[row])) if spec.group else order
    total = [_total_row(spec.total, columns, csv_table)] if spec.total else []
    return DataTable(
        name,
        tuple(map(_column_head, columns)),
        (*(rows[index] for index in order), *total),
        tuple(map(_column_alignment, columns, csv_data.column_alignments(values))),
        place,
        bool(spec.total),
        csv_table.row_places(order),
        csv_table.starts(order, [column.field for column in columns]),
        references,
        tuple(Counter(labels[row] for row in order).items()) if spec.group else (),
    )


def _printed_columns(spec: TableSpec, csv_table: CsvTable) -> tuple[Column, ...]:
    return spec.columns or tuple(Column(field=name) for name in csv_table.columns if name != spec.group)


def _has_valid_columns(spec: TableSpec, csv_table: CsvTable, place: Place, diagnostics: list[Diagnostic]) -> bool:
    """Whether the file has the columns and values that the block names."""
    if len(csv_table.rows) > MAX_PRINTED_ROWS:
        message = f"the table has {len(csv_table.rows)} rows; {MAX_PRINTED_ROWS} are allowed"
        diagnostics.append(Diagnostic(place, "broken-table", message, hint="print a part of them, or draw a chart"))
    for name, allowed, name_place in _named_columns(spec, csv_table):
        if name not in allowed:
            message, hint = f"the table's data have no column '{name}'", spelling_hint(name, allowed)
            diagnostics.append(Diagnostic(name_place, "broken-table", message, hint=hint))
    if not diagnostics:
        diagnostics += [*_group_problems(spec, csv_table), *_non_numeric_values(spec, csv_table)]
    is_valid = not diagnostics
    diagnostics += _mixed_values(spec, csv_table) if is_valid else ()
    columns = [column.field for column in _printed_columns(spec, csv_table)] if is_valid else ()
    measured = [name for name in columns if csv_data.are_all_numbers(csv_table.column_values(name))]
    diagnostics += chart_faults.empty_cells(measured, csv_table, f"'{_MISSING_NUMBER}' is printed") if is_valid else ()
    return is_valid


def _named_columns(spec: TableSpec, csv_table: CsvTable) -> Iterator[tuple[str, Sequence[str], Place]]:
    """Yield every column that a block names, with the names allowed there and the place."""
    for column in spec.columns:
        yield column.field, csv_table.columns, column.place("field")
    if spec.sort:
        yield spec.sort.field, csv_table.columns, spec.sort.place("field")
    if spec.group:
        yield spec.group, csv_table.columns, spec.place("group")
    if spec.total:
        # Summed columns are printed, after a first column with the title of the sums. A misspelled one is reported.
        printed = [column.field for column in _printed_columns(spec, csv_table)[1:]]
        summable = printed if {*printed} <= {*csv_table.columns} else csv_table.columns
        yield from ((name, summable, spec.total.place("fields", i)) for i, name in enumerate(spec.total.fields))


def _group_problems(spec: TableSpec, csv_table: CsvTable) -> Iterator[Diagnostic]:
    """Yield a column of groups that is printed as well, or is the only one, and its empty cells."""
    if not spec.group:
        return
    if any(column.field == spec.group for column in spec.columns):
        message, hint = f"the column '{spec.group}' is printed as well", "take it out of columns, or out of group"
        yield Diagnostic(spec.place("group"), "broken-table", message, hint=hint)
    elif not _printed_columns(spec, csv_table):
        message, hint = f"the data have no column besides '{spec.group}'", "take out group, or add a column to the file"
        yield Diagnostic(spec.place("group"), "broken-table", message, hint=hint)
    for row, label in enumerate(_group_labels(spec.group, csv_table)):
        if not label:
            message = f"the column '{spec.group}' is empty here, and a table groups its rows by it"
            yield Diagnostic(csv_table.cell_place(row, spec.group), "broken-data", message, hint="name the row's group")


def _non_numeric_values(spec: TableSpec, csv_table: CsvTable) -> Iterator[Diagnostic]:
    """Yield the values that are to be formatted or summed as numbers, and are none."""
    summed = spec.total.fields if spec.total else ()
    for name in dict.fromkeys([*(c.field for c in spec.columns if c.decimals is not None), *summed]):
        for row, value in enumerate(csv_table.column_values(name)):
            if not csv_data.is_number(value) and (value.strip() or name in summed):
                use = "adds it up" if name in summed else "prints it with decimals"
                message = f"'{value[:40]}' in the column '{name}' is not a number, and a table {use}"
                hint = csv_data.number_hint(value, csv_table.words)
                yield Diagnostic(csv_table.cell_place(row, name), "broken-data", message, hint=hint)


def _mixed_values(spec: TableSpec, csv_table: CsvTable) -> Iterator[Diagnostic]:
    """Yield values with a comma or a unit in columns of which most values are plain numbers."""
    for name in (column.field for column in _printed_columns(spec, csv_table)):
        values = csv_table.column_values(name)
        numbers = sum(map(csv_data.is_number, values))
        for row, value in enumerate(values if 2 * numbers > len([*filter(str.strip, values)]) > 2 else ()):
            hint = csv_data.number_hint(value, csv_table.words)
            if not csv_data.is_number(value) and hint != csv_data.NUMBER_HINT:
                message = f"'{value[:40]}' is not a number, and most of the column '{name}' are"
                yield Diagnostic(csv_table.cell_place(row, name), "text-among-numbers", message, Severity.WARNING, hint)


# --- printed cells ----------------------------------------------------------------------------------------------------


def _column_head(column: Column) -> str:
    title = column.title or csv_data.column_title(column.field)
    return f"{title} ({column.unit})" if column.unit else title


def _column_alignment(column: Column, usual: Align) -> Align:
    return column.align or (usual if column.decimals is None else "right")


def _format_column(column: Column, csv_table: CsvTable) -> list[str]:
    """Return a column as it is printed, with a dash for each missing number."""
    values = csv_table.column_values(column.field)
    if column.decimals is None:
        are_numbers, facts = csv_data.are_all_numbers(values), csv_table.printed_facts(column.field)
        printed = [format_number(value, csv_table.words) for value in values] if are_numbers else values
        return [facts.get(row, value or _MISSING_NUMBER * are_numbers) for row, value in enumerate(printed)]
    words = csv_table.words
    return [
        csv_data.print_number(value, words, column.decimals) if value.strip() else _MISSING_NUMBER for value in values
    ]


def _group_labels(name: str, csv_table: CsvTable) -> list[str]:
    """Return the heading of each row's group; wider spaces make no other one."""
    return [" ".join(text.split()) for text in _format_column(Column(field=name), csv_table)]


def _sort_key(value: str) -> tuple[bool, float, str]:
    is_number = csv_data.is_number(value)
    return not is_number, float(value) if is_number else 0, value.casefold()


def _total_row(total: Total, columns: Sequence[Column], csv_table: CsvTable) -> tuple[str, ...]:
    sums = {name: str(sum(map(Decimal, csv_table.column_values(name)))) for name in total.fields}
    words = csv_table.words
    cells = (csv_data.print_number(sums[c.field], words, c.decimals) if c.field in sums else "" for c in columns[1:])
    return total.title, *cells
