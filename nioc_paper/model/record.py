"""What all records share that people write in YAML. One declaration gives types, all errors at once, and exact places.

Every scalar arrives as text (no YAML 1.1 surprises); `load.records` makes values of it and `schema` tells editors what
may be written. Dates are ISO 8601; numbers of days are working days; words are words of running text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, ClassVar, Never, Self, dataclass_transform, get_type_hints

from nioc_paper.model.diagnostic import Place

KeyPath = tuple[str | int, ...]
Day = date
"""A day, written YYYY-MM-DD."""
EMPTY_MAPPING: Mapping[str, Any] = {}
"""What a mapping is that is not given; one that can be sent to another process."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a number or a text is held to besides its type: `Annotated[int, Limits(least=0)]`."""

    least: int | None = None
    most: int | None = None
    longest: int | None = None
    """In characters."""
    pattern: str = ""
    """A regular expression that the whole text matches."""


@dataclass(frozen=True, slots=True)
class RecordSource:
    """Where a record was written: the file, the place of each key and item in it, and the record's own position."""

    path: str
    positions: Mapping[KeyPath, tuple[int, int]]
    prefix: KeyPath = ()


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record:
    """A frozen record that rejects unknown keys and remembers where each of its values stands.

    A value that is not given is that of the class, so that a default is one object and to make a class takes no time:
    every command makes them all. A field whose name would be a word of Python ends with `_`; its key does not.
    """

    names: ClassVar[tuple[str, ...]] = ()
    """Of the fields, in the order of the source."""
    required_fields: ClassVar[frozenset[str]] = frozenset()
    """Names of the fields without a default."""
    required_keys: ClassVar[tuple[str, ...]] = ()
    """Keys that a whole file must have, although a record can do without."""
    open_ended: ClassVar[bool] = False
    """Whether other keys are kept, in `extra`, as they are."""
    # A record that was read from a file has its own of these two. To a type checker they are no fields of it.
    extra: ClassVar[Mapping[str, Any]] = EMPTY_MAPPING
    _source: ClassVar[RecordSource] = RecordSource("", {})

    def __init_subclass__(cls) -> None:
        own = [name for name, kind in vars(cls).get("__annotations__", {}).items() if not kind.startswith("ClassVar")]
        cls.names = (*cls.names, *own)
        cls.required_fields = frozenset(name for name in cls.names if not hasattr(cls, name))

    def __init__(self, **values: Any) -> None:
        if not self.required_fields <= values.keys() <= {*self.names}:
            raise TypeError(f"{type(self).__name__} is made of {self.names}, not of {tuple(values)}")
        vars(self).update(values)

    @classmethod
    def from_source(cls, source: RecordSource, values: Mapping[str, Any], extra: Mapping[str, Any]) -> Self:
        """A record that stands in a file, with its values by key."""
        own = {name: values[key] for name in cls.names if (key := name.removesuffix("_")) in values}
        record = cls(**own)
        vars(record).update(_source=source, extra=extra)
        return record

    def items(self) -> Iterator[tuple[str, Any]]:
        """Each key with its value."""
        yield from ((name.removesuffix("_"), getattr(self, name)) for name in self.names)
        yield from self.extra.items()

    def replace(self, **values: Any) -> Self:
        """The record with other values."""
        if not values.keys() <= {*self.names}:
            raise TypeError(f"{type(self).__name__} is made of {self.names}, not of {tuple(values)}")
        new = copy(self)
        vars(new).update(values)
        return new

    def place(self, *loc: str | int) -> Place:
        """The place of a value by its keys and indices, or of the nearest thing that holds it."""
        source = self._source
        path = (*source.prefix, *loc)
        while path and path not in source.positions:
            path = path[:-1]
        return Place(source.path, *source.positions.get(path, (1, 1)))

    def __eq__(self, other: object) -> bool:
        """Whether the same is written in another record, wherever that stands."""
        return isinstance(other, Record) and type(self) is type(other) and [*self.items()] == [*other.items()]

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self.names))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in self.items())})"

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} stays as it is")


def field_types(cls: type[Record]) -> Mapping[str, Any]:
    """The type of each value of a record by its key, in the order of the source."""
    return _cached_field_types(cls)  # type: ignore[arg-type] # mypy takes the hash of records for that of their classes


@cache
def _cached_field_types(cls: type[Record]) -> Mapping[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {name.removesuffix("_"): hints[name] for name in cls.names}


def to_dict(value: Any) -> Any:
    """A record as lists and mappings, without what it would hold if nothing were written."""
    if isinstance(value, Record):
        cls = type(value)
        defaults = {name.removesuffix("_"): getattr(cls, name) for name in cls.names if name not in cls.required_fields}
        return {key: to_dict(inner) for key, inner in value.items() if key not in defaults or inner != defaults[key]}
    if isinstance(value, tuple):
        return [to_dict(inner) for inner in value]
    return {key: to_dict(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value
