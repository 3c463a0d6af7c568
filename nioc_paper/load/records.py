"""Turn plain values into records of the model. Reports each error at its place, and keeps all valid values."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from types import NoneType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.load.load_context import LoadContext
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.load.yaml_positions import Positions, YamlData
from nioc_paper.model import (
    Diagnostic,
    KeyPath,
    Limits,
    Place,
    Record,
    RecordSource,
    Reporter,
    field_types,
    report_all,
    short_slug,
    spelling_hint,
)
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.model.value_notations import NOTATIONS

R = TypeVar("R", bound=Record)
_DAY_PATTERN, _INTEGER_PATTERN = late_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), late_pattern(r"[+-]?[0-9]{1,18}")
_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_NAME_KEYS = ("id", "short", "acronym", "name")
_USED_KEYS = ("source", "primary", "seen-through")
_DAY_HINT = "write YYYY-MM-DD, a day that exists"
_LIST_HINT = "write a list: [one, two], or lines that begin with '- '"
_KEYS_HINT = "write 'key: value' lines, or {key: value}"


def _keys_hint(cls: type[Record], raw: object) -> str:
    """Return how an entry is written that was written as its name alone: {id: ada-north, role: …}."""
    required = [cls.key_of(name) for name in cls.names if name in cls.required_fields]
    first, *others = required if len(required) > 1 else cls.field_keys[:2]
    name = (raw if re.fullmatch(r"[a-z0-9/-]+", raw) else short_slug(raw)) if isinstance(raw, str) else ""
    return f"write {{{first}: {name or '…'}{''.join(f', {key}: …' for key in others)}}}"


def build_record(cls: type[R], data: YamlData, path: str, report: Reporter) -> R:
    """Return the record without its invalid values. Each of those is one finding."""
    value = {} if data.value is None else data.value
    if not isinstance(value, dict):
        message = "the file is not a list of keys and values"
        report(Diagnostic(Place(path), "bad-yaml", message, hint="write 'key: value' lines"))
        value = {}
    return _RecordBuilder(data, path, report).build(cls, value, ())


class _InvalidValueError(Exception):
    """An invalid value. Without arguments it is reported already; otherwise message, hint, and a kind if it has one."""


class _RecordBuilder(Struct, frozen=True):
    data: YamlData
    path: str
    report: Reporter

    def build(self, cls: type[R], value: Mapping[str, object], loc: KeyPath) -> R:
        """Return a record. Raises _InvalidValueError, and reports its names as lost, if it is left out."""
        diagnostics: list[Diagnostic] = []
        try:
            return replace(self, report=diagnostics.append).build_valid(cls, value, loc)
        except _InvalidValueError:
            names = tuple(_entry_names(value))
            diagnostics = [replace(d, lost=(*d.lost, *names)) for d in diagnostics]
            raise
        finally:
            report_all(diagnostics, self.report)

    def build_valid(self, cls: type[R], value: Mapping[str, object], loc: KeyPath) -> R:
        """Return a record. Raises _InvalidValueError if a required key is missing or has an invalid value."""
        key_types = field_types(cls)
        required = [key for key, name in zip(key_types, cls.names, strict=True) if name in cls.required_fields]
        value = {cls.former_keys.get(key, key): inner for key, inner in value.items()}
        values = {key: inner for key, inner in value.items() if inner is not None}  # no value: no key
        if not cls.open_ended:
            self.report_unknown_keys(value, key_types, loc)
        for key in (key for key in required if key not in values):
            place = self.nearest_place(self.data.value_positions, (*loc, key))
            self.report(Diagnostic(place, "missing-key", f"the key '{key}' is missing", hint=f"add '{key}: …'"))
        own_values = {
            key: parsed
            for key in key_types
            if key in values
            for parsed in self.read_or_report(key_types[key], values[key], (*loc, key))
        }
        if not own_values.keys() >= {*required}:
            raise _InvalidValueError
        extra = {key: _without_none(inner) for key, inner in values.items() if key not in key_types}
        source = RecordSource(self.path, self.data.value_positions, loc)
        return cls.from_source(source, own_values, extra if cls.open_ended else {})

    def report_unknown_keys(self, values: Mapping[str, object], known: Collection[str], loc: KeyPath) -> None:
        for key, value in values.items():
            if key not in known and value is not None:
                place = self.nearest_place(self.data.key_positions, (*loc, key))
                message, hint = f"the key '{key}' is not known here", spelling_hint(key, known) or "leave it out"
                if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)) and key[:1] not in {name[:1] for name in known}:
                    hint = "leave it out: no such day is typed here"
                self.report(Diagnostic(place, "unknown-key", message, hint=hint, lost=tuple(_entry_names(value))))

    def read_or_report(self, field_type: object, raw: object, loc: KeyPath) -> Iterator[object]:
        """Yield the value if it is valid; otherwise report it."""
        try:
            yield self.read_value(field_type, raw, loc)
        except _InvalidValueError as error:
            if error.args:
                message, hint, *kind = error.args
                place, rule = self.nearest_place(self.data.value_positions, loc), f"bad-value/{(*kind, 'type')[0]}"
                self.report(Diagnostic(place, rule, message, hint=hint, lost=tuple(_entry_names(raw))))

    def read_value(self, field_type: Any, raw: Any, loc: KeyPath) -> object:
        """Return a value of the given type. Raises _InvalidValueError."""
        inner = get_args(field_type)
        if NoneType in inner:  # optional
            return self.read_value(inner[0], raw, loc)
        match get_origin(field_type):
            case None if field_type in _SCALAR_READERS:
                return _SCALAR_READERS[field_type](raw)
            case None:
                _require(
                    isinstance(raw, dict), raw, "is not a list of keys and values", lambda: _keys_hint(field_type, raw)
                )
                return self.build(field_type, raw, loc)
            case origin if origin is Annotated:
                return _check_limits(inner[1], raw, self.read_value(inner[0], raw, loc))
            case origin if origin is Literal:
                _require(raw in inner, raw, "is not known here", lambda: spelling_hint(str(raw), inner))
                return raw
            case origin if origin is tuple:
                _require(isinstance(raw, list), raw, "is not a list", _LIST_HINT)
                return tuple(self.read_items(inner[0], raw, loc))
        _require(isinstance(raw, dict), raw, "is not a list of keys and values", _KEYS_HINT)
        entries = {key: item for key, item in raw.items() if item is not None}
        return {key: v for key, item in entries.items() for v in self.read_or_report(inner[1], item, (*loc, key))}

    def read_items(self, item_type: object, items: Sequence[object], loc: KeyPath) -> Iterator[object]:
        """Yield the valid items of a list. Positions of texts move up to their new indices; records have their own."""
        count, positions = 0, self.data.value_positions
        for index, item in enumerate(items):
            for value in self.read_or_report(item_type, item, (*loc, index)):
                yield value
                if count < index and not isinstance(value, Record) and (*loc, index) in positions:
                    positions[*loc, count] = positions[*loc, index]
                count += 1

    def nearest_place(self, table: Positions, loc: KeyPath) -> Place:
        """Return the place of a value or a key; if there is none, that of the nearest value around it."""
        while loc and loc not in table:
            loc, table = loc[:-1], self.data.value_positions
        return Place(self.path, *table.get(loc, (1, 1)))


def _entry_names(value: object) -> Iterator[str]:
    """Yield the names by which other files refer to the entries in a value, whatever its form."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        # Without an id the name may be under a misspelled key.
        is_named = not value.keys().isdisjoint(_NAME_KEYS)
        for key, inner in value.items():
            if isinstance(inner, str) and (not is_named or key in (*_NAME_KEYS, *_USED_KEYS)):
                yield inner
            elif not isinstance(inner, str):
                yield str(key)
                yield from _entry_names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _entry_names(inner)


