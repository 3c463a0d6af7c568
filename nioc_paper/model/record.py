"""What all records share that people write in YAML. One declaration gives types, all errors at once, and exact places.

Every scalar arrives as text (no YAML 1.1 surprises) and is converted here. Dates are ISO 8601; numbers of days are
working days; words are words of running text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PrivateAttr

from nioc_paper.model.diagnostic import Place

Loc = tuple[str | int, ...]


def _iso(value: Any) -> Any:
    """Pydantic alone would take a number for a moment in time."""
    if isinstance(value, str):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError("is no date")
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"is no date: {error}") from None
    return value


Day = Annotated[date, BeforeValidator(_iso)]
"""A day, written YYYY-MM-DD."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record was written: the file, the place of each key and item in it, and the record's own position."""

    path: str
    marks: Mapping[Loc, tuple[int, int]]
    prefix: Loc = ()


_NOWHERE = Source("", {})


class Record(BaseModel):
    """A frozen record that rejects unknown keys and remembers where each of its values stands.

    What validates it is built when the first one is made: most commands make few kinds of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)
    required: ClassVar[tuple[str, ...]] = ()
    _source: Source = PrivateAttr(default_factory=lambda: _NOWHERE)

    def place(self, *loc: str | int) -> Place:
        """The place of a value by its keys and indices, or of the nearest thing that holds it."""
        source = self._source
        key = (*source.prefix, *loc)
        while key and key not in source.marks:
            key = key[:-1]
        return Place(source.path, *source.marks.get(key, (1, 1)))
