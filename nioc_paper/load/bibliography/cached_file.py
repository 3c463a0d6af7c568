"""Bibliography file as the cache holds it: without the parsers, which an unchanged file does not need."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from nioc_paper.model import Diagnostic, KeyPath, RecordSource, Reference, SourceFault

Position = tuple[int, int]
"""Line and column, from 1."""


class CachedEntry(NamedTuple):
    """An entry as the cache holds it: arguments of `Reference.from_cache`, and positions of its key and values."""

    values: dict[str, object]
    extra_json: str
    formatted_json: str
    position: Position
    positions: dict[str, Position]

    def to_reference(self, path: str) -> Reference:
        """Return the reference of the entry, in the file with this path."""
        positions: dict[KeyPath, Position] = {(name,): position for name, position in self.positions.items()}
        source = RecordSource(path, {**positions, (): self.position})
        return Reference.from_cache(source, self.values, self.extra_json, self.formatted_json)


class CachedFile(Struct):
    """Entries of a file, with their faults and all other findings."""

    entries: list[CachedEntry] = []
    faults: list[SourceFault] = []
    diagnostics: list[Diagnostic] = []
    is_complete: bool = True
    """Whether the next run would find the same."""
