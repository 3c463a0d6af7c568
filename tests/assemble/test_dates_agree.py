"""Every output that speaks of dates says the same: working days, their sign, their words, and the next event."""

from __future__ import annotations

import json
import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any

import pytest
from icalendar import Calendar
from msgspec.structs import replace
from sample_plan import TIMELINE, chapter, paper

from nioc_paper import tree
from nioc_paper.assemble.documents.board import build_board_page
from nioc_paper.assemble.documents.newsletter import Month, build_newsletter
from nioc_paper.assemble.numbered_paper import number_paper
from nioc_paper.domain.workdays import Workdays
from nioc_paper.export import build_tables
from nioc_paper.export.register_table import ExportSource
from nioc_paper.model import Document, Health, History, OutputOptions, Paper, Part, Progress, SiteProgress, long_date
from nioc_paper.progress import measure_progress
from nioc_paper.render.site.page_plan import plan_pages
from nioc_paper.render.site.progress_page import progress_context
from nioc_paper.report import status
from nioc_paper.report.calendar import build_calendar
from nioc_paper.report.reminders import build_letters

# --- schedules --------------------------------------------------------------------------------------------------------


def without_days(timeline: Mapping[str, Any]) -> dict[str, Any]:
    gates = [{k: v for k, v in gate.items() if k != "days"} for gate in timeline["gates"]]
    return {**timeline, "gates": gates}


def with_gate(timeline: Mapping[str, Any], name: str, due: str) -> dict[str, Any]:
    return {**timeline, "gates": [{**g, "due": due} if g["id"] == name else g for g in timeline["gates"]]}


ENDLESS = [{"id": "news", "title": "Newsletter", "every": "month"}]
PLANS: Mapping[str, Mapping[str, Any]] = {
    "with days": TIMELINE,
    "without days": without_days(TIMELINE),
    "without holidays": {**TIMELINE, "holidays": []},
    "gate on a Sunday": with_gate(TIMELINE, "m3", "2020-02-02"),
    "gate on a holiday": with_gate(TIMELINE, "m5", "2020-02-05"),
    "deadline on a Saturday": {**TIMELINE, "deadline": "2020-04-25"},
    "last gate long before the deadline": {**without_days(TIMELINE), "deadline": "2020-06-24"},
    "six days a week": {**without_days(TIMELINE), "work_week": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]},
    "no gates": {**TIMELINE, "gates": []},
    "no events": {**TIMELINE, "events": []},
    "events without an end": {**TIMELINE, "events": ENDLESS},
    "nothing": {},
}
DAYS = {
    "2019-10-01": "before the start",
    "2019-11-22": "the start and a gate",
    "2020-01-10": "between gates",
    "2020-02-01": "a Saturday",
    "2020-02-07": "a meeting",
    "2020-02-28": "a newsletter",
    "2020-04-22": "the deadline",
    "2020-04-25": "a Saturday after the deadline",
    "2020-07-30": "late",
    "2023-03-01": "out of the picture",
}
FEW_DAYS = ("2020-02-01", "2020-02-28", "2020-04-25", "2020-07-30")
CHAPTERS = (
    chapter("one", "drafting", target=4000, words=900),
    chapter("two", "outline", lead="bilal", due={"outline": "2020-01-13"}),
    chapter("three", "drafting", lead="", due={"drafting": "2020-01-06"}),
    chapter("four", "internal-review", contributors=[{"id": "amna", "role": "reviewer"}], target=0),
    chapter("five", "clearance", clearances=[{"body": "bureau"}], category="front"),
    chapter("six", "final", due={"final": "2020-01-06"}),
)
"""Late, due, at risk and done; with dates of their own, earlier and later than the gates, and without."""


def on_each_day(test: Callable[[str], None]) -> Any:
    """Run a test for each plan, on all days."""

    @pytest.mark.parametrize("plan", PLANS)
    def run(plan: str) -> None:
        for day in DAYS if plan in ("with days", "without days") else FEW_DAYS:
            test(f"{plan}, {day}")

    run.__name__ = test.__name__
    return run


