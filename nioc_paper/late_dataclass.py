"""Dataclasses whose methods are made on first use: a command imports a hundred, and makes objects of half of them.

`dataclasses` compiles six methods for each class that is imported, which takes 0.5 ms.
"""

from __future__ import annotations

import dataclasses
import operator
import reprlib
from collections.abc import Callable
from functools import total_ordering
from typing import TYPE_CHECKING, Any, NoReturn, cast

__all__ = ["late_dataclass"]
Key = Callable[[object], tuple[object, ...]]


def _late_dataclass(
    *, frozen: bool = False, slots: bool = False, order: bool = False, eq: bool = True, kw_only: bool = False
) -> Callable[[type], type]:
    """Return a decorator that does the same as `dataclass` with these arguments."""

    def decorate(cls: type) -> type:
        new: type = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
        methods: dict[str, object] = {"__init__": _first_init(new, frozen), "__repr__": _repr}
        if frozen:
            methods |= {"__setattr__": _refuse_change, "__delattr__": _refuse_change}
            methods |= {"__getstate__": _get_state, "__setstate__": _set_state} if slots else {}
        if eq:
            methods |= _comparisons(new, frozen=frozen, order=order)
        for name, method in methods.items():
            if name not in vars(cls):
                setattr(new, name, method)
        return total_ordering(new) if order else new

    return decorate


def _first_init(cls: type, frozen: bool) -> Callable[..., None]:
    """Return an `__init__` that replaces itself by the compiled one, and calls it."""

    def initialize(self: object, *args: object, **values: object) -> None:
        cls.__init__ = _compile_init(cls, frozen)  # type: ignore[misc]
        cls.__init__(self, *args, **values)  # type: ignore[misc]

    return initialize


def _compile_init(cls: type, frozen: bool) -> Callable[..., None]:
    names: dict[str, object] = {"_set": object.__setattr__, "_missing": dataclasses.MISSING}
    parameters: dict[bool, list[str]] = {False: ["self"], True: []}
    body = []
    for field in dataclasses.fields(cls):
        name = value = field.name
        default = ""
        if field.default_factory is not dataclasses.MISSING:
            names[f"_make_{name}"], default = field.default_factory, " = _missing"
            value = f"_make_{name}() if {name} is _missing else {name}"
        elif field.default is not dataclasses.MISSING:
            names[f"_default_{name}"], default = field.default, f" = _default_{name}"
        parameters[bool(field.kw_only)].append(name + default)
        body.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    by_keyword = ["*", *parameters[True]] if parameters[True] else []
    exec(f"def __init__({', '.join(parameters[False] + by_keyword)}): {'; '.join(body) or 'pass'}", names)  # noqa: S102 - as `dataclasses` does
    init = cast("Callable[..., None]", names["__init__"])
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _comparisons(cls: type, *, frozen: bool, order: bool) -> dict[str, object]:
    key = _make_key([field.name for field in dataclasses.fields(cls) if field.compare])

    def is_equal(self: object, other: object) -> bool:
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    def is_less(self: object, other: object) -> bool:
        return key(self) < key(other) if other.__class__ is self.__class__ else NotImplemented

    def hash_values(self: object) -> int:
        return hash(key(self))

    return {"__eq__": is_equal, "__hash__": hash_values if frozen else None, **({"__lt__": is_less} if order else {})}


def _make_key(names: list[str]) -> Key:
    """Return a function from an object to the tuple of its values that are compared."""
    if len(names) > 1:
        return operator.attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


@reprlib.recursive_repr()
def _repr(self: Any) -> str:
    values = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(values)})"


def _refuse_change(self: object, name: str, *_: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"{type(self).__name__} is frozen: {name} stays as it is")


def _get_state(self: Any) -> list[object]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


if TYPE_CHECKING:
    from dataclasses import dataclass as late_dataclass
else:
    late_dataclass = _late_dataclass
