"""Health, slip, projected finish, and who owes what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_plan import STATUSES, TIMELINE, chapter, on, paper, record

from nioc_paper.domain.workdays import Workdays
from nioc_paper.model import Chapter, ChapterProgress, Event, Health, History, Progress, Timeline
from nioc_paper.progress import measure_progress

# --- the date ---------------------------------------------------------------------------------------------------------


def only(today: str, status: str = "drafting", **front: Any) -> ChapterProgress:
    return on(today, chapter("one", status, **front)).chapters[0]


@pytest.mark.parametrize(
    ("timeline", "last_day", "sample_day"),
    [
        ({}, "2020-09-21", "2020-01-28"),
        ({"gates": []}, "2020-09-21", "2020-02-06"),
        ({"start": None}, "2020-09-21", "2020-01-28"),
        ({"start": None, "gates": []}, "2020-04-22", "2020-04-22"),
        ({"start": "2020-05-01", "gates": []}, "2020-04-22", "2020-04-22"),
    ],
)
def test_a_plan_is_over_after_as_many_days_as_it_lasted(timeline: Any, last_day: str, sample_day: str) -> None:
    day = date.fromisoformat(last_day)
    plan = {key: value for key, value in {**TIMELINE, **timeline}.items() if value is not None}
    last, after = (on(str(d), chapter("one", "drafting"), timeline=plan) for d in (day, day + timedelta(days=1)))
    assert (last.is_over, last.sample_day, last.finish is None) == (False, None, False)
    assert (after.is_over, str(after.sample_day)) == (True, sample_day)
    assert (after.finish, after.chapters[0].finish, after.chapters[0].reason) == (None, None, "late")


@pytest.mark.parametrize("day", ["2019-11-25", "2020-04-22", "2020-09-21"])
def test_a_translation_that_has_not_begun_decides_no_finish(day: str) -> None:
    others = chapter("one", "drafting"), chapter("two", "clearance")
    translation = chapter("one-ur", "outline", language="ur", translation_of="one")
    alone, both = on(day, *others), on(day, translation, *others)
    assert (both.finish, both.slack, both.worst) == (alone.finish, alone.slack, alone.worst)
    assert both.chapter("one-ur").due == both.deadline  # type: ignore[union-attr]
    last = on(day, translation, chapter("one", "final"))
    assert last.finish == (None if day > "2020-04-22" else last.deadline)
    begun = chapter("one-ur", "drafting", language="ur", translation_of="one")
    assert on(day, begun).finish == on(day, others[0]).finish


def test_due_in_the_last_five_working_days() -> None:
    assert (only("2020-01-20").health, only("2020-01-20").reason) == (Health.ON_TRACK, "6 working days left")
    assert (only("2020-01-21").health, only("2020-01-21").reason) == (Health.DUE, "5 working days left")
    assert only("2020-01-24", lead="").reason == "no lead; 2 working days left"
    assert only("2020-01-28").reason == "due today"


@pytest.mark.parametrize(
    ("own", "today", "due_slip", "slip", "finish", "reason"),
    [
        ("2020-01-10", "2020-01-09", -1, -13, "2020-04-22", "1 working day left to its own date, 13 working days left"),
        ("2020-01-10", "2020-01-10", 0, -12, "2020-04-22", "its own date is today, 12 working days left"),
        ("2020-01-10", "2020-01-15", 3, -9, "2020-04-22", "its own date is missed by 3 working days, 9 working days"),
        ("2020-02-06", "2020-01-28", -6, 0, "2020-04-22", "6 working days left to its own date, the gate is today"),
        ("2020-02-06", "2020-02-03", -2, 4, "2020-04-28", "4 working days late for the gate of 28 January 2020; ready"),
        ("2020-02-06", "2020-02-07", 1, 7, "2020-05-04", "7 working days late for the gate of 28 January 2020; ready"),
    ],
)
def test_an_own_date_changes_the_due_date_and_not_the_slip(
    own: str, today: str, due_slip: int, slip: int, finish: str, reason: str
) -> None:
    one = only(today, due={"drafting": date.fromisoformat(own), "peer-review": date(2020, 3, 2)})
    assert (one.due, one.due_slip, one.slip) == (date.fromisoformat(own), due_slip, slip)
    assert (one.finish, one.gate_day, one.gate and one.gate.id) == (
        date.fromisoformat(finish),
        date(2020, 1, 28),
        "m3",
    )
    assert one.reason.startswith(reason)
    assert (one.health is Health.LATE) == (slip > 0)


def test_a_status_without_a_gate_has_until_the_next_gate_and_none_longer_than_the_deadline() -> None:
    assert only("2020-02-07", due={"drafting": date(2021, 1, 1)}).due == date(2020, 4, 22)
    assert only("2020-04-23", due={"drafting": date(2021, 1, 1)}).due_slip == 1
    gates = [g for g in TIMELINE["gates"] if g["leaves"] != "drafting"]
    (one,) = on("2020-02-07", chapter("one", "drafting"), timeline={**TIMELINE, "gates": gates}).chapters
    assert one.due == date(2020, 2, 18)
    (two,) = on("2020-02-07", chapter("two", "drafting"), timeline={**TIMELINE, "gates": []}).chapters
    assert (two.gate, two.due) == (None, date(2020, 4, 22))


def test_an_unknown_status_counts_as_the_first() -> None:
    one = only("2020-02-07", "half-way")
    assert (one.status.title, one.slip) == ("half-way", 44)


# --- risks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ({"lead": ""}, "no lead"),
        ({"lead": "bilal"}, "permission for Bilal Khan pending"),
        ({"blocked": "waiting for the map"}, "blocked: waiting for the map"),
        ({"clearances": [{"body": "bureau", "state": "refused"}]}, "clearance refused by Bureau of Records"),
        ({"lead": "", "blocked": "no data"}, "blocked: no data; no lead"),
    ],
)
def test_a_chapter_at_risk_has_its_reason(front: dict[str, Any], reason: str) -> None:
    one = only("2020-01-10", **front)
    assert (one.health, one.reason) == (Health.AT_RISK, reason)


def test_clearance_must_be_asked_for_five_days_before_its_gate() -> None:
    bodies = [{"body": "bureau"}, {"body": "Customs", "state": "requested"}]
    assert only("2020-03-23", "clearance", clearances=bodies).health is Health.ON_TRACK
    near = only("2020-03-24", "clearance", clearances=bodies)
    assert near.reason == "clearance not yet requested from Bureau of Records; 5 working days left"


@pytest.mark.parametrize(
    ("day", "words", "health"),
    [("2020-01-07", 999, Health.ON_TRACK), ("2020-01-08", 999, Health.AT_RISK), ("2020-01-08", 1000, Health.ON_TRACK)],
)
def test_few_words_when_three_fifths_of_the_time_are_gone(day: str, words: int, health: Health) -> None:
    # The plan opens the stage at the gate that ends the outline, 5 December, not at the gate of 23 December that ends
    # no status: 23 of the 37 working days to 28 January are gone on 8 January.
    one = only(day, words=words, target=2000)
    assert one.health is health
    assert not one.risks or one.reason == "999 words of 2,000 with 62 % of the time is over"


def test_the_target_is_the_chapters_own_or_that_of_its_kind() -> None:
    assert only("2020-01-10", category="front").target == 1000
    assert only("2020-01-10", category="front", target=300).target == 300
    assert only("2020-01-10").target is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [(date(2019, 12, 26), "no change for 11 working days"), (date(2020, 1, 7), ""), (date(2030, 1, 1), "")],
)
def test_no_commit_for_ten_working_days(changed: date, reason: str) -> None:
    history = History(last_changes={"chapters/one.md": changed})
    (one,) = measure_progress(paper(chapter("one", "drafting")), history, date(2020, 1, 10)).chapters
    assert "; ".join(one.risks) == reason


# --- the paper --------------------------------------------------------------------------------------------------------


def test_the_paper_has_the_health_of_its_worst_chapter() -> None:
    late, later = chapter("late", "drafting"), chapter("later", "outline")
    result = on("2020-02-07", chapter("risky", "clearance", lead=""), late, later, chapter("done", "final"))
    assert result.worst
    assert (result.worst.id, result.health, result.finish) == ("later", Health.LATE, date(2020, 6, 24))
    assert [c.id for c in result.late] == ["later", "late"]
    assert dict(result.by_health) == {"done": 1, "on track": 0, "due": 0, "at risk": 1, "late": 2}
    assert result.by_status["final"] == 1
    assert list(result.by_status) == [status for status, _, _ in STATUSES]


# --- obligations ------------------------------------------------------------------------------------------------------


PERMITTED = chapter("permitted", "final", lead="bilal")
"""Nobody asks for the permission of somebody whose chapters are all done."""


def owed(result: Progress) -> list[tuple[str, str]]:
    return [(o.who.name, o.what) for o in result.obligations]


REVIEWER: dict[str, Any] = {"contributors": [{"id": "amna", "role": "reviewer"}]}


@pytest.mark.parametrize(
    ("status", "front", "expected"),
    [
        ("outline", {}, [("Amna Shah", "Outlines and leads accepted")]),
        ("drafting", {"lead": ""}, [("the editor", "find a lead")]),
        ("peer-review", REVIEWER, [("Amna Shah", "comments (Peer review)")]),
        ("peer-review", {}, [("the editor", "find reviewers (Peer review)")]),
        ("clearance", {}, [("the editor", "advance it: no clearance is open (Clearance)")]),
        ("copy-edit", {}, [("the editor", "Copy-edit done, text frozen")]),
        ("final", {"lead": ""}, []),
    ],
)
def test_the_status_decides_who_owes_the_next_step(
    status: str, front: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert owed(on("2020-01-10", chapter("one", status, **front), PERMITTED)) == expected


SENDING = {"number": 1, "to": "amna", "on": "2020-01-03", "commit": "0" * 40}
COMMENT = {"number": 1, "by": "amna", "text": "Say since when."}
ANSWER = {"disposition": "accept", "by": "bilal"}
WORD_FILE = ("Amna Shah", "comments in the Word file of 3 January 2020")
MOVE_ON = ("the editor", "advance it: every reviewer has answered (Peer review)")


@pytest.mark.parametrize(
    ("reviews", "expected"),
    [
        ({"sendings": [SENDING]}, [WORD_FILE]),
        ({"sendings": [{**SENDING, "returned": "2020-01-08"}]}, [MOVE_ON]),
        ({"sendings": [SENDING], "comments": [{**COMMENT, "sending": 1, "answer": ANSWER}]}, [MOVE_ON]),
        ({"comments": [{**COMMENT, "answer": ANSWER}]}, [MOVE_ON]),
        ({"comments": [COMMENT]}, [("Bilal Khan", "answer 1 comment")]),
        ({"unmerged": [{**COMMENT, "text": None, "why": "unclear"}]}, [("Bilal Khan", "answer 1 comment")]),
        (
            {"comments": [{**COMMENT, "by": "Zoe"}]},
            [("Amna Shah", "comments (Peer review)"), ("Bilal Khan", "answer 1")],
        ),
        (
            {"sendings": [{**SENDING, "returned": "2020-01-08"}, {**SENDING, "number": 2, "on": "2020-01-09"}]},
            [("Amna Shah", "comments in the Word file of 9 January 2020")],
        ),
        ({"sendings": [{**SENDING, "returned": "2020-01-08", "status": "peer-review"}]}, [MOVE_ON]),
        (
            {"sendings": [{**SENDING, "returned": "2020-01-08", "status": "internal-review"}]},
            [("Amna Shah", "comments (Peer review)")],
        ),
    ],
)
def test_a_reviewer_who_has_answered_owes_nothing(reviews: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    ledger = {"chapter": "one", **reviews}
    tasks = owed(on("2020-01-10", chapter("one", "peer-review", lead="bilal", **REVIEWER), PERMITTED, reviews=ledger))
    tasks = [(who, what) for who, what in tasks if not what.startswith("permission")]
    assert [(who, what[: len(start)]) for (who, what), (_, start) in zip(tasks, expected, strict=True)] == expected


@pytest.mark.parametrize(
    ("kind", "day", "reason"),
    [
        ("critical", "2020-03-06", "6 working days left"),
        ("critical", "2020-03-09", "1 critical comment not answered; 5 working days left"),
        ("substantive", "2020-03-09", "5 working days left"),
    ],
)
def test_an_open_comment_is_a_risk_in_the_last_five_working_days(kind: str, day: str, reason: str) -> None:
    ledger = {"chapter": "one", "comments": [{**COMMENT, "kind": kind}]}
    (one,) = on(day, chapter("one", "peer-review"), reviews=ledger).chapters
    assert one.reason == reason


def test_each_department_owes_its_clearance() -> None:
    clearances = [
        {"body": "bureau", "contact": "amna", "state": "requested", "on": "2020-03-16"},
        {"body": "Customs"},
        {"body": "Rangers", "state": "granted"},
    ]
    result = on("2020-03-20", chapter("one", "clearance", clearances=clearances))
    assert owed(result)[:2] == [
        ("Amna Shah", "clearance by Bureau of Records, requested 16 March 2020"),
        ("Customs", "clearance by Customs, not yet requested"),
    ]
    assert [(o.who.id, o.by, o.slip, o.kind, o.chapter) for o in result.obligations[:2]] == [
        ("amna", date(2020, 3, 31), -6, "clearance", "one"),
        (None, date(2020, 3, 31), -6, "clearance", "one"),
    ]


def test_a_permission_is_owed_by_the_department_head_by_its_first_need() -> None:
    taking_part: dict[str, Any] = {"lead": "", "contributors": [{"id": "bilal", "role": "author"}]}
    result = on("2020-01-10", chapter("late", "clearance", **taking_part), chapter("soon", "drafting", **taking_part))
    (permission,) = [o for o in result.obligations if o.kind == "permission"]
    assert permission.who.name == "head of department, Bureau of Records"
    assert permission.what == "permission for Bilal Khan to contribute"
    assert (permission.by, permission.chapter) == (date(2020, 1, 28), "soon")


BUREAU = "Bureau of Records"
DECISION = {"id": "D1", "meeting": "First", "on": "2019-11-22", "text": "Do it"}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"kind": "decision", "owner": "bureau", "who": ["amna"]}, [(BUREAU, "Do it")]),
        ({"kind": "decision", "who": ["amna"]}, [("the editor", "find an owner: Do it")]),
        ({"kind": "offer", "who": ["amna", "amna", "bureau"]}, [("Amna Shah", "Do it"), (BUREAU, "Do it")]),
        ({"kind": "offer"}, [("the editor", "find an owner: Do it")]),
        ({"kind": "announcement", "who": ["amna"]}, [("Amna Shah", "Do it")]),
        ({"kind": "announcement"}, [("the editor", "find an owner: Do it")]),
        ({"kind": "proposal", "who": ["amna"]}, []),
        ({"kind": "scope", "who": ["amna"]}, [("the editor", "Do it")]),
        ({"kind": "offer", "who": ["amna"], "state": "done"}, []),
    ],
)
def test_open_decisions_of_meetings_are_owed(record: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    result = on("2020-01-10", PERMITTED, decisions=[{**DECISION, **record}])
    assert owed(result) == expected


def test_who_was_only_proposed_leads_and_owes_nothing() -> None:
    people = [{"id": "amna", "role": "lead", "proposed": True}, {"id": "bilal", "role": "reviewer", "proposed": True}]
    drafting = chapter("one", "drafting", lead="", contributors=people)
    in_review = chapter("two", "internal-review", lead="", contributors=people)
    result = on("2020-01-10", drafting, in_review)
    assert not {"Amna Shah", "Bilal Khan"} & {who for who, _ in owed(result)}
    assert "no lead" in " ".join(result.chapters[0].risks)


def test_a_decision_belongs_to_its_linked_chapter() -> None:
    links = [{**DECISION, "kind": "scope", "link": link, "due": "2020-01-20"} for link in ("one", "rec-tf-01")]
    owes = [o for o in on("2020-01-10", chapter("one", "final"), decisions=links).obligations if o.kind == "scope"]
    assert [(o.chapter, o.slip) for o in owes] == [("one", -6), (None, -6)]


# --- any paper on any day ---------------------------------------------------------------------------------------------

STATUS = st.sampled_from([status for status, _, _ in STATUSES] + ["unheard-of"])
CHAPTER = st.builds(
    lambda name, status, lead, due: chapter(name, status, lead=lead, due=due),
    st.sampled_from(["one", "two", "three"]),
    STATUS,
    st.sampled_from(["", "amna", "bilal", "nobody-knows"]),
    st.dictionaries(STATUS, st.dates(), max_size=2),
)


@given(st.lists(CHAPTER, max_size=5), st.dates(), st.booleans())
def test_any_paper_on_any_day(chapters: list[Chapter], today: date, dated: bool) -> None:
    result = on(today.isoformat(), *chapters, timeline=TIMELINE if dated else {})
    assert sum(result.by_health.values()) == sum(result.by_status.values()) == len(chapters)
    for c in result.chapters:
        assert (
            (c.health is Health.LATE)
            == (c.slip is not None and c.slip > 0)
            == (c.gate_day is not None and today > c.gate_day)
        )
        assert (c.reason == "") == (c.health is Health.DONE)
        assert c.finish is None or result.finish is None or c.finish <= result.finish
        assert c.finish is None or c.finish >= today or c.health is Health.DONE or c.finish == date.max


# --- working days: properties of any calendar, checked by counting day by day -----------------------------------------


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
    assert days.edge_of_month(day, is_first=True) is None or days.edge_of_month(day, is_first=False) is not None


# --- bad data ---------------------------------------------------------------------------------------------------------


def test_holidays_that_cover_everything_are_stepped_over() -> None:
    year = [date(2020, 1, 1) + timedelta(n) for n in range(366)]
    days = calendar(holidays=year)
    assert days.between(date(2019, 12, 31), date(2020, 12, 31)) == 0
    assert days.add(date(2019, 12, 31), 1) == date(2021, 1, 1)
    assert {days.edge_of_month(date(2020, 5, 5), is_first=is_first) for is_first in (True, False)} == {None}


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
