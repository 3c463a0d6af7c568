"""Lines and columns as editors count them. They agree with each editor on a unit: bytes, UTF-16 units or characters.

Everywhere else a column is a number of characters. Only what the protocol calls an end of line is one here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_LINE_END = re.compile("\r\n|\r|\n")
UNITS: Mapping[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode(errors="surrogatepass")),
    "utf-16": lambda text: len(text) + sum(c > "\uffff" for c in text),
    "utf-32": len,
}
"""How long a text is, by the name of the unit in the protocol."""


def split_lines(text: str) -> list[str]:
    """The lines of a text without their ends; a last one may be empty."""
    return _LINE_END.split(text)


def to_units(line: str, column: int, unit: str) -> int:
    """Units before a column, both from 0."""
    return UNITS[unit](line[:column])


def to_column(line: str, units: int, unit: str) -> int:
    """Characters before a position in units; inside a character, that before it; behind the line, its end."""
    length, column = UNITS[unit], 0
    while column < len(line) and (units := units - length(line[column])) >= 0:
        column += 1
    return column
