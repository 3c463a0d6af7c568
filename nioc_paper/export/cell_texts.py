"""Clean texts for cells of CSV files and workbooks: valid, not too long, never read as formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nioc_paper.export.table import Table

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