def _without_none(value: object) -> object:
    """Return a value without keys that have no value."""
    if isinstance(value, dict):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    return [_without_none(v) for v in value] if isinstance(value, list) else value


def _require(condition: bool, raw: object, problem: str, hint: str | Callable[[], str] = "") -> None:
    if not condition:
        subject = f"'{raw[:60]}'" if isinstance(raw, str) else "this value"
        raise _InvalidValueError(f"{subject} {problem}", hint if isinstance(hint, str) else hint())


# --- other than lists -------------------------------------------------------------------------------------------------


def _as_text(raw: object) -> str:
    _require(isinstance(raw, str), raw, "is not a text")
    return str(raw)


def _as_int(raw: Any) -> int:
    _require(isinstance(raw, str) and bool(_INTEGER_PATTERN.fullmatch(raw)), raw, "is not a whole number")
    return int(raw)


def _as_bool(raw: Any) -> bool:
    is_known = isinstance(raw, str) and raw.lower() in _BOOLEANS
    _require(is_known, raw, "is neither true nor false", "write true or false")
    return _BOOLEANS[raw.lower()]


def _as_date(raw: Any) -> date:
    _require(isinstance(raw, str) and bool(_DAY_PATTERN.fullmatch(raw)), raw, "is not a date", _DAY_HINT)
    try:
        return date.fromisoformat(raw)
    except ValueError as error:
        raise _InvalidValueError(f"'{raw}' is not a date: {error}", _DAY_HINT) from None


