"""Plain values to the model's records: every error at its place, and whatever is right is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import NoneType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from nioc_paper.load.yaml import Data, Marks
from nioc_paper.model import Diagnostic, Limits, Loc, Place, Record, Report, Source, kinds, nearest

R = TypeVar("R", bound=Record)
_DAY, _WHOLE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), re.compile(r"[+-]?[0-9]{1,18}")
_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_WRITE_DAY = "write YYYY-MM-DD, a day that exists"
_WRITE_LIST = "write a list: [one, two], or lines that begin with '- '"
_WRITE_KEYS = "write 'key: value' lines, or {key: value}"


def build(cls: type[R], data: Data, path: str, report: Report) -> R:
    """The record, without the values that do not fit it. Each of those is one finding."""
    value = {} if data.value is None else data.value
    if not isinstance(value, dict):
        message = "the file is no list of keys and values"
        report(Diagnostic(Place(path), "invalid-value", message, hint="write 'key: value' lines"))
        return cls()
    return _Reader(data, path, report).record(cls, value, ())


class _UnfitError(Exception):
    """A value is left out: it has been said why, or the message and the hint say so now."""


@dataclass(frozen=True, slots=True)
class _Reader:
    data: Data
    path: str
    report: Report

    def record(self, cls: type[R], value: Mapping[str, Any], loc: Loc) -> R:
        """A record; unfit where a key that it needs is missing or has an unfit value."""
        known = kinds(cls)
        needed = [key for key, name in zip(known, cls.names, strict=True) if name in cls.needed]
        given = {key: inner for key, inner in value.items() if inner is not None}  # without a value it is not given
        for key in given:
            if key not in known and not cls.open_ended:
                message, place = f"the key '{key}' is not known here", self.place(self.data.keys, (*loc, key))
                self.report(Diagnostic(place, "unknown-key", message, hint=nearest(key, known)))
        for key in needed:
            if key not in given:
                message, place = f"the key '{key}' is missing", self.place(self.data.marks, (*loc, key))
                self.report(Diagnostic(place, "missing-key", message, hint=f"add '{key}: …'"))
        own = {key: made for key in known if key in given for made in self.fitting(known[key], given[key], (*loc, key))}
        if not own.keys() >= {*needed}:
            raise _UnfitError
        extra = {key: _without_none(inner) for key, inner in given.items() if key not in known}
        return cls.written(Source(self.path, self.data.marks, loc), own, extra if cls.open_ended else {})

    def fitting(self, kind: Any, given: Any, loc: Loc) -> Iterator[Any]:
        """The value, if what is written is one of a kind; else it is said why it is not."""
        try:
            yield self.value(kind, given, loc)
        except _UnfitError as unfit:
            if unfit.args:
                message, hint = unfit.args
                self.report(Diagnostic(self.place(self.data.marks, loc), "invalid-value", message, hint=hint))

    def value(self, kind: Any, given: Any, loc: Loc) -> Any:
        """What is written as a value of a kind. Raises _UnfitError."""
        inner = get_args(kind)
        if NoneType in inner:  # what may be left out
            return self.value(inner[0], given, loc)
        match get_origin(kind):
            case None if kind in _SCALARS:
                return _SCALARS[kind](given)
            case None:
                _demand(isinstance(given, dict), given, "is no list of keys and values", _WRITE_KEYS)
                return self.record(kind, given, loc)
            case origin if origin is Annotated:
                return _within(inner[1], given, self.value(inner[0], given, loc))
            case origin if origin is Literal:
                _demand(given in inner, given, "is not known here", lambda: nearest(str(given), inner))
                return given
            case origin if origin is tuple:
                _demand(isinstance(given, list), given, "is no list", _WRITE_LIST)
                return tuple(v for at, item in enumerate(given) for v in self.fitting(inner[0], item, (*loc, at)))
        _demand(isinstance(given, dict), given, "is no list of keys and values", _WRITE_KEYS)
        some = {key: item for key, item in given.items() if item is not None}
        return {key: v for key, item in some.items() for v in self.fitting(inner[1], item, (*loc, key))}

    def place(self, table: Marks, loc: Loc) -> Place:
        """The place of a value, or of a key; where it is not there, of what should hold it."""
        while loc and loc not in table:
            loc, table = loc[:-1], self.data.marks
        return Place(self.path, *table.get(loc, (1, 1)))


def _without_none(value: Any) -> Any:
    """A key without a value is a key that is not given."""
    if isinstance(value, dict):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    return [_without_none(v) for v in value] if isinstance(value, list) else value


def _demand(fits: bool, given: Any, problem: str, hint: str | Callable[[], str] = "") -> None:
    if not fits:
        shown = f"'{given[:60]}'" if isinstance(given, str) else "what stands here"
        raise _UnfitError(f"{shown} {problem}", hint if isinstance(hint, str) else hint())


# --- what is no list --------------------------------------------------------------------------------------------------


def _text(given: Any) -> str:
    _demand(isinstance(given, str), given, "is no text")
    return str(given)


def _whole(given: Any) -> int:
    _demand(isinstance(given, str) and bool(_WHOLE.fullmatch(given)), given, "is no whole number")
    return int(given)


def _boolean(given: Any) -> bool:
    known = isinstance(given, str) and given.lower() in _BOOLEANS
    _demand(known, given, "is neither true nor false", "write true or false")
    return _BOOLEANS[given.lower()]


def _day(given: Any) -> date:
    _demand(isinstance(given, str) and bool(_DAY.fullmatch(given)), given, "is no date", _WRITE_DAY)
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise _UnfitError(f"'{given}' is no date: {error}", _WRITE_DAY) from None


_SCALARS: Mapping[Any, Callable[[Any], object]] = {str: _text, int: _whole, bool: _boolean, date: _day}


def _within(limits: Limits, given: str, value: Any) -> Any:
    """A value that keeps to its limits."""
    if limits.pattern and not re.fullmatch(limits.pattern, given):
        _demand(False, given, f"does not match {limits.pattern}", "write it in that form")
    if limits.longest is not None and len(given) > limits.longest:
        raise _UnfitError(f"has {len(given)} characters; {limits.longest} are allowed", "shorten it")
    if limits.least is not None and value < limits.least:
        _demand(False, given, f"is too small: {limits.least} is the least")
    if limits.most is not None and value > limits.most:
        _demand(False, given, f"is too large: {limits.most} is the most")
    return value
