"""Late dataclasses do the same as those of `dataclasses`."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import pickle
from collections.abc import Callable
from functools import cached_property
from typing import Any

import pytest

from nioc_paper import late_dataclass as module

Decorate = Callable[..., Callable[[type], type]]
DECORATORS: tuple[Decorate, Decorate] = (dataclasses.dataclass, module.late_dataclass)
OPTIONS = [
    {"frozen": frozen, "slots": slots, **other}
    for frozen, slots in itertools.product((True, False), repeat=2)
    for other in ({}, {"order": True}, {"eq": False}, {"kw_only": True})
]


def point(decorate: Decorate, **options: bool) -> Any:
    class Point:
        """A class with fields of every kind."""

        path: str
        line: int = 1
        words: list[str] = dataclasses.field(default_factory=list, compare=False)
        hint: str = dataclasses.field(default="", compare=False, repr=False)
        note: str = dataclasses.field(default="none", kw_only=True)

        @property
        def place(self) -> str:
            """Its place."""
            return f"{self.path}:{self.line}"

    Point.__qualname__ = "Point"
    return decorate(**options)(Point)


def outcome(act: Callable[[], object]) -> object:
    """Return the result of an action, or its kind of error."""
    try:
        return act()
    except (TypeError, AttributeError) as error:
        return type(error), str(error) if type(error) is TypeError else ""


def set_line(value: Any) -> object:
    value.line = 7
    return value.line


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_late_dataclasses_behave_as_usual_ones(options: dict[str, bool]) -> None:
    usual, late = (point(decorate, **options) for decorate in DECORATORS)

    def facts(cls: Any) -> list[object]:
        first, same, other = (cls(path=path, line=2, words=[path, "x"], hint=path) for path in "aab")
        acts: list[Callable[[], object]] = [
            lambda: cls("a"),
            lambda: cls("a", 2, ["b"], note="n"),
            lambda: cls("a", 2, ["b"], "hint", "note"),
            cls,
            lambda: cls(path="a", no_such=1),
            lambda: first == same,
            lambda: (first == other, first != other, first == "a", first == cls(path="a", line=2, note="other")),
            lambda: hash(first) == hash(same),
            lambda: first < other,
            lambda: (first <= same, first > other, first >= other),
            lambda: first < "a",
            lambda: [each.path for each in sorted([other, first])],
            lambda: dataclasses.replace(first, line=9),
            lambda: dataclasses.asdict(first),
            lambda: copy.copy(first),
            lambda: copy.deepcopy(first).words,
            lambda: first.place,
            lambda: (
                cls.__match_args__,
                hasattr(first, "__dict__"),
                cls.__doc__,
                cls(path="a").words is cls(path="a").words,
            ),
            lambda: set_line(first),
            lambda: delattr(other, "line"),
            lambda: [field.name for field in dataclasses.fields(cls)],
        ]
        return [*map(str, map(outcome, acts))]

    assert facts(late) == facts(usual)


@module.late_dataclass(frozen=True, slots=True)
class Base:
    """A class that another one extends."""

    a: int
    b: tuple[int, ...] = ()


@module.late_dataclass(frozen=True)
class Extended(Base):
    """Without slots: it keeps what it has computed."""

    c: str = "c"

    @cached_property
    def total(self) -> int:
        """Sum of its numbers."""
        return self.a + sum(self.b)


@module.late_dataclass(frozen=True)
class Empty:
    """No fields."""


def test_late_dataclasses_are_extended_and_pickled() -> None:
    values: list[Any] = [Base(1, (2, 3)), Extended(1, (2, 3), "d"), Empty()]
    assert repr(values) == "[Base(a=1, b=(2, 3)), Extended(a=1, b=(2, 3), c='d'), Empty()]"
    assert pickle.loads(pickle.dumps(values)) == values  # noqa: S301 - our own
    assert len({*values, *values, Base(1, (2, 3)), Empty()}) == 3
    assert values[1].total == 6
    assert values[0] != Extended(1, (2, 3))
    with pytest.raises(dataclasses.FrozenInstanceError):
        values[1].c = "e"


def test_an_object_is_made_complete_after_it_was_made() -> None:
    @module.late_dataclass()
    class Sum:
        """It counts when it is made."""

        parts: list[int]
        total: int = 0

        def __post_init__(self) -> None:
            self.total = sum(self.parts)

    assert (Sum([1, 2]).total, Sum(parts=[3]).total) == (3, 3)
    with pytest.raises(TypeError, match="unhashable"):
        hash(Sum([1]))
