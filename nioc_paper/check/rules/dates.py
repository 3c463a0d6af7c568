"""Rules about dates and decimals in the text."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.passages import Passage
from nioc_paper.model.late_pattern import late_pattern

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_WEEKDAY = r"(?:(?P<weekday>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day),?\s+(?:the\s+)?)?"
_NAME_OF_MONTH = late_pattern("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec")
_DATES = (
    (
        _NAME_OF_MONTH,
        late_pattern(
            rf"{_WEEKDAY}(?<![\d.,/–-])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+(?P<year>\d{{4}})\b)?"
        ),
    ),
    (
        _NAME_OF_MONTH,
        late_pattern(
            rf"{_WEEKDAY}\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?![.,]?\d|\s*[–-])(?:,?\s+(?P<year>\d{{4}})\b)?"
        ),
    ),
    (
        late_pattern(r"\d-\d\d-"),
        late_pattern(r"(?<![\w/-])(?P<year>(?:1[5-9]|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?![\w/-])"),
    ),
)
"""Signs and dates: a sign is a part of every date with its pattern, and is searched for ten times as fast."""
_YEAR = r"(?:1[5-9]|20)\d\d"
_RANGES = tuple(
    late_pattern(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w.,/#–-])(?P<first>{_YEAR})\s?[–—]\s?(?P<last>{_YEAR})(?![\w.,/–-]*\d)",
        rf"\b(?:from|between)\s(?P<first>{_YEAR})\s(?:to|and|until)\s(?P<last>{_YEAR})\b(?!,\d)",
        rf"\b(?:in|years?|period|for|of)\s(?P<first>{_YEAR})-(?P<last>{_YEAR})\b",
    )
)
_SIGN_OF_RANGE = late_pattern(r"\d\s?(?:[–—-]|to|and|until)\s?\d{4}", re.IGNORECASE)
"""Part of every range."""
_UNIT = (
    r"(?:%|per\s+cent|percent|million|billion|trillion|crore|lakh|km|kg|m|ha|metres?|meters?|kilomet\w+|hectares?|tonnes?"
    r"|tons?|degrees?|times|points?|hours?|years?|lit(?:re|er)s?)"
)
_DECIMAL_COMMA = rf"\d(?<![\w.,]\d)\d{{0,2}},\d{{1,2}}(?![\d,])\s?{_UNIT}(?!\w)"


def impossible_date(passage: Passage) -> Iterator[Finding]:
    """Dates exist, have the right day of the week, and ranges run forward.

    Bad: on 31 November 2019; on Monday, 22 November 2019; in 2020–2019
    Good: on 30 November 2019; on Friday, 22 November 2019; in 2019–2020
    """
    text = passage.text
    if not re.search(r"\d", text) or passage.label == "by":  # that date has a rule of its own
        return
    for sign, pattern in _DATES:
        for match in pattern.finditer(text) if sign.search(text) else ():
            if problem := _date_problem(match):
                message, hint = problem
                yield Finding(passage.place(match.start()), f"'{match[0]}': {message}", hint)
    for pattern in _RANGES if _SIGN_OF_RANGE.search(text) else ():
        for match in pattern.finditer(text):
            if match["last"] < match["first"]:
                hint = f"write {match['last']}–{match['first']}, or correct a year"
                yield Finding(passage.place(match.start("first")), f"'{match[0]}' runs backward", hint)


def _date_problem(match: re.Match[str]) -> tuple[str, str] | None:
    """Return a message and a hint for a date that does not exist or has another day of the week."""
    groups = match.groupdict()
    name = groups["month"]
    month = int(name) if name.isdigit() else _MONTHS.index(name[:3].lower()) + 1
    year, day = int(groups["year"] or 0) or 2000, int(groups["day"])
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        return "there is no such day", "look the date up"
    weekday, right = groups.get("weekday"), date(year, month, day).strftime("%A")
    if weekday and groups["year"] and weekday != right:
        return f"that day was a {right}", "correct the day of the week, or the date"
    return None


def decimal_comma(passage: Passage) -> Iterator[Finding]:
    """Decimals follow a point in English text.

    Bad: 3,5 metres
    Good: 3.5 metres
    """
    if "foreign" not in passage.within and "," in passage.text:
        for match in re.finditer(_DECIMAL_COMMA, passage.text):
            hint = f"write '{match[0].replace(',', '.')}'"
            yield Finding(passage.place(match.start()), f"'{match[0]}' has a comma in place of a point", hint)
