"""Dates of sources: days that do not exist, and texts that are not dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

_EDTF = re.compile(r"(-?\d{4}|\d{2,3}X{1,2})(?:-(\d{2}|XX)(?:-(\d{2}|XX))?)?[~?%]*$")
_OPEN_ENDS = ("", "..", "open", "unknown")
_RIS = re.compile(r"(\d{4})(?:[/-](\d{1,2})?)?(?:[/-](\d{1,2})?)?(?:[/-].*)?$")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_LATEST_YEAR = 2100
_SEASONS = range(21, 25)
"""Seasons in the place of a month, as in EDTF."""


def printed_date(value: object) -> object:
    """Return a date as citeproc reads it: words around a year, such as "Spring 2019", stay as they are."""
    if not isinstance(value, str):
        return value
    ends = value.strip().split("/")
    is_readable = len(ends) <= 2 and all(end in _OPEN_ENDS or _EDTF.match(end) for end in ends)
    return value if is_readable or not _YEAR.search(value) else {"literal": value}


def date_problem(value: object, kind: str) -> str:
    """Return the problem of a date in a file of a kind, or an empty text."""
    if isinstance(value, list):  # dates of pandoc's older files
        value = value[0] if value else ""
    if isinstance(value, Mapping):
        return _mapping_problem(value)
    text = str(value).strip()
    if not text:
        return ""
    if kind == "ris":
        match = _RIS.match(text)
        return _parts_problem(match.groups()) if match else f"'{text[:40]}' is not a date"
    return _text_problem(_without_latex(text) if kind == "bib" else text, kind)


def _without_latex(text: str) -> str:
    return re.sub(r"\\[A-Za-z]+\s*(\{[^{}]*\})?|[{}]", "", text).strip()


def _mapping_problem(value: Mapping[str, object]) -> str:
    parts = value.get("date-parts")
    if isinstance(parts, list):
        listed = [part for part in parts if isinstance(part, list)]
        return next((problem for part in listed if (problem := _parts_problem(part))), "")
    if value.get("year"):
        return _parts_problem([value.get(key) for key in ("year", "month", "day")])
    text = str(value.get("raw") or value.get("literal") or "")
    return _text_problem(text, "csl") if text else "the date has no year"


def _text_problem(text: str, kind: str) -> str:
    ends = text.split("/")
    if len(ends) <= 2 and all(end in _OPEN_ENDS or _EDTF.match(end) for end in ends) and text.strip("/."):
        matches = [_EDTF.match(end) for end in ends]
        return next((problem for m in matches if m and (problem := _parts_problem(m.groups()))), "")
    if year := _YEAR.search(text):
        # Words around a year are read by some styles: 'October 2019', '[1973] 2001'.
        return _parts_problem([year[0]])
    return f"'{text[:40]}' is not a {'year' if kind == 'bib' else 'date'}: the source is printed without one"


def _parts_problem(parts: Iterable[object]) -> str:
    """Return the problem of year, month and day, as far as they are given."""
    texts = [str(part) for part in parts if part not in (None, "")]
    numbers = [int(text) for text in texts if re.fullmatch(r"-?\d{1,9}", text)]
    if len(numbers) < len(texts) or not numbers:
        return "" if any("X" in text for text in texts) else f"'{'-'.join(texts)[:40]}' is not a date"
    year, month, day = (*numbers, 0, 0)[:3]
    shown = "-".join(texts)
    if year > _LATEST_YEAR:
        return f"the year {year} is far ahead"
    if len(numbers) == 1 or month in _SEASONS:
        return ""
    if not 1 <= month <= 12:
        return f"'{shown}' is not a date: there is no month {month}"
    if day:
        try:
            date(year if 0 < year < 9999 else 2000, month, day)
        except ValueError:
            return f"'{shown}' is not a date: the month has no day {day}"
    return ""
