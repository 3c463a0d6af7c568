"""Working-day arithmetic: properties of any calendar, checked against counting day by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sample_plan import record

from nioc_paper.domain.workdays import Workdays
from nioc_paper.model import Event, Timeline

NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAYS = st.dates(date(2019, 6, 1), date(2021, 6, 1))
ANY_DAY = st.dates()
STEPS = st.integers(-300, 300)


def calendar(week: Sequence[str] = NAMES[:5], holidays: Iterable[date] = ()) -> Workdays:
    days = [{"on": day, "name": "holiday"} for day in holidays]
    return Workdays.from_timeline(record(Timeline, {"work_week": week, "holidays": days}))


CALENDARS = st.builds(
    calendar,
    st.lists(st.sampled_from(NAMES), max_size=9),
    st.lists(DAYS, max_size=60),
)
PAKISTAN = calendar(holidays=[date(2019, 12, 25), date(2020, 2, 5), date(2020, 3, 23), date(2020, 5, 1)])


# --- properties -------------------------------------------------------------------------------------------------------


@given(CALENDARS, DAYS, DAYS)
def test_between_counts_the_working_days_after_a_up_to_b(days: Workdays, a: date, b: date) -> None:
    first, last = sorted((a, b))
    counted = sum(days.is_working(first + timedelta(n)) for n in range(1, (last - first).days + 1))
    assert days.between(first, last) == counted
    assert days.between(last, first) == -counted


@given(CALENDARS, DAYS, STEPS)
def test_add_is_undone_by_between_and_gives_a_working_day(days: Workdays, day: date, n: int) -> None:
    assert days.between(day, days.add(day, n)) == n
    assert days.is_working(days.add(day, n))
    assert days.is_working(days.on_or_after(day))


@given(CALENDARS, DAYS)
def test_slip_never_shrinks_and_is_positive_past_the_date_only(days: Workdays, due: date) -> None:
    slips = [days.slip(due, due + timedelta(n)) for n in range(-40, 41)]
    assert all(slip <= 0 for slip in slips[:41])
    late = [n for n in range(1, 41) if days.is_working(due) or days.between(due, due + timedelta(n))]
    assert all((slips[40 + n] >= 1) == (n in late) for n in range(1, 41))
    assert slips == sorted(slips)


@given(CALENDARS, ANY_DAY, st.integers(-(10**9), 10**9), ANY_DAY)
def test_no_year_and_no_number_is_too_far(days: Workdays, day: date, n: int, other: date) -> None:
    assert date.min <= days.add(day, n) <= date.max
    assert (days.slip(day, other) > 0) == (other > day and (days.is_working(day) or days.between(day, other) > 0))
    assert days.on_or_after(day) >= day or day == date.max
    assert days.first_of_month(day) is None or days.last_of_month(day) is not None


# --- bad data ---------------------------------------------------------------------------------------------------------


def test_holidays_that_cover_everything_are_stepped_over() -> None:
    year = [date(2020, 1, 1) + timedelta(n) for n in range(366)]
    days = calendar(holidays=year)
    assert days.between(date(2019, 12, 31), date(2020, 12, 31)) == 0
    assert days.add(date(2019, 12, 31), 1) == date(2021, 1, 1)
    assert days.first_of_month(date(2020, 5, 5)) is days.last_of_month(date(2020, 5, 5)) is None


# --- examples ---------------------------------------------------------------------------------------------------------


def test_a_monthly_event_between_its_first_and_last_day() -> None:
    news = Event(id="news", title="Newsletter", every="month", since=date(2019, 11, 22), until=date(2020, 4, 30))
    assert PAKISTAN.event_days(news, date(2019, 1, 1), date(2021, 1, 1)) == (
        date(2019, 11, 29),
        date(2019, 12, 31),
        date(2020, 1, 31),
        date(2020, 2, 28),
        date(2020, 3, 31),
        date(2020, 4, 30),
    )
    first = news.replace(on="first-working-day")
    assert PAKISTAN.event_days(first, date(2020, 4, 1), date(2020, 12, 31)) == (date(2020, 4, 1),)
    assert PAKISTAN.event_days(news, date(2020, 5, 1), date(2020, 12, 31)) == ()
