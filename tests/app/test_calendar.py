"""The plan in people's calendars: as the standard asks, and brought up to date by a file that is read in again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from command_kit import nioc, succeed
from icalendar import Calendar
from output_kit import words_of
from sample_history import commit, edit, february, start_history
from test_papers import appended, copy

from nioc_paper.system import pagefind

NAMES = "Zoë Müller, Jr; چوہدری \\ Sons"


def read_calendar(root: Path, *args: str) -> tuple[list[Any], bytes]:
    """The entries of a calendar, and the file."""
    succeed(root, "calendar", "--today", "2020-02-03", *args)
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
    appended(root / "paper/timeline.yaml", news)
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


# --- an output for a past day -----------------------------------------------------------------------------------------

DAY = "2020-02-12"
COMMIT = "0123456789012345678901234567890123456789"
SENDING = {"to": "ben-lock", "on": "2020-02-03", "due": "2020-02-10", "commit": COMMIT}
LATER = "2020-02-13"
COMMENT = {"by": "ben-lock", "kind": "critical", "text": "Since when?"}
ANSWER = {"disposition": "accept", "by": "ada-north", "on": LATER}
DECISION = "{id: d2, meeting: second, kind: offer, text: Lend a boat., who: [ben-lock], on: "
CLEARANCE = "state: granted, on: 2020-01-20"
PERMISSION = "granted: 2020-01-08"
Record = str | Mapping[str, Sequence[object]]
"""A record as the text of its file; of a review, the lists of the file."""
RECORDS: Mapping[str, tuple[str, Record, Record]] = {
    # A record of a later day, and the same paper as it was known.
    "a sign-off": ("approvals", "- {chapter: bridges, who: ben-lock, commit: a1b2c3d, on: 2020-02-13}", ""),
    "a return": (
        "reviews",
        {"sendings": [{"number": 1, **SENDING, "returned": LATER}]},
        {"sendings": [{"number": 1, **SENDING}]},
    ),
    "a sending": ("reviews", {"sendings": [{"number": 2, **SENDING, "on": LATER}]}, {}),
    "a comment": ("reviews", {"comments": [{"number": 1, **COMMENT, "on": LATER}]}, {}),
    "a comment of a later return": (
        "reviews",
        {
            "sendings": [{"number": 3, **SENDING, "returned": LATER}],
            "comments": [{"number": 2, **COMMENT, "sending": 3, "on": "2020-02-05"}],
        },
        {"sendings": [{"number": 3, **SENDING}]},
    ),
    "a comment of a later sending": (
        "reviews",
        {
            "sendings": [{"number": 4, **SENDING, "on": LATER}],
            "comments": [{"number": 3, **COMMENT, "sending": 4}],
        },
        {},
    ),
    "an answer": (
        "reviews",
        {"comments": [{"number": 4, **COMMENT, "answer": ANSWER}]},
        {"comments": [{"number": 4, **COMMENT}]},
    ),
    "a change to merge": (
        "reviews",
        {"unmerged": [{"number": 1, "by": "ben-lock", "on": LATER, "sent": "a", "got": "b", "why": "unclear"}]},
        {},
    ),
    "a decision": ("decisions", f"  - {DECISION}2020-02-13}}", ""),
    "a request": ("clearances", "state: requested, on: 2020-02-13", "state: needed"),
    "a permission": ("permission", "granted: 2020-02-13", "state: pending"),
}
PATHS = {
    "approvals": "paper/registers/approvals.yaml",
    "reviews": "reviews/bridges.yaml",
    "decisions": "paper/registers/decisions.yaml",
    "clearances": "chapters/bridges.md",
    "permission": "contributors.yaml",
}
COMMANDS = (
    ("status",),
    ("status", "--who"),
    ("status", "--format", "json"),
    ("status", "--format", "md"),
    ("remind",),
    ("board", "--to", "html"),
    ("calendar",),
    ("newsletter", "--to", "txt"),
    ("site", "--audience", "limited", "--downloads", "none"),
)


def paper_with(folder: Path, *records: tuple[str, Record]) -> Path:
    """A paper with records of some kinds; those of one file are together in it."""
    root, ledger = copy("healthy", folder), defaultdict[str, list[object]](list)
    edit(root, "chapters/bridges.md", ("status: drafting", "status: review"))
    for kind, record in records:
        path = root / PATHS[kind]
        path.parent.mkdir(exist_ok=True)
        if not isinstance(record, str):
            for name, entries in record.items():
                ledger[name] += entries
            path.write_text(json.dumps({"chapter": "bridges", **ledger}), encoding="utf-8")
        elif kind == "decisions":
            path.write_text(f"{path.read_text(encoding='utf-8')}{record}\n", encoding="utf-8")
        elif kind == "clearances":
            edit(root, PATHS[kind], (CLEARANCE, record))
        elif kind == "permission":
            state = ("state: granted, ", "") if "state" in record else ("asked", "asked")
            edit(root, PATHS[kind], state, (PERMISSION, record))
        else:
            path.write_text(f"approvals:\n{record}\n" if record else "approvals: []\n", encoding="utf-8")
    return root


def outputs(root: Path, day: str) -> dict[str, str]:
    """Output of every command for a day; what the search would find is on the pages."""
    texts = {}
    for command in COMMANDS:
        name = " ".join(command)
        with mock.patch.object(pagefind, "build_index", return_value=True):
            run = nioc(root, *command, "--today", day)
        assert run.returncode == 0, (name, run.stdout, run.stderr)
        texts[name] = run.stdout
        for file in sorted((root / "dist").rglob("*")):
            if file.suffix in (".html", ".txt", ".ics"):
                texts[f"{name}: {file.relative_to(root)}"] = "\n".join(words_of(file))
    return texts


def test_later_records_are_not_known(tmp_path: Path) -> None:
    later = paper_with(tmp_path / "later", *((kind, record) for kind, record, _ in RECORDS.values()))
    known = paper_with(tmp_path / "known", *((kind, record) for kind, _, record in RECORDS.values()))
    assert outputs(later, DAY) == outputs(known, DAY)


@pytest.mark.parametrize("name", [name for name in RECORDS if name != "a request"])
def test_it_is_known_on_its_day(name: str, tmp_path: Path) -> None:
    kind, later, known = RECORDS[name]
    roots = [paper_with(tmp_path / n, (kind, record)) for n, record in (("a", later), ("b", known))]
    looks = (["--who"], ["--chapter", "bridges"])
    assert any(len({nioc(root, "status", *look, "--today", LATER).stdout for root in roots}) == 2 for look in looks)


def test_a_later_clearance_is_still_requested(tmp_path: Path) -> None:
    root = paper_with(tmp_path, ("clearances", "state: granted, on: 2020-02-13"))
    edit(root, "chapters/bridges.md", ("status: review", "status: clearance"))
    assert "requested" in nioc(root, "status", "--who", "--today", DAY).stdout
    assert "requested" not in nioc(root, "status", "--who", "--today", "2020-02-13").stdout
