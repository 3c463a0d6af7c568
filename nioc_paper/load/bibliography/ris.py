"""Scan RIS for entries, tags and their places, and write it so that pandoc loses nothing of it.

Pandoc drops dates with slashes and the place of the publisher, takes the last word of an organization for a family
name, and turns some types into those of BibTeX.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nioc_paper.load.bibliography.scanned import Field, Scan, ScannedEntry, ScanProblem
from nioc_paper.load.bibliography.vocabulary import CSL_TYPES_BY_RIS_TYPE, RIS_TYPES
from nioc_paper.model import slugify

_TAG = re.compile(r"([A-Z][A-Z0-9]) {1,2}-(?: ?(.*))?$")
_DATE_TAGS = ("DA", "PY", "Y1")
_DATE = re.compile(r"(\d{4})(?:[/-](\d{1,2}))?(?:[/-](\d{1,2}))?(?:[/-].*)?/*$")
_UNPRINTED_TAGS = ("AB", "KW", "L1", "L2", "L3", "L4", "N1", "N2")
_DATES: Mapping[str, Sequence[str]] = {"issued": _DATE_TAGS, "accessed": ("Y2",)}
_NAME_PARTS = ("given", "dropping-particle", "non-dropping-particle", "family")
_NAME_TAGS = ("AU", "A1", "A2", "A3", "A4", "ED")


def scan_ris(text: str) -> Scan:
    """Return the entries of a RIS file. One without an ID gets family name and year as its key: ash2019."""
    result, fields = Scan(), list[Field]()
    for number, line in enumerate(text.split("\n"), 1):
        match = _TAG.match(line)
        if match is None:
            _continue_value(line, number, fields, result)
            continue
        if match[1] == "TY":
            _end_open_entry(fields, result, number)
        if match[1] == "ER":
            _end_entry(fields, result)
        elif match[1] == "TY" or fields:
            position = number, match.start(2) + 1 if match[2] else len(line) + 1
            fields.append(Field(match[1], (match[2] or "").strip(), (number, 1), position))
        else:
            result.problems.append(ScanProblem((number, 1), "the line is in no entry", "begin an entry with 'TY  - '"))
    _end_open_entry(fields, result, len(text.rstrip().split("\n")))
    return result


def _end_open_entry(fields: list[Field], result: Scan, line: int) -> None:
    """End an entry that has no end, which is reported: the next one, or its rest, may be part of it."""
    if fields:
        hint = "end every entry with a line 'ER  - '"
        result.problems.append(ScanProblem((line, 1), f"the entry from line {fields[0].position[0]} has no end", hint))
        _end_entry(fields, result)


def _continue_value(line: str, number: int, fields: list[Field], result: Scan) -> None:
    """Add a line without a tag to the value above it."""
    if not line.strip():
        return
    if fields:
        fields[-1] = fields[-1]._replace(value=f"{fields[-1].value} {line.strip()}")
    else:
        hint = "a line is two letters or digits, two spaces, '- ' and the value: 'TI  - Survey'"
        result.problems.append(ScanProblem((number, 1), "the line is in no entry, and has no tag", hint))


def _end_entry(fields: list[Field], result: Scan) -> None:
    if not fields:
        return
    first, own = fields[0], tuple(fields[1:])
    fields.clear()
    id_field = next((f for f in own if f.name == "ID" and f.value), None)
    key = id_field.value if id_field else _make_key(own)
    position = id_field.value_position if id_field else first.position
    body = "".join(f"{f.name}  - {_for_pandoc(f)}\n" for f in own if f.name not in ("ID", *_UNPRINTED_TAGS))
    text = f"TY  - {first.value}\nID  - {key}\n{body}ER  - \n\n"
    result.entries.append(ScannedEntry(key, first.value, position, first.value_position, own, text))


def _for_pandoc(field: Field) -> str:
    return field.value[:4] if field.name in _DATE_TAGS and _DATE.match(field.value) else str(field.value)


def _make_key(fields: Sequence[Field]) -> str:
    name = next((f.value for f in fields if f.name in _NAME_TAGS), "") or next((f.value for f in fields), "source")
    date = next((f.value for f in fields if f.name in _DATE_TAGS), "")
    return slugify(name.partition(",")[0]).replace("-", "") + (date[:4] if date[:4].isdigit() else "")


def correct_ris(entry: ScannedEntry, csl: Mapping[str, object]) -> dict[str, object]:
    """Return CSL of an entry as pandoc read it, with what it dropped or changed."""
    organizations = {f.value for f in entry.fields if f.name in _NAME_TAGS and "," not in f.value}
    corrected = {
        key: [_as_organization(name, organizations) for name in value] if isinstance(value, list) else value
        for key, value in csl.items()
    }
    corrected["type"] = CSL_TYPES_BY_RIS_TYPE.get(entry.type) or (
        corrected["type"] if entry.type in RIS_TYPES else "document"
    )
    corrected |= {variable: value for variable, tags in _DATES.items() if (value := _date(entry, tags))}
    if place := entry.field("CY", "PP"):
        corrected.setdefault("publisher-place", place.value)
    return corrected


def _date(entry: ScannedEntry, tags: Sequence[str]) -> str | None:
    """Return the first whole date under some tags, as CSL writes it; without any the first text."""
    dates = [f.value for tag in tags for f in entry.fields if f.name == tag and f.value]
    return next(_iso_dates(dates), None) or next(iter(dates), None)


def _iso_dates(dates: Iterable[str]) -> Iterator[str]:
    return ("-".join(part.zfill(2) for part in match.groups() if part) for d in dates if (match := _DATE.match(d)))


def _as_organization(name: object, organizations: set[str]) -> object:
    if not isinstance(name, dict):
        return name
    whole = " ".join(str(name[part]) for part in _NAME_PARTS if name.get(part))
    return {"literal": whole} if whole in organizations else name
