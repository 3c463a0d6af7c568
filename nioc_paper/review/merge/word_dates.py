"""Days as they are written in Word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from nioc_paper.review.docx.paragraph import Token

_FORMS = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%Y %m %d", "%d %m %Y", "%m %d %Y")
_ORDINAL = re.compile(r"(?<=\d) ?(st|nd|rd|th)\b")
_SIGNS = re.compile(r"[\s,./–-]+|\bof\b|\bthe\b")


def read_day(words: Sequence[Token]) -> str:
    """Return the ISO date of words that are only a day; empty for others, and for 3/4/2022, which may be two days."""
    text = _ORDINAL.sub("", " ".join(t.text for t in words).lower())
    text, days = " ".join(_SIGNS.sub(" ", text).split()), set[str]()
    for form in _FORMS:
        try:
            days.add(datetime.strptime(text, form).date().isoformat())  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return days.pop() if len(days) == 1 else ""
