"""The words that the outputs themselves say: headings of lists, names of fields, the draft mark, the date.

One table a language. A paper in another language needs a table here and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

_MONTHS = "January February March April May June July August September October November December"

_ENGLISH = {
    "contents": "Contents",
    "figures": "Figures",
    "tables": "Tables",
    "recommendations": "Recommendations",
    "edition": "Edition",
    "version": "Version",
    "date": "Date",
    "publisher": "Published by",
    "contributors": "Contributors",
    "rights": "Rights",
    "draft": "Draft",
    "draft_note": "This is a working draft. It will change before it is published; please do not quote it as final.",
    "status": "Status",
    "lead": "Lead",
    "skip": "Skip to the text",
    "notes": "Notes",
    "table": "Table",
    "data": "The figures behind this chart",
    "cover": "Cover",
    "imprint": "About this document",
    "months": _MONTHS,
}

LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": _ENGLISH})


def labels(language: str) -> Mapping[str, str]:
    """The words for a language tag such as `en-GB`; English where there is no table."""
    return LABELS.get(language.split("-", maxsplit=1)[0], _ENGLISH)


def day(on: date | None, words: Mapping[str, str]) -> str:
    """A date as it is printed, "22 April 2020"; empty when there is none."""
    return f"{on.day} {words['months'].split()[on.month - 1]} {on.year}" if on else ""
