"""Read sources that are in the terms of CSL already: CSL-JSON, and YAML with our own keys beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from nioc_paper.load.bibliography import Position
from nioc_paper.load.bibliography.entries import (
    CSL_TYPES,
    DATE_VARIABLES,
    NAME_VARIABLES,
    PRIVATE_VARIABLES,
    Field,
    Lines,
    Scan,
    ScannedEntry,
    ScanProblem,
)
from nioc_paper.load.records import build_record
from nioc_paper.load.source_text import read_json
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.load.yaml_positions import YamlData
from nioc_paper.model import Reference, References, Reporter
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS, without_invisible

_ID = re.compile(r'"id"\s*+:\s*+("(?:[^"\\]|\\.)*+"|-?\d++)')
_EDTF = re.compile(r"(-?\d{4}|\d{2,3}X{1,2})(?:-(\d{2}|XX)(?:-(\d{2}|XX))?)?[~?%]*$")
_NUMBER = re.compile(r"-?\d{1,9}")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def scan_csl_json(text: str) -> Scan:
    """Return the entries of a CSL-JSON file: an array, or an object that has it under `items` or `references`."""
    try:
        data = clean_value(read_json(text))
    except json.JSONDecodeError as error:
        hint = "export the file again, or correct it here"
        return Scan(problems=[ScanProblem((error.lineno, error.colno), f"this is not JSON: {error.msg}", hint)])
    except ValueError as error:
        return Scan(problems=[ScanProblem((1, 1), f"this is not JSON: it {error}", "export it as CSL-JSON")])
    if isinstance(data, Mapping):
        data = data.get("items") or data.get("references") or [data]
    return _scan_items(data if isinstance(data, list) else [data], text)


def _scan_items(items: Sequence[object], text: str) -> Scan:
    scan, lines, position = Scan(), Lines(text), (1, 1)
    ids = _ID.finditer(text)
    for item in items:
        key = item.get("id") if isinstance(item, Mapping) else None
        if isinstance(item, Mapping) and isinstance(key, str | int) and key != "":
            positions = (lines.position(match.start(1)) for match in ids if clean_value(json.loads(match[1])) == key)
            position = next(positions, position)
            fields = [Field(name, value, position) for name, value in item.items() if name != "id"]
            scan.entries.append(ScannedEntry(str(key), str(item.get("type", "")), position, fields))
        else:
            message, hint = "a source after this place has no id", 'add "id": "…", the key by which chapters cite it'
            scan.problems.append(ScanProblem(position, message, hint))
    return scan


def scan_csl_yaml(text: str, path: str, report: Reporter) -> Scan:
    """Return the entries under `references`; an entry with a value of the wrong kind is reported and left out."""
    data = read_yaml(text, path, report)
    record = build_record(References, data, path, report)
    return Scan([_to_entry(reference, reference.key_path, data) for reference in record.references])


def _to_entry(reference: Reference, loc: tuple[str | int, ...], data: YamlData) -> ScannedEntry:
    def position(*inner: str) -> Position:
        return data.value_positions.get((*loc, *inner)) or data.value_positions.get(loc, (1, 1))

    values = vars(reference)
    own_names = {name: key for name in Reference.names if (key := Reference.key_of(name)) in Reference.own_keys}
    own = [Field(key, values[name], position(key)) for name, key in own_names.items() if name in values]
    written = {"title": reference.title, "type": reference.type, **reference.extra}
    fields = [Field(name, value, position(name)) for name, value in written.items() if value]
    return ScannedEntry(reference.id, reference.type, position("id"), fields, own=own)


def clean_value(value: object) -> object:
    """Return a value without characters that no text may hold: escapes can spell them."""
    if isinstance(value, str):
        return without_invisible(FORBIDDEN_CHARACTERS.sub("\ufffd", _LONE_SURROGATE.sub("\ufffd", value)))
    if isinstance(value, Mapping):
        return {clean_value(key): clean_value(inner) for key, inner in value.items()}
    return [clean_value(inner) for inner in value] if isinstance(value, list) else value


def readable_values(entry: ScannedEntry) -> dict[str, object]:
    """Return key, type and values of an entry by variable, in shapes that pandoc reads: texts, names, dates."""
    values = dict[str, object]()
    for name, value in ((field.name, clean_value(field.value)) for field in entry.fields):
        if name in NAME_VARIABLES:
            values[name] = [*filter(None, map(_as_name, value if isinstance(value, list) else [value]))]
        else:
            values[name] = _as_date(value) if name in DATE_VARIABLES else _as_text(value)
    head = {"id": entry.id, "type": entry.type if entry.type in CSL_TYPES else "document"}
    return {name: value for name, value in values.items() if value and name not in PRIVATE_VARIABLES} | head


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def _as_name(value: object) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {str(key): text for key, inner in value.items() if (text := _as_text(inner))}
    text = _as_text(value)
    return {"literal": text} if text else {}


def _as_date(value: object) -> object:
    """Return a date as text, or as {date-parts: …}."""
    if isinstance(value, list):  # dates of pandoc's older files
        value = value[0] if value else ""
    if not isinstance(value, Mapping):
        return _as_text(value)
    parts = value.get("date-parts") or [[value[key] for key in ("year", "month", "day") if value.get(key)]]
    listed = parts if isinstance(parts, list) else [[]]
    days = [[_as_text(part) for part in day] if isinstance(day, list) else [] for day in listed]
    if all(day and all(_NUMBER.fullmatch(part) for part in day) for day in days):
        details = {key: value[key] for key in ("season", "circa") if isinstance(value.get(key), str | int)}
        return {"date-parts": days, **details}
    return _as_text(value.get("raw") or value.get("literal"))


def csl_json(values: Mapping[str, object], *, is_yaml: bool) -> str:
    """Return an entry for pandoc, which takes 'Words: more' in a note for a variable, as other programs write it."""
    return json.dumps({name: f" {value}" if is_yaml and name == "note" else value for name, value in values.items()})


def printed_date(value: object) -> object:
    """Return a date as citeproc reads it: words around a year, such as "Spring 2019", stay as they are."""
    if not isinstance(value, str):
        return value
    ends = value.strip().split("/")
    is_readable = len(ends) <= 2 and all(end in ("", "..", "open", "unknown") or _EDTF.match(end) for end in ends)
    return value if is_readable or not _YEAR.search(value) else {"literal": value}
