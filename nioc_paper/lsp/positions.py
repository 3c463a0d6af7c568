"""Lines and columns as editors count them, in a unit agreed with each editor: bytes, UTF-16 units or characters.

Elsewhere a column is a number of characters. Lines end here only at the line ends of the protocol.
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
"""Functions for the length of a text, by the name of the unit in the protocol."""


def split_lines(text: str) -> list[str]:
    """Return the lines of a text without their ends; the last one may be empty."""
    return _LINE_END.split(text)


def to_units(line: str, column: int, unit: str) -> int:
    """Return the number of units before a column, both from 0."""
    return UNITS[unit](line[:column])


def to_column(line: str, units: int, unit: str) -> int:
    """Return the number of characters before a position in units.

    A position inside a character counts as before it, one after the line as its end.
    """
    length, column = UNITS[unit], 0
    while column < len(line) and (units := units - length(line[column])) >= 0:
        column += 1
    return column
