"""Values of CSL written by hand or exported, in the shapes that pandoc reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from nioc_paper.load.bibliography.scanned import Field, ScannedEntry
from nioc_paper.load.bibliography.vocabulary import DATE_VARIABLES, NAME_VARIABLES, PRIVATE_VARIABLES
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS, without_invisible

_DATE_KEYS = ("year", "month", "day")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME_PARTS = ("given", "dropping-particle", "non-dropping-particle", "family", "literal")
_OTHERS = re.compile(r"[\s,;]*\b(?:et\.?\s+al\b\.?|(?:and|&)\s+others|^others)$", re.IGNORECASE)
OTHERS = {"literal": "others"}
"""Name that citeproc prints as "et al."."""


def clean_value(value: object) -> object:
    """Return a value without characters that no text may hold: escapes can spell them."""
    if isinstance(value, str):
        return without_invisible(FORBIDDEN_CHARACTERS.sub("\ufffd", _LONE_SURROGATE.sub("\ufffd", value)))
    if isinstance(value, Mapping):
        return {clean_value(key): clean_value(inner) for key, inner in value.items()}
    return [clean_value(inner) for inner in value] if isinstance(value, list) else value


def readable_values(fields: Iterable[Field]) -> dict[str, object]:
    """Return the values of an entry by variable, in CSL's own shapes: lists of names, dates as pandoc reads them."""
    values: dict[str, object] = {}
    for field in fields:
        value: object
        if field.name in NAME_VARIABLES:
            value = _as_names(field.value)
        elif field.name in DATE_VARIABLES:
            value = _as_date(field.value)
        else:
            value = _as_text(field.value)
        if value not in (None, "", [], {}) and field.name not in PRIVATE_VARIABLES:
            values[field.name] = value
    return values


def _as_text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def _as_names(value: object) -> list[dict[str, str]]:
    names = value if isinstance(value, list) else [value]
    return [name for name in map(_as_name, names) if name]


def _as_name(value: object) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {str(key): text for key, inner in value.items() if (text := _as_text(inner))}
    text = _as_text(value)
    return {"literal": text} if text else {}


def with_others(names: Iterable[object]) -> list[object]:
    """Return names in which "et al." and "and others" mean authors that are not listed."""
    listed, has_others = list[object](), False
    for name in names:
        stripped = _without_others(name) if isinstance(name, Mapping) else name
        has_others |= stripped != name or name == OTHERS
        listed += [stripped] if stripped and stripped != OTHERS else []
    return [*listed, OTHERS] if has_others and listed else listed


def _without_others(name: Mapping[str, object]) -> dict[str, object]:
    """Return a name without "et al." at its end; empty if that is all of it."""
    if _OTHERS.fullmatch(" ".join(str(name[part]) for part in _NAME_PARTS if name.get(part))):
        return {}
    return {part: _OTHERS.sub("", text) if isinstance(text, str) else text for part, text in name.items()}


def _as_date(value: object) -> object:
    """Return a date as text, or as {date-parts: …}."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, Mapping):
        return _as_text(value)
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and all(isinstance(part, list) and part for part in parts):
        details = {key: value[key] for key in ("season", "circa") if isinstance(value.get(key), str | int | bool)}
        return {"date-parts": [[str(number) for number in part] for part in parts], **details}
    if value.get("year"):
        return {"date-parts": [[str(value[key]) for key in _DATE_KEYS if value.get(key)]]}
    return _as_text(value.get("raw") or value.get("literal"))


def as_csl_json(entry: ScannedEntry, values: Mapping[str, object]) -> str:
    """Return an entry as CSL-JSON."""
    return json.dumps({"id": entry.id, "type": entry.type or "document", **values})
