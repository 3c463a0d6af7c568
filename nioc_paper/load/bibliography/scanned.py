"""Entries of a bibliography file as they are written, with their places."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import Struct, field

from nioc_paper.load.bibliography.cached_file import Position
from nioc_paper.load.bibliography.vocabulary import VARIABLES_BY_SYNONYM


class Field(NamedTuple):
    """A field of an entry: its name, its value and the position of the value."""

    name: str
    value: Any
    position: Position


class ScannedEntry(Struct, frozen=True):
    """An entry of a file."""

    id: str
    type: str
    position: Position
    """Position of the key."""
    fields: Sequence[Field] = ()
    """Fields by CSL variable; those of BibTeX by their own names."""
    text: str = ""
    """Text of BibTeX for pandoc."""
    own: Sequence[Field] = ()
    """Keys of our own, which no style prints."""

    def field(self, variable: str) -> Field | None:
        """Return the first field with the name of a CSL variable, or with a synonym of it."""
        fields = (f for f in self.fields if variable in (f.name, VARIABLES_BY_SYNONYM.get(f.name.lower())))
        return next(fields, None)

    def place(self, variable: str) -> Position:
        """Return the position of a CSL variable; that of the entry if no field has its name."""
        field = self.field(variable)
        return field.position if field else self.position


class ScanProblem(NamedTuple):
    """A part of a file that cannot be read."""

    position: Position
    message: str
    hint: str


class Scan(Struct):
    """Entries of a file, and unreadable parts."""

    entries: list[ScannedEntry] = field(default_factory=list)
    problems: list[ScanProblem] = field(default_factory=list)
    macros: str = ""
    """Definitions that entries of BibTeX use."""


class Lines:
    """Lines of a text, to turn an index into a position."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def position(self, index: int) -> Position:
        """Return line and column of an index."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1
