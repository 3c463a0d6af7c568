"""Entry of a bibliography file as the cache holds it: without the parsers, which an unchanged file does not need."""

from __future__ import annotations

from typing import NamedTuple

from nioc_paper.model import KeyPath, RecordSource, Reference

_Position = tuple[int, int]


class CachedEntry(NamedTuple):
    """An entry as JSON holds it."""

    values: dict[str, object]
    """Values by the name of the field."""
    packed: str
    """All other variables of CSL, as JSON."""
    rich: str
    position: _Position
    positions: dict[str, _Position]

    def to_reference(self, path: str) -> Reference:
        """Return the source in the file with this path."""
        positions: dict[KeyPath, _Position] = {
            (name,): (line, column) for name, (line, column) in self.positions.items()
        }
        line, column = self.position
        positions[()] = line, column
        return Reference.from_cache(RecordSource(path, positions), self.values, self.packed, self.rich)
