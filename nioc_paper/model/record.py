"""Base of all records written in YAML. One declaration gives types, all errors at once, and exact places.

Every scalar arrives as text (no YAML 1.1 surprises); `load.records` converts it and `schema` describes it to editors.
Dates are ISO 8601; numbers of days are working days; words are words of running text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from datetime import date
from functools import cache
from itertools import chain
from typing import Annotated, Any, ClassVar, NamedTuple, Never, Self, dataclass_transform, get_args, get_type_hints

from msgspec import Struct

from nioc_paper.model.diagnostic import Place

KeyPath = tuple[str | int, ...]
Day = date
"""Date, written YYYY-MM-DD."""
EMPTY_MAPPING: Mapping[str, Any] = {}
"""Default for optional mappings; picklable, unlike MappingProxyType."""


class Limits(Struct, frozen=True):
    """Properties of a value besides its type: `Annotated[int, Limits(least=0)]`.

    Reading checks the value alone; `check.rules.dead_and_duplicate` compares it with other values. A new key gets
    every rule of these properties by its declaration.
    """

    least: int | None = None
    most: int | None = None
    longest: int | None = None
    """In characters."""
    pattern: str = ""
    """Regular expression for the whole text."""
    form: str = ""
    """The pattern in words, for a hint."""
    notation: str = ""
    """Name in `value_notations.NOTATIONS`, for what no pattern can say: check digits, tags of languages."""
    refers_to: str = ""
    """Kind of the entry that the value names: person, source, … as in `check.rules.dead_and_duplicate.TARGETS`."""
    dead_kind: str = ""
    """Kind of the finding if nothing has this name; by default what it refers to."""
    unique_in: str = ""
    """Range in which no other value is equal: `list`, or a name that several keys of the paper share."""
    equal_as: str = ""
    """Way in which values are compared: name, body, source, … By default capitals do not count."""
    duplicate_kind: str = "entry"
    """Kind of the finding if the value is given twice."""
    not_before: str = ""
    """Lower limit: a key beside it, `list` for the entry before, `statuses` for the order of statuses."""
    not_after: str = ""
    """Upper limit: `paper` for the paper's own date, unless the source is to be later."""
    planned_as: str = ""
    """Name of a planned day in messages: gate, date for, event, holiday. It is in the time of the paper's plan."""
    order_kind: str = "dates"
    """Kind of the finding if it is before or after that."""
    printed: bool = False
    """Whether readers see the text: rules about words read it."""
    used_as: str = ""
    """Kind of the entry that has this name, if the paper is to use it, as in `unused_and_incomplete.USES`."""
    file: str = ""
    """Kind of the file that the value names, as in `unused_and_incomplete.FILES`."""
    needed: str = ""
    """Need of a line in a block: `always`; `entries`, if the paper has any to name; `plan`, in a revised text."""
    is_shared: bool = False
    """Whether lines in blocks share their values: one that a single line has is a slip if all others are shared."""
    must_say: bool = False
    """Whether a line in a block must say more than that nothing is known."""

    @property
    def is_relation(self) -> bool:
        """Whether they relate a value to others, or to files."""
        order = self.not_before or self.not_after or self.planned_as
        return bool(self.refers_to or self.unique_in or order or self.used_as or self.file or self.printed)


Printed = Annotated[str, Limits(printed=True)]
"""A text that readers see."""


