"""Plain values to the model's records: every error at its place, and whatever is right is kept."""

from __future__ import annotations

from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from nioc_paper.load.yaml import Data
from nioc_paper.model import Diagnostic, Loc, Place, Record, Report, Source, nearest

R = TypeVar("R", bound=Record)
_ROUNDS = 50
_WORDS = {
    "date_from_datetime_parsing": "is no date",
    "date_parsing": "is no date",
    "int_parsing": "is no whole number",
    "bool_parsing": "is neither true nor false",
    "tuple_type": "is no list",
    "dict_type": "is no list of keys and values",
    "model_type": "is no list of keys and values",
    "string_type": "is no text",
}
_HINTS = {
    "is no date": "write YYYY-MM-DD, a day that exists",
    "is no list": "write a list: [one, two], or lines that begin with '- '",
    "is no list of keys and values": "write 'key: value' lines, or {key: value}",
    "is neither true nor false": "write true or false",
}


def build(cls: type[R], data: Data, path: str, report: Report) -> R:
    """The record, without the values that do not fit it. Each of those is one finding."""
    value = _without_none(data.value) if isinstance(data.value, dict) else {}
    if data.value is not None and not isinstance(data.value, dict):
        message = "the file is no list of keys and values"
        report(Diagnostic(Place(path), "invalid-value", message, hint="write 'key: value' lines"))
    for _ in range(_ROUNDS):
        try:
            record = cls.model_validate(value)
        except ValidationError as error:
            faults: list[dict[str, Any]] = [dict(fault) for fault in error.errors(include_url=False)]
            # First what is wrong, by its key; then what is missing, while the places of items still hold.
            wrong = [f for f in faults if f["type"] != "missing"] or faults
            for fault in wrong:
                if fault["type"] != "missing" or fault["loc"] not in data.marks:
                    _report(cls, fault, data, path, report)
            for loc in sorted({_culprit(value, f["loc"]) for f in wrong}, key=_sortable, reverse=True):
                _delete(value, loc)
        else:
            _attach(record, Source(path, data.marks), ())
            return record
    raise AssertionError(f"{cls.__name__} without the values at fault does not validate")


def _sortable(loc: Loc) -> tuple[tuple[int, str], ...]:
    """For an order in which deleting one item does not move those that are still to be deleted."""
    return tuple((part, "") if isinstance(part, int) else (-1, part) for part in loc)


def _without_none(value: Any) -> Any:
    """A key without a value is a key that is not given."""
    if isinstance(value, dict):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    return [_without_none(v) for v in value] if isinstance(value, list) else value


def _report(cls: type[BaseModel], fault: dict[str, Any], data: Data, path: str, report: Report) -> None:
    loc: Loc = tuple(fault["loc"])
    kind, key = fault["type"], str(loc[-1]) if loc else ""
    place = _place(data, path, loc)
    if kind == "extra_forbidden":
        hint = nearest(key, _fields(cls, loc[:-1]))
        report(
            Diagnostic(
                _place(data, path, loc, keys=True), "unknown-key", f"the key '{key}' is not known here", hint=hint
            )
        )
    elif kind == "missing":
        report(Diagnostic(place, "missing-key", f"the key '{key}' is missing", hint=f"add '{key}: …'"))
    else:
        message, hint = _invalid(fault)
        report(Diagnostic(place, "invalid-value", message, hint=hint))


def _invalid(fault: dict[str, Any]) -> tuple[str, str]:
    given = str(fault["input"]) if isinstance(fault["input"], str | int) else "what stands here"
    shown = f"'{given[:60]}'" if isinstance(fault["input"], str | int) else given
    if fault["type"] == "literal_error":
        words = [w.strip().strip("'") for w in fault["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return f"{shown} is not known here", nearest(given, words)
    if fault["type"] == "string_too_long":
        return f"has {len(given)} characters; {fault['ctx']['max_length']} are allowed", "shorten it"
    if fault["type"] == "string_pattern_mismatch":
        return f"{shown} does not match {fault['ctx']['pattern']}", "write it in that form"
    if fault["type"] == "value_error":
        return f"{shown} {fault['ctx']['error']}", _HINTS["is no date"]
    words_for = _WORDS.get(fault["type"], f"does not fit: {fault['msg'].lower()}")
    return f"{shown} {words_for}", _HINTS.get(words_for, "")


def _place(data: Data, path: str, loc: Loc, *, keys: bool = False) -> Place:
    table = data.keys if keys and loc in data.keys else data.marks
    while loc and loc not in table:
        loc = loc[:-1]
    return Place(path, *table.get(loc, (1, 1)))


def _fields(cls: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that a record knows at a position inside it."""
    for part in loc:
        if isinstance(part, int) or part not in cls.model_fields:
            continue
        inner = [
            a for a in _types(cls.model_fields[part].annotation) if isinstance(a, type) and issubclass(a, BaseModel)
        ]
        if inner:
            cls = inner[0]
    return [info.alias or name for name, info in cls.model_fields.items()]


def _types(annotation: Any) -> list[Any]:
    arguments = get_args(annotation)
    return [t for a in arguments for t in _types(a)] if arguments else [annotation]


def _culprit(value: Any, loc: Loc) -> Loc:
    """The position of the value at fault; of a missing key, of what should have held it."""
    found: Loc = ()
    for part in loc:
        inside = isinstance(value, dict) and part in value
        if not inside and not (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            break
        value = value[part]
        found = (*found, part)
    return found


def _delete(value: Any, loc: Loc) -> None:
    for part in loc[:-1]:
        value = value[part]
    if loc:
        del value[loc[-1]]


def _attach(value: Any, source: Source, loc: Loc) -> None:
    """Tell each record where it stands. A private attribute is no field: the record stays frozen."""
    if isinstance(value, Record):
        value._source = Source(source.path, source.marks, loc)  # noqa: SLF001 - reading is what sets it
        for name, info in type(value).model_fields.items():
            _attach(getattr(value, name), source, (*loc, info.alias or name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            _attach(item, source, (*loc, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            _attach(item, source, (*loc, key))
