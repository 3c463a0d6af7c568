"""Bars of time in a table, made of no-break spaces on a background: every format can show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import Item, Node

BAR_LENGTH = 60
"""Number of spaces in a bar."""
_SPACE = "\u00a0"


class TimeScale(Struct, frozen=True):
    """First and last day of all bars of a table."""

    start: date
    end: date

    def draw_bar(self, day: date) -> Node:
        """Return the bar of a day: filled until the day, pale until the end, with a gap at each new year."""
        filled = self._length_until(day)
        years = [self._length_until(date(year, 1, 1)) for year in range(self.start.year + 1, self.end.year + 1)]
        edges = sorted({0, filled, BAR_LENGTH, *years})
        pieces: list[Node] = []
        for left, right in pairwise(edges):
            if left in years and left:
                pieces.append({"t": "Str", "c": _SPACE})
            name = "bar-filled" if right <= filled else "bar-rest"
            pieces.append(tree.span([{"t": "Str", "c": _SPACE * (right - left)}], name))
        return tree.span(pieces, "time-bar")

    def _length_until(self, day: date) -> int:
        """Return the number of spaces between the start and a day."""
        return round(BAR_LENGTH * (day - self.start).days / (self.end - self.start).days)


def find_scale(items: Sequence[Item], as_of: date | None) -> TimeScale | None:
    """Return the scale of the dates of recommendations; None if they have no two dates.

    It starts on `as_of`, the day of the text, if that is earlier than all dates, otherwise with the first date's year.
    """
    days = sorted(set(_days(items)))
    if len(days) < 2:
        return None
    return TimeScale(as_of if as_of and as_of < days[0] else date(days[0].year, 1, 1), days[-1])


def due_date(item: Item) -> date | None:
    """Return the day by which a recommendation is due; None if it names none, or not as a day."""
    try:
        return date.fromisoformat(item.field_text("by"))
    except ValueError:
        return None


def _days(items: Sequence[Item]) -> Iterator[date]:
    return (day for item in items if (day := due_date(item)))
