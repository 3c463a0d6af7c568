"""Parse values that users give to a command: chapters, days, months and languages."""

from __future__ import annotations

from datetime import date
from pathlib import PurePath

from nioc_paper.app.errors import RequestError
from nioc_paper.model.value_notations import language_problem

_LAST_YEAR = 2999


def parse_chapter_id(text: str) -> str:
    """Return the id of a chapter, by its id or its file, which is called so."""
    return PurePath(text).stem if text.endswith(".md") else text


def parse_day(text: str) -> date:
    """Return the day in a text. Raises RequestError for another text."""
    return _parse(text, text, "day; write YYYY-MM-DD")


def parse_month(text: str) -> date:
    """Return the first day of the month in a text. Raises RequestError for another text."""
    return _parse(text, f"{text}-01", "month; write YYYY-MM")


def parse_language(text: str) -> str:
    """Return a language tag. Raises RequestError for another text."""
    if problem := language_problem(text.strip()):
        raise RequestError(f"'{text}' {problem}")
    return text.strip()


def _parse(text: str, day_text: str, form: str) -> date:
    """Return a day. A day so late that plans from it have no end is refused."""
    try:
        day = date.fromisoformat(day_text)
    except ValueError:
        day = date.max
    if day.year > _LAST_YEAR:
        raise RequestError(f"'{text}' is not a {form}")
    return day
