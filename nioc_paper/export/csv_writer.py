"""Write CSV by RFC 4180, one file for each table, with the byte order mark by which Excel knows UTF-8."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from nioc_paper.export.cell_texts import clean_cell, escape_formulas
from nioc_paper.export.table import CellValue, Table
from nioc_paper.model import Document


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
