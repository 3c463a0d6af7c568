"""Working-day arithmetic: working days, and their number between two days. Pure; days off are data."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from datetime import date, timedelta

from msgspec import Struct

from nioc_paper.model import Event, Timeline

_WEEKDAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Workdays(Struct, frozen=True):
    """Work week and holidays. A day off counts as the working day before it.

    Everything is based on one count, the working days since the year 1, so no method walks from day to day and a
    mistyped year costs nothing. Days before the year 1 or after 9999 become the nearest day in range.
    """

    work_week: tuple[int, ...]
    """Working days of the week in order; Monday is 0."""
    holiday_ordinals: tuple[int, ...]
    """Ordinals of the holidays on working days, in order."""

    @classmethod
    def from_timeline(cls, timeline: Timeline) -> Workdays:
        """Return the working days of a paper; an empty work week would stop every clock, so it counts as seven days."""
        week = tuple(i for i, name in enumerate(_WEEKDAY_NAMES) if name in timeline.work_week) or tuple(range(7))
        return cls(week, tuple(sorted({h.on.toordinal() for h in timeline.holidays if h.on.weekday() in week})))

    def is_working(self, day: date) -> bool:
        """Return whether a day is a working day."""
        return day.weekday() in self.work_week and day.toordinal() not in self.holiday_ordinals

    def add(self, day: date, n: int) -> date:
        """Return the working day `n` working days after `day`, or before it if `n` is negative."""
        days, count = range(1, date.max.toordinal() + 1), self._count_until(day.toordinal()) + n
        return date.fromordinal(days[min(bisect_left(days, count, key=self._count_until), len(days) - 1)])

    def between(self, a: date, b: date) -> int:
        """Count the working days after `a` up to and including `b`; negative if `b` is before `a`."""
        return self._count_until(b.toordinal()) - self._count_until(a.toordinal())

    def on_or_after(self, day: date) -> date:
        """Return the day itself if it is a working day, or the next one."""
        return day if self.is_working(day) else self.add(day, 1)

    def slip(self, due: date, today: date) -> int:
        """Return the working days that `today` is past `due`; negative: working days left.

        On a day off after a working day that was due it is already a day late: nothing can be handed in before the next
        working day. A due day that is off itself adds nothing: lateness begins on the next working day.
        """
        if today <= due:
            return min(0, self.between(due, today))
        return self.between(due, self.on_or_after(today) if self.is_working(due) else today)

    def edge_of_month(self, day: date, *, is_first: bool) -> date | None:
        """Return the first or last working day of the month of `day`; None if the whole month is off."""
        edge = self.on_or_after(day.replace(day=1)) if is_first else self.add(_month_end(day.year, day.month), 0)
        return edge if _month_number(edge) == _month_number(day) and self.is_working(edge) else None

    def event_days(self, event: Event, first: date, last: date) -> tuple[date, ...]:
        """Return the days from `first` to `last` on which an event takes place, in order."""
        days = set(event.dates)
        if event.every == "month":
            start, end = max(first, event.since or first), min(last, event.until or last)
            is_first = event.on == "first-working-day"
            months = range(_month_number(end) - _month_number(start) + 1)
            monthly = (self.edge_of_month(add_months(start.replace(day=1), n), is_first=is_first) for n in months)
            days |= {day for day in monthly if day and start <= day <= end}
        return tuple(sorted(d for d in days if first <= d <= last))

    def _count_until(self, ordinal: int) -> int:
        """Count the working days from 1 January of the year 1, a Monday, up to and including a day."""
        weeks, rest = divmod(ordinal, 7)
        return (
            weeks * len(self.work_week)
            + bisect_left(self.work_week, rest)
            - bisect_right(self.holiday_ordinals, ordinal)
        )


def add_months(day: date, n: int) -> date:
    """Return the same day `n` calendar months later, or the last day of a shorter month."""
    year, month = divmod(_month_number(day) + n, 12)
    if not date.min.year <= year <= date.max.year:
        return date.max if n > 0 else date.min
    return min(day.replace(day=1, month=month + 1, year=year) + timedelta(day.day - 1), _month_end(year, month + 1))


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
