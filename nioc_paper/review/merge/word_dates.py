"""Days as they are written in Word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nioc_paper.review.docx.paragraph import Token

_FORMS = ("%d %B %Y", "%d %b %Y", "%Y-%m-%d", "%B %d , %Y")


def read_day(words: Sequence[Token]) -> str:
    """Return the ISO date of words that are only a day; empty for other words."""
    text = " ".join(t.text for t in words)
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return ""