_SCALAR_READERS: Mapping[object, Callable[[Any], object]] = {
    str: _as_text,
    int: _as_int,
    bool: _as_bool,
    date: _as_date,
}


def _check_limits(limits: Limits, raw: str, value: Any) -> object:
    """Return the value if it is within the limits. Raises _InvalidValueError."""
    if limits.notation:
        find_problem, hint, kind = NOTATIONS[limits.notation]
        if problem := find_problem(raw):
            raise _InvalidValueError(f"'{raw[:60]}' {problem}", hint, kind)
    if limits.pattern and not re.fullmatch(limits.pattern, raw):
        problem = f"is not {limits.form}" if limits.form else f"does not match {limits.pattern}"
        _require(False, raw, problem, f"write {limits.form or 'it in that form'}")
    if limits.longest is not None and len(raw) > limits.longest:
        raise _InvalidValueError(f"has {len(raw)} characters; {limits.longest} are allowed", "shorten it")
    _require(limits.least is None or value >= limits.least, raw, f"is too small: {limits.least} is the least")
    _require(limits.most is None or value <= limits.most, raw, f"is too large: {limits.most} is the most")
    return value


# --- records of files -------------------------------------------------------------------------------------------------


def read_record(
    cls: type[R], text: str, path: str, context: LoadContext, category_key: str = "category", *, whole: str = ""
) -> R:
    """Return the record in a YAML text. `category_key` is the paper's key for categories.

    A `whole` text has all required keys; this is its name in hints.
    """
    data = read_yaml(text, path, context.report, context.cache)
    # The paper may have a word of its own for the category.
    if isinstance(data.value, dict) and category_key in data.value:
        data.value["category"] = data.value.pop(category_key)
        for positions in (data.value_positions, data.key_positions):
            if (category_key,) in positions:
                positions["category",] = positions[category_key,]
    for key in _missing_keys(cls, data) if whole else ():
        # Papers name this key themselves: messages must not show the model's name for it.
        shown, place = category_key if key == "category" else key, Place(path)
        message, hint = f"the key '{shown}' is missing", f"add '{shown}: …' to {whole}"
        context.report(Diagnostic(place, "missing-key", message, hint=hint))
    return build_record(cls, data, path, context.report)


def _missing_keys(cls: type[Record], data: YamlData) -> list[str]:
    """Return the keys that a file needs and lacks. Empty if it is broken: that is reported already."""
    values = {} if data.value is None else data.value
    if not isinstance(values, dict) or data.broken:
        return []
    return [name for name in cls.required_keys if not values.get(name)]
