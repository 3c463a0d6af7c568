"""Entry of a bibliography file as the cache holds it: without the parsers, which an unchanged file does not need."""

from __future__ import annotations

from typing import NamedTuple

from nioc_paper.model import KeyPath, RecordSource, Reference

_Position = tuple[int, int]


class CachedEntry(NamedTuple):
    """An entry as JSON holds it."""

    values: dict[str, object]
    """Values by the name of the field."""
    extra_json: str
    """All other variables of CSL, as JSON."""
    formatted_json: str
    """Variables with formatting, as JSON of pandoc's inlines."""
    position: _Position
    """Line and column of the entry."""
    positions: dict[str, _Position]
    """Those of its values, by the name of the field."""

    def to_reference(self, path: str) -> Reference:
        """Return the reference of the entry, in the file with this path."""
        positions: dict[KeyPath, _Position] = {
            (name,): (line, column) for name, (line, column) in self.positions.items()
        }
        line, column = self.position
        positions[()] = line, column
        return Reference.from_cache(RecordSource(path, positions), self.values, self.extra_json, self.formatted_json)
