"""The plan in people's calendars: as the standard asks, and brought up to date by a file that is read in again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from command_kit import nioc
from icalendar import Calendar
from sample_history import commit, edit, february, start_history
from test_papers import copy

NAMES = "Zoë Müller, Jr; چوہدری \\ Sons"


def read_calendar(root: Path, *args: str) -> tuple[list[Any], bytes]:
    """The entries of a calendar, and the file."""
    run = nioc(root, "calendar", "--today", "2020-02-03", *args)
    assert run.returncode == 0, run.stderr
    data = next((root / "dist").glob("*.ics")).read_bytes()
    return list(Calendar.from_ical(data).walk("VEVENT")), data


def named(events: list[Any]) -> dict[str, tuple[date, str]]:
    return {str(e["uid"]): (e.decoded("dtstart"), str(e["summary"])) for e in events}


def test_entries_are_complete_and_independent_of_the_clock(tmp_path: Path) -> None:
    events, data = read_calendar(february(tmp_path))
    committed = datetime(2020, 2, 20, 12, tzinfo=UTC)
    for event in events:
        assert {event.decoded(name) for name in ("dtstamp", "last-modified")} == {committed}
        assert event.decoded("sequence") == committed.timestamp() // 60
        assert type(event.decoded("dtstart")) is date
        assert (event.decoded("dtend") - event.decoded("dtstart")).days == 1
    assert Calendar.from_ical(data).errors == []
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_long_lines_are_folded_and_special_characters_escaped(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    edit(root, "paper/timeline.yaml", ("title: Full drafts", f"title: '{NAMES} {'۔ '.join(['پل اور سرنگیں'] * 9)}'"))
    events, data = read_calendar(root)
    title = next(title for on, title in named(events).values() if on == date(2020, 2, 7))
    assert title.startswith(NAMES)
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    data.decode()


def test_a_moved_date_keeps_its_uid_and_increases_its_sequence(tmp_path: Path) -> None:
    root = february(tmp_path)
    before, _ = read_calendar(root)
    edit(root, "paper/timeline.yaml", ("due: 2020-02-07", "due: 2020-02-10"), ("2020-03-04", "2020-03-11"))
    edit(root, "reviews/bridges.yaml", ("2020-02-14", "2020-02-17"))
    commit(root, "2020-02-21T12:00:00Z")
    after, _ = read_calendar(root)
    then, now = named(before), named(after)
    assert then.keys() == now.keys()
    assert sorted(now[name][0] for name in now if now[name] != then[name]) == [
        date(2020, 2, 10),
        date(2020, 2, 17),
        date(2020, 3, 11),
    ]
    assert min(e.decoded("sequence") for e in after) > max(e.decoded("sequence") for e in before)


def test_a_monthly_event_is_identified_by_its_month(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    news = "\n  - {id: news, title: News, every: month, since: 2020-01-06, until: 2020-03-31}\n"
    with (root / "paper/timeline.yaml").open("a", encoding="utf-8") as file:
        file.write(news)
    before = named(read_calendar(root)[0])
    assert before["event-news-2020-01@crossings"][0] == date(2020, 1, 31)
    edit(root, "paper/timeline.yaml", ("name: Founders' Day}", "name: Founders' Day}\n  - {on: 2020-01-31, name: Off}"))
    after = named(read_calendar(root)[0])
    assert after.keys() == before.keys()
    assert after["event-news-2020-01@crossings"][0] == date(2020, 1, 30)


def test_a_personal_calendar_holds_own_debts_and_meetings(tmp_path: Path) -> None:
    root = february(tmp_path)
    entries = named(read_calendar(root, "--who", "ben-lock")[0])
    assert (root / "dist" / "crossings-ben-lock-calendar.ics").exists()
    titles = {title for _, title in entries.values()}
    assert "Bridges: comments in the Word file of 3 February 2020 (Ben Lock)" in titles
    assert "Meeting of the council" in titles
    assert not {"Full drafts", "Kick-off"} & titles


def test_a_public_calendar_holds_no_debts(tmp_path: Path) -> None:
    data = read_calendar(february(tmp_path), "--public")[1].decode()
    assert "Bridges" not in data
    assert "Ben Lock" not in data
    assert "Meeting of the council" in data


def test_undated_things_are_counted_and_uncommitted_changes_named(tmp_path: Path) -> None:
    root = february(tmp_path)
    run = nioc(root, "calendar", "--today", "2020-02-12")
    assert "1 thing without a date left out; see: nioc status --who" in run.stderr
    edit(root, "paper/timeline.yaml", ("2020-03-04", "2020-03-11"))
    assert "changes that are in no commit" in nioc(root, "calendar").stderr
    assert "the paper has no commit" in nioc(copy("healthy", tmp_path / "new"), "calendar").stderr


@pytest.mark.parametrize("args", [("--who", "ben-luck"), ("--who", "ben-lock", "--public"), ("--who", "")])
def test_invalid_requests_are_refused_with_a_message(args: tuple[str, ...], tmp_path: Path) -> None:
    run = nioc(copy("healthy", tmp_path), "calendar", *args)
    assert (run.returncode, "Traceback" in run.stderr) == (2, False)
    assert not (tmp_path / "healthy" / "dist").exists()


def test_a_paper_without_a_plan_has_an_empty_calendar(tmp_path: Path) -> None:
    assert read_calendar(copy("single", tmp_path))[0] == []
