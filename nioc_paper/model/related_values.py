"""Values of records that their `Limits` relate to others: what they refer to, where they are unique, their order.

One walk over all records yields them, so that no rule lists keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from nioc_paper.model.diagnostic import Place
from nioc_paper.model.record import KeyPath, Limits, Record, field_types, nested_types


class DeclaredValue(NamedTuple):
    """A value of a key, an entry in its list, or a key of its mapping, whose declaration relates it to others."""

    limits: Limits
    value: Any
    """Text, number or day."""
    owner: Record
    """Record with the key."""
    loc: KeyPath
    """Keys and indices in that record."""
    key: str
    """Class and key: `Gate.leaves`."""
    scope: tuple[int, str]
    """The list or mapping around it: identity of the record that has it, and its key."""
    root: Record
    """Record of the whole file."""

    @property
    def place(self) -> Place:
        """Place of the value."""
        return self.owner.place(*self.loc)

    @property
    def things(self) -> str:
        """Name of the list around it: gates."""
        return self.scope[1]


class _VisitedField(NamedTuple):
    """A field that has declared values, or records that have some."""

    name: str
    key: str
    limits: Limits | None
    """Of the value, or of each value in a list or mapping."""
    key_limits: Limits | None
    """Of the keys of a mapping."""


def walk_declared(root: Record) -> Iterator[DeclaredValue]:
    """Yield the declared values of a file's record and of all records in it, in the order of the schema."""
    return _walk(root, root, (id(root), ""))


def _walk(record: Record, root: Record, scope: tuple[int, str]) -> Iterator[DeclaredValue]:
    for step in _visited_fields(type(record)):  # type: ignore[arg-type] # as in field_types
        name, inner = f"{type(record).__name__}.{step.key}", (id(record), step.key)
        value = getattr(record, step.name)
        around = inner if isinstance(value, tuple | Mapping) else scope
        for loc, item in _entries(value, step.key):
            if step.key_limits:
                yield DeclaredValue(step.key_limits, loc[-1], record, loc, f"{name}.key", inner, root)
            if isinstance(item, Record):
                yield from _walk(item, root, inner)
            elif step.limits and item not in (None, ""):
                yield DeclaredValue(step.limits, item, record, loc, name, around, root)


def _entries(value: object, key: str) -> Iterator[tuple[KeyPath, Any]]:
    """Yield each value of a list or mapping with its keys and indices; any other value itself."""
    if isinstance(value, tuple):
        yield from (((key, index), item) for index, item in enumerate(value))
    elif isinstance(value, Mapping):
        yield from (((key, inner), item) for inner, item in value.items())
    else:
        yield (key,), value


@cache
def _visited_fields(cls: type[Record]) -> Sequence[_VisitedField]:
    """Return the fields of a record with relations or records."""
    visited = []
    for name, (key, kind) in zip(cls.names, field_types(cls).items(), strict=True):
        limits = _nested_limits(kind)
        if any(limits) or any(isinstance(part, type) and issubclass(part, Record) for part in nested_types(kind)):
            visited.append(_VisitedField(name, key, *limits))
    return visited


def _nested_limits(kind: Any) -> tuple[Limits | None, Limits | None]:
    """Return the limits of a value, or of those in a list or mapping, and the limits of a mapping's keys."""
    inner = get_args(kind)
    if get_origin(kind) is Annotated or not inner:
        return _relations(kind), None
    if isinstance(get_origin(kind), type) and issubclass(get_origin(kind), Mapping):
        return _relations(inner[1]), _relations(inner[0])
    return _nested_limits(inner[0])


def _relations(kind: object) -> Limits | None:
    """Return the limits of a type if they relate its values to others."""
    limits = get_args(kind)[1] if get_origin(kind) is Annotated else None
    return limits if limits and limits.is_relation else None