class RecordSource(NamedTuple):
    """Place where a record was written: file, place of each key and item, and the record's own position."""

    path: str
    positions: Mapping[KeyPath, tuple[int, int]]
    prefix: KeyPath = ()


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record:
    """Frozen record that rejects unknown keys and remembers the place of each value.

    A missing value is that of the class: defaults are single objects, and making a class takes no time, which matters
    because every command makes them all. A field named like a Python keyword ends with `_`; its key does not.
    """

    names: ClassVar[tuple[str, ...]] = ()
    """Field names in source order."""
    field_keys: ClassVar[tuple[str, ...]] = ()
    """Keys of the fields, in the same order."""
    required_fields: ClassVar[frozenset[str]] = frozenset()
    """Names of the fields without a default."""
    required_keys: ClassVar[tuple[str, ...]] = ()
    """Keys that a whole file must have, although a record can do without."""
    key_names: ClassVar[Mapping[str, str]] = EMPTY_MAPPING
    """Keys that are not names in Python, by the name of their field."""
    former_keys: ClassVar[Mapping[str, str]] = EMPTY_MAPPING
    """Keys of earlier releases, which are still read, with the keys of today."""
    open_ended: ClassVar[bool] = False
    """Whether other keys are stored unchanged in `extra`."""
    # A record that was read from a file has its own values of these two. To a type checker they are not fields.
    extra: ClassVar[Mapping[str, Any]] = EMPTY_MAPPING
    _source: ClassVar[RecordSource] = RecordSource("", {})

    def __init_subclass__(cls) -> None:
        own = [name for name, kind in vars(cls).get("__annotations__", {}).items() if not kind.startswith("ClassVar")]
        cls.names = (*cls.names, *own)
        cls.field_keys = tuple(map(cls.key_of, cls.names))
        cls.required_fields = frozenset(name for name in cls.names if not hasattr(cls, name))

    def __init__(self, **values: object) -> None:
        if not self.required_fields <= values.keys() <= {*self.names}:
            raise TypeError(f"{type(self).__name__} is made of {self.names}, not of {tuple(values)}")
        vars(self).update(values)

    @classmethod
    def from_source(cls, source: RecordSource, values: Mapping[str, object], extra: Mapping[str, object]) -> Self:
        """Return a record from a file, with its values by key."""
        own = {name: values[key] for name, key in zip(cls.names, cls.field_keys, strict=True) if key in values}
        record = cls(**own)
        vars(record).update(_source=source, extra=extra)
        return record

    @classmethod
    def key_of(cls, name: str) -> str:
        """Return the key of a field."""
        return cls.key_names.get(name) or name.removesuffix("_")

    def items(self) -> Iterator[tuple[str, object]]:
        """Return each key with its value."""
        values = (getattr(self, name) for name in self.names)
        return chain(zip(self.field_keys, values, strict=True), self.extra.items())

    def replace(self, **values: object) -> Self:
        """Return the record with other values."""
        if not values.keys() <= {*self.names}:
            raise TypeError(f"{type(self).__name__} is made of {self.names}, not of {tuple(values)}")
        new = copy(self)
        vars(new).update(values)
        return new

    @property
    def path(self) -> str:
        """Path of the file that has the record."""
        return self._source.path

    @property
    def key_path(self) -> KeyPath:
        """Keys and indices of the record in its file."""
        return self._source.prefix

    def place(self, *loc: str | int) -> Place:
        """Return the place of a value by its keys and indices, or of the nearest container.

        A record in it knows its own place: in the file, invalid items of a list are before it, which are not in ours.
        """
        inner: object = self
        for number, step in enumerate(loc, 1):
            inner = _inner_value(inner, step)
            if isinstance(inner, Record) and inner.path:  # a default has no place
                return inner.place(*loc[number:])
        source = self._source
        path = (*source.prefix, *loc)
        while path and path not in source.positions:
            path = path[:-1]
        return Place(source.path, *source.positions.get(path, (1, 1)))

    def __eq__(self, other: object) -> bool:
        """Compare values; places do not count."""
        return isinstance(other, Record) and type(self) is type(other) and [*self.items()] == [*other.items()]

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self.names))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in self.items())})"

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} stays as it is")


def _inner_value(value: object, step: str | int) -> object:
    """Return a value of a record, mapping or list; None if it has none."""
    if isinstance(value, Record):
        return dict(value.items()).get(str(step))
    if isinstance(value, Mapping):
        return value.get(step)
    return value[step] if isinstance(value, tuple) and isinstance(step, int) and step < len(value) else None


def field_types(cls: type[Record]) -> Mapping[str, object]:
    """Return the type of each value of a record by its key, in source order."""
    return _cached_field_types(cls)  # type: ignore[arg-type] # mypy takes the hash of records for that of their classes


@cache
def _cached_field_types(cls: type[Record]) -> Mapping[str, object]:
    hints = get_type_hints(cls, include_extras=True)
    return {cls.key_of(name): hints[name] for name in cls.names}


def nested_types(kind: object) -> Iterator[object]:
    """Yield a type and all its arguments."""
    yield kind
    for part in get_args(kind):
        yield from nested_types(part)


def to_dict(value: object) -> Any:
    """Return a record as lists and mappings, without values equal to the defaults."""
    if isinstance(value, Record):
        cls = type(value)
        defaults = {cls.key_of(name): getattr(cls, name) for name in cls.names if name not in cls.required_fields}
        return {key: to_dict(inner) for key, inner in value.items() if key not in defaults or inner != defaults[key]}
    if isinstance(value, tuple):
        return [to_dict(inner) for inner in value]
    return {key: to_dict(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value
