"""CSV as RFC 4180 has it, a file a table, with the mark by which Excel knows UTF-8."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from nioc_paper.export.cells import clean, guarded
from nioc_paper.export.table import Table, Value
from nioc_paper.model import Document


def write(tables: Sequence[Table], _: Document) -> Mapping[str, bytes]:
    """The tables as files by name."""
    return {f"{table.name}.csv": _bytes(table) for table in tables}


def _bytes(table: Table) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.heads)
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Value) -> str:
    return guarded(clean(value)) if isinstance(value, str) else "" if value is None else str(value)
