"""Entries of a bibliography file as they are written, with their places."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import Struct, field

Position = tuple[int, int]
"""Line and column, from 1."""


class Field(NamedTuple):
    """A field of an entry: its name as written, its value, and the positions of both."""

    name: str
    value: Any
    position: Position
    value_position: Position


class ScannedEntry(Struct, frozen=True):
    """An entry of a file; one without text cannot be read."""

    id: str
    type: str
    position: Position
    """Position of the key."""
    type_position: Position
    fields: Sequence[Field] = ()
    text: str = ""
    """Text that pandoc reads."""
    own: Sequence[Field] = ()
    """Keys of our own, which no style prints."""

    def field(self, *names: str) -> Field | None:
        """Return the first field with one of these names; case does not count."""
        return next((f for name in names for f in self.fields if f.name.lower() == name.lower()), None)


class ScanProblem(NamedTuple):
    """A part of a file that cannot be read."""

    position: Position
    message: str
    hint: str


class Scan(Struct):
    """Entries of a file, and unreadable parts."""

    entries: list[ScannedEntry] = field(default_factory=list)
    problems: list[ScanProblem] = field(default_factory=list)


class Lines:
    """Lines of a text, to turn an index into a position."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def position(self, index: int) -> Position:
        """Return line and column of an index."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


def without_repeats(entries: Sequence[ScannedEntry]) -> Iterator[ScannedEntry]:
    """Yield the readable entries; of those with the same key the first."""
    seen: set[str] = set()
    for entry in entries:
        if entry.id not in seen:
            seen.add(entry.id)
            if entry.text:
                yield entry