@dataclass(frozen=True)
class Outputs:
    """A paper on a day, and the outputs that speak of its dates."""

    paper: Paper
    progress: Progress
    board: Document
    letter: Document
    site: Mapping[str, Any]

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The words of each output."""
        return {
            "status": status.format_text(self.progress, status.View(width=300)),
            "status in Markdown": status.format_markdown(self.progress),
            "status of parties": status.format_markdown(self.progress, status.View(obligations_only=True)),
            "board": tree.plain_text(self.board.blocks),
            "newsletter": tree.plain_text(self.letter.blocks),
            "letters": "\n".join(letter.text for letter in build_letters(self.paper, self.progress)),
            "site": "\n".join(strings(self.site)),
        }


def strings(value: Any) -> Iterator[str]:
    """Every text in the values that a template gets, but for the data behind them."""
    if isinstance(value, str):
        yield re.sub("<[^>]*>", " ", value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from strings(inner)
    elif type(value) in (list, tuple):
        for inner in value:
            yield from strings(inner)


@cache
def outputs(name: str) -> Outputs:
    plan, day = name.rsplit(", ", 1)
    today, planned_paper = date.fromisoformat(day), paper(*CHAPTERS, timeline=PLANS[plan])
    progress = measure_progress(planned_paper, History(), today)
    document = number_paper(planned_paper, History(), OutputOptions()).document(None)
    last = today.replace(day=monthrange(today.year, today.month)[1])
    month = Month(today.replace(day=1), last, reported_until=today if today < last else None)
    return Outputs(
        planned_paper,
        progress,
        build_board_page(planned_paper, History(), progress),
        build_newsletter(planned_paper, History(), month, None, None, OutputOptions()) or document,
        progress_context(document, plan_pages(document), SiteProgress(planned_paper, progress)),
    )


def today(name: str) -> date:
    return outputs(name).progress.today


def counted_slip(name: str, due: date) -> int:
    """Count the working days that today is past a day, one by one; negative: days left."""
    days, on = Workdays.from_timeline(outputs(name).paper.timeline), today(name)
    if on > due and days.is_working(due):
        # A day off counts as the next working day: nothing can be handed in before.
        while not days.is_working(on):
            on = date.fromordinal(on.toordinal() + 1)
    first, last = sorted((on, due))
    number = sum(days.is_working(date.fromordinal(n)) for n in range(first.toordinal() + 1, last.toordinal() + 1))
    return number if on > due else -number


def slip_words(slip: int | None, *, due_today: bool, is_over: bool = False) -> str:
    if slip is None:
        return "–"
    if is_over and slip > 0:
        return "late"
    number = f"{abs(slip):,} working day{'s' * (abs(slip) != 1)}"
    return "due today" if due_today else f"{number} {'late' if slip > 0 else 'left'}"


WORKDAYS = r"[\d,]+ working days?"
MONTHS = {long_date(date(2020, month, 1)).split()[1]: month for month in range(1, 13)}
DATE = rf"(\d+) ({'|'.join(MONTHS)}) (\d{{4}})"


def as_date(day: str, month: str, year: str) -> date:
    return date(int(year), MONTHS[month], int(day))


def rows(document: Document, name: str) -> list[list[str]]:
    tables = (n for n in tree.walk(document.blocks) if n["t"] == "Table" and name in tree.classes(n))
    return [[tree.plain_text(cell[-1]) for cell in row[1]] for table in tables for row in table["c"][4][0][3]]


def exported(name: str) -> list[dict[str, Any]]:
    example = outputs(name)
    source = ExportSource(
        example.paper, number_paper(example.paper, History(), OutputOptions()).document(None), History()
    )
    (table,) = build_tables(source, ["chapters"])
    return [dict(zip(table.heads, row, strict=True)) for row in table.rows]


# --- numbers and words ------------------------------------------------------------------------------------------------


@on_each_day
def test_days_late_and_left_are_working_days_in_the_same_words(name: str) -> None:
    for output, text in outputs(name).texts.items():
        words = " ".join(text.split())
        assert not re.search(r"\d days? (late|left)|\blate \d+ (working )?day|due in \d|\bin \d+ working", words), (
            output
        )


@on_each_day
def test_every_distance_beside_a_date_is_the_counted_one(name: str) -> None:
    for output, text in outputs(name).texts.items():
        for *parts, distance in re.findall(rf"(?<!ready on )\b{DATE},\s+(due\s+today|[\d,]+\s+\w+\s+\w+\s+\w+)", text):
            on = as_date(*parts)
            if re.search(r"late$|left$|today$", distance):
                expected = slip_words(counted_slip(name, on), due_today=on == today(name))
                assert " ".join(distance.split()) == expected, output


@on_each_day
def test_a_chapters_slip_is_the_same_in_every_output(name: str) -> None:
    example = outputs(name)
    program = json.loads(status.format_json(example.progress))["chapters"]
    board = {row[0]: row[3] for row in rows(example.board, "chapters")}
    for c, values, site in zip(example.progress.chapters, program, example.site["rows"], strict=True):
        expected = None if c.gate_day is None else counted_slip(name, c.gate_day)
        words = slip_words(expected, due_today=c.gate_day == today(name), is_over=example.progress.is_over)
        assert (values["slip"], c.slip, site["slip"], board.get(c.title, words)) == (expected, expected, words, words)
        assert c.gate_day is None or c.due != c.gate_day or c.health is Health.DONE or (c.due_slip == c.slip)
        # The reason for late, due and on track is the same number in the same words.
        if c.due == c.gate_day and c.gate_day and (c.health is not Health.AT_RISK):
            assert words in c.reason


@on_each_day
def test_a_late_chapter_has_no_slack(name: str) -> None:
    example = outputs(name)
    slips = [c.slip for c in example.progress.chapters if c.slip is not None]
    assert example.progress.slack == (-max(slips) if slips else None)
    assert json.loads(status.format_json(example.progress))["slack"] == example.progress.slack
    for c in example.progress.chapters:
        assert (c.health is Health.LATE) == ((c.slip or 0) > 0) == bool(re.search(r"\blate\b", c.reason))
    for output, text in example.texts.items():
        assert ("Slack" in text) == (bool(slips) and output not in ("status of parties", "newsletter", "letters"))
        if "Slack" in text:
            days = f"{slip_words(-abs(max(slips)), due_today=False).removesuffix(' left')} until a chapter is late"
            mentions = re.findall(rf"{WORKDAYS} until a chapter is late", text)
            assert {*mentions} == (set() if example.progress.late else {days}), output
            assert re.search(r"Slack\W+none\b", text) or not example.progress.late or output in ("board", "site")


@on_each_day
def test_the_projected_finish_is_the_deadline_and_the_slip(name: str) -> None:
    example = outputs(name)
    days, deadline = Workdays.from_timeline(example.paper.timeline), example.progress.deadline
    for c in example.progress.chapters:
        late = max(c.slip or 0, 0)
        planned = days.add(deadline, late) if deadline and late else deadline
        assert c.finish == (None if example.progress.is_over else planned)
        if late and c.finish:
            assert f"ready {long_date(c.finish)}" in c.reason
    if example.progress.is_over:
        ended = "This plan ended on 22 April 2020; 5 of 6 chapters are not final."
        assert {output for output, text in example.texts.items() if ended in " ".join(text.split())} == {
            *example.texts,
        } - {"newsletter"}
    if example.progress.late and example.progress.finish:
        ready = long_date(example.progress.finish)
        worst = f"ready on {ready}, {slip_words(max(c.slip or 0 for c in example.progress.chapters), due_today=False)}"
        assert worst in example.site["headline"]


@on_each_day
def test_days_to_the_deadline_are_counted_as_those_to_a_gate(name: str) -> None:
    progress = outputs(name).progress
    if progress.deadline:
        assert progress.workdays_left == -counted_slip(name, progress.deadline)


@on_each_day
def test_due_dates_and_target_words_are_the_same_in_every_output(name: str) -> None:
    example = outputs(name)
    required = {c.id: example.paper.required_words(c).target for c in example.paper.chapters}
    for c, row, site in zip(example.progress.chapters, exported(name), example.site["rows"], strict=True):
        assert (row["Due"], row["Target"]) == (c.due, c.target) == (site["chapter"].due, required[c.id])
        due_days = {o.by for o in example.progress.obligations if (o.chapter, o.kind) == (c.id, "chapter")}
        assert due_days <= {c.due}
    for obligation in example.progress.obligations:
        assert obligation.slip == (None if obligation.by is None else counted_slip(name, obligation.by))


# --- events -----------------------------------------------------------------------------------------------------------


@on_each_day
def test_the_next_event_is_the_same_in_every_output_and_may_be_today(name: str) -> None:
    example = outputs(name)
    events = Calendar.from_ical(build_calendar(example.paper, example.progress, (), 0)).walk("VEVENT")
    planned = sorted((e.decoded("dtstart"), str(e["summary"])) for e in events if str(e["uid"]).startswith("event-"))
    for event in example.paper.timeline.events:
        following = next((on for on, title in planned if title == event.title and on >= today(name)), None)
        upcoming = next((u.on for u in example.progress.upcoming if u.id == event.id), None)
        assert upcoming == following, event.id
    letter = rows(example.letter, "coming")
    board = " ".join(tree.plain_text(n) for n in tree.walk(example.board.blocks) if tree.is_div(n, "next"))
    text = " ".join(status.format_markdown(example.progress).split())
    for upcoming_event in example.progress.upcoming:
        on = long_date(upcoming_event.on)
        assert f"{upcoming_event.title}, {on}" in text
        assert f"{on}, {upcoming_event.title}" in board
        if upcoming_event.on < next_but_one_month(today(name)):
            assert [on, upcoming_event.title] in letter


@on_each_day
def test_the_next_gates_are_the_same_in_every_output_and_may_be_today(name: str) -> None:
    example = outputs(name)
    board = " ".join(tree.plain_text(n) for n in tree.walk(example.board.blocks) if tree.is_div(n, "next"))
    ahead = sorted((g.due, g.title) for g in example.paper.timeline.gates if g.due >= today(name))
    assert all(f"{long_date(due)}, {title}" in board for due, title in ahead[:2])
    shown = [on for on, _ in rows(example.letter, "coming")]
    assert {long_date(due) for due, _ in ahead if due < next_but_one_month(today(name))} <= set(shown)


def next_but_one_month(day: date) -> date:
    month = day.year * 12 + day.month + 1
    return date(month // 12, month % 12 + 1, 1)


REPEATED = {
    "id": "news",
    "title": "Newsletter",
    "every": "month",
    "since": "2019-12-01",
    "until": "2020-05-31",
    "dates": ["2019-11-15", "2020-01-10", "2020-01-17"],
}
MEETING = {"id": "news", "title": "Board meeting", "dates": ["2020-01-10", "2020-05-10"]}
PROMISE = {"meeting": "First", "on": "2019-11-22", "kind": "decision", "owner": "amna", "text": "Report to the board"}


def busy() -> Paper:
    """A paper whose events, decisions and files share ids, words and days."""
    promises = [{**PROMISE, "id": name, "due": due} for name, due in (("D1", "2020-01-31"), ("D2", "2020-02-28"))]
    return paper(*CHAPTERS, timeline={**TIMELINE, "events": [REPEATED, MEETING]}, decisions=promises)


def test_a_calendar_holds_every_dated_entry_once() -> None:
    busy_paper = busy()
    progress, days = (
        measure_progress(busy_paper, History(), date(2020, 2, 1)),
        Workdays.from_timeline(busy_paper.timeline),
    )
    entries = Calendar.from_ical(build_calendar(busy_paper, progress, progress.obligations, 0)).walk("VEVENT")
    expected = [g.due for g in busy_paper.timeline.gates] + [busy_paper.timeline.deadline]
    expected += [on for event in busy_paper.timeline.events for on in days.event_days(event, date.min, date.max)]
    expected += list({(o.by, o.who, o.what, o.chapter): o.by for o in progress.obligations if o.by}.values())
    assert sorted(e.decoded("dtstart") for e in entries) == sorted(filter(None, expected))
    assert len({str(e["uid"]) for e in entries}) == len(entries)


def test_the_page_and_the_newsletter_count_comments_as_the_status_does() -> None:
    remark = {"by": "amna", "on": "2020-02-03"}
    answer = {"answer": {"disposition": "accept", "by": "amna", "on": "2020-02-10"}}
    reviews = {
        "chapter": "four",
        "comments": [{"number": 1, **remark, "text": "Why?"}, {"number": 2, **remark, **answer, "text": "When?"}],
        "unmerged": [{"number": 3, **remark, "why": "unclear"}, {"number": 4, **remark, **answer, "why": "unclear"}],
    }
    reviewed_paper = paper(*CHAPTERS, reviews=reviews)
    listed = Part(chapters=tuple(c.path for c in CHAPTERS))
    reviewed_paper = replace(reviewed_paper, settings=reviewed_paper.settings.replace(parts=(listed,)))
    progress = measure_progress(reviewed_paper, History(), date(2020, 2, 28))
    document = number_paper(reviewed_paper, History(), OutputOptions()).document(None)
    (comments,) = progress_context(document, plan_pages(document), SiteProgress(reviewed_paper, progress))["comments"]
    letter = build_newsletter(
        reviewed_paper,
        History(),
        Month(date(2020, 2, 1), date(2020, 2, 29)),
        None,
        None,
        OutputOptions(audience="restricted"),
    )
    assert letter
    assert (comments.open, comments.answered) == (2, 2)
    assert rows(letter, "answered") == [["Four", "2", "2"]]
    assert "Comments: 2 not answered" in status.format_markdown(progress)
