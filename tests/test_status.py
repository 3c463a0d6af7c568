"""What people and programs read of the progress."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounds import few
from sample_plan import TIMELINE, chapter, on

from nioc_paper.model import Chapter, Progress
from nioc_paper.report import status
from nioc_paper.report.printable import printable_line
from nioc_paper.report.status import View, progress_headline

TERROR = chapter("terror-financing", "outline", lead="bilal", words=300, target=4500)
DRUGS = chapter("drug-trafficking", "clearance", lead="", words=4100, target=4500, sensitivity="restricted")
METHOD = chapter("mandate-and-method", "drafting", words=700, target=1000)
SUMMARY = chapter("summary", "final", words=900)


def february(*chapters: Chapter, **kwargs: Any) -> Progress:
    return on("2020-02-07", *(chapters or (METHOD, TERROR, DRUGS, SUMMARY)), **kwargs)


# --- will the deadline hold? ------------------------------------------------------------------------------------------

DEADLINE = "The deadline, 22 April 2020 (Wednesday),"
MISSED = f"{DEADLINE} does not hold: at planned pace the paper is ready on 24 June 2020, 44 working days late"


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (
            february(),
            f"{MISSED} (Terror financing).",
        ),
        (
            february(TERROR, chapter("cyber", "outline"), METHOD),
            f"{MISSED} (Terror financing and 1 more).",
        ),
        (
            on("2020-04-23", chapter("one", "copy-edit")),
            f"{DEADLINE} is past: at planned pace the paper is ready on 6 May 2020, 9 working days late (One).",
        ),
        (
            february(chapter("one", "clearance"), DRUGS),
            f"{DEADLINE} is in danger: 1 chapter at risk (Drug trafficking).",
        ),
        (
            replace(february(chapter("one", "clearance")), missing=("chapters/two.md",)),
            f"{DEADLINE} is in danger: 1 chapter missing.",
        ),
        (
            february(chapter("one", "clearance"), SUMMARY),
            f"{DEADLINE} holds at planned pace: no chapter is late or at risk.",
        ),
        (february(SUMMARY), "Every chapter is done; the deadline is 22 April 2020 (Wednesday)."),
        (on("2020-02-07"), "No chapter is there yet; the deadline is 22 April 2020 (Wednesday)."),
        (
            february(METHOD, timeline={}),
            "The timeline sets no deadline: nobody can say whether the paper will be in time.",
        ),
    ],
)
def test_the_first_line_answers_the_director(progress: Progress, expected: str) -> None:
    assert progress_headline(progress) == expected
    assert " ".join(status.format_text(progress).split()).startswith(expected)


# --- the terminal -----------------------------------------------------------------------------------------------------


def test_the_terminal_at_80_columns_without_colour() -> None:
    assert (
        status.format_text(february(METHOD, DRUGS, SUMMARY))
        == """\
The deadline, 22 April 2020 (Wednesday), does not hold: at planned pace the
paper is ready on 4 May 2020, 7 working days late (Mandate and method).

Today     7 February 2020 (Friday); 75 days or 52 working days to the deadline
Slack     none: 7 working days late
Chapters  1 late, 1 at risk, 1 done
Stages    1 Drafting, 1 Clearance, 1 Final
Words     5,700 of 5,500
No lead   Drug trafficking
Next      Board meeting, 7 February 2020; Newsletter, 28 February 2020

Chapter              Status      Due          Words     Health
────────────────────────────────────────────────────────────────────────────────
Mandate and method   Drafting    28 January   700 of    7 working days late; at
Amna Shah                        2020         1,000     planned pace ready 4 May
                                                        2020

Drug trafficking     Clearance   31 March     4,100 of  at risk: no lead
no lead, restricted              2020         4,500

Summary              Final       –            900       done
Amna Shah
"""
    )


def test_who_owes_what() -> None:
    who = status.format_text(february(METHOD, TERROR, DRUGS), View(debts_only=True))
    assert (
        who.split("\n\n", 1)[1]
        == """\
Who                   Owes                                  By
────────────────────────────────────────────────────────────────────────────────
Bilal Khan            Terror financing: Outlines and leads  5 December 2019, 44
                      accepted                              working days late

head of department,   Terror financing: permission for      5 December 2019, 44
Bureau of Records     Bilal Khan to contribute              working days late

Amna Shah             Mandate and method: First full        28 January 2020, 7
                      drafts                                working days late

the editor            Drug trafficking: find a lead         31 March 2020, 36
                                                            working days left

                      Drug trafficking: move it on: no      31 March 2020, 36
                      clearance is open (Clearance)         working days left
"""
    )


def test_one_chapter() -> None:
    progress = february()
    assert (
        status.format_text(progress, View(chapter=progress.chapter("drug-trafficking")))
        == """\
Drug trafficking: at risk: no lead

File         chapters/drug-trafficking.md
Status       Clearance
Gate         Clearance granted
Due          31 March 2020
Ready        22 April 2020, at planned pace
Risks        no lead
Words        4,100 of 4,500
Lead         no lead
Sensitivity  restricted
Signed off   not yet

Who                   Owes                                  By
────────────────────────────────────────────────────────────────────────────────
the editor            Drug trafficking: find a lead         31 March 2020, 36
                                                            working days left

                      Drug trafficking: move it on: no      31 March 2020, 36
                      clearance is open (Clearance)         working days left
"""
    )


def test_colour_only_repeats_what_words_say() -> None:
    progress = february()
    coloured = status.format_text(progress, View(colour=True))
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [line.rstrip() for line in plain.splitlines()] == status.format_text(progress).splitlines()


@pytest.mark.parametrize("variable", ["COLUMNS", "FORCE_COLOR", "NO_COLOR", "TERM", "LINES"])
def test_the_environment_changes_nothing(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = february()
    expected = status.format_text(progress), status.format_text(progress, View(colour=True))
    monkeypatch.setenv(variable, "30")
    assert (status.format_text(progress), status.format_text(progress, View(colour=True))) == expected


HOSTILE = "[/foo] [bold]a|b*c\x1b[31m\x07\u202e :smile: <script>\ntwo"


@pytest.mark.parametrize("view", [View(), View(debts_only=True), View(colour=True), View(width=20), View(width=1)])
def test_data_cannot_become_markup_or_control_codes(view: View) -> None:
    hostile = chapter("one", "half-way", lead=HOSTILE, title=HOSTILE, blocked=HOSTILE)
    progress = february(hostile, decisions=[])
    shown = status.format_text(progress, view)
    for piece in (re.sub(r"\x1b\[[\d;]*m", "", shown), status.format_markdown(progress, view)):
        assert all(c.isprintable() or c == "\n" for c in piece)
    if view.width == 80 and not view.colour:
        assert "[/foo]" in shown
        assert ":smile:" in shown


@given(st.text(), st.integers(1, 200))
@few(50)
def test_any_name_at_any_width(name: str, width: int) -> None:
    progress = february(chapter("one", "outline", lead=name, title=name))
    for line in status.format_text(progress, View(width=width)).splitlines():
        assert line == printable_line(line)


def test_a_wide_terminal_keeps_dates_on_one_line() -> None:
    assert "28 January 2020" in status.format_text(february(METHOD), View(width=120))


def test_words_stay_whole_at_80_columns() -> None:
    assert "February\n" not in status.format_text(on("2020-02-20", chapter("human-trafficking", "internal-review")))


# --- Markdown ---------------------------------------------------------------------------------------------------------


def test_markdown() -> None:
    assert (
        status.format_markdown(february(METHOD, DRUGS))
        == """\
**The deadline, 22 April 2020 (Wednesday), does not hold: at planned pace the paper is ready on 4 May 2020, \
7 working days late (Mandate and method).**

- Today: 7 February 2020 (Friday); 75 days or 52 working days to the deadline
- Slack: none: 7 working days late
- Chapters: 1 late, 1 at risk
- Stages: 1 Drafting, 1 Clearance
- Words: 4,800 of 5,500
- No lead: Drug trafficking
- Next: Board meeting, 7 February 2020; Newsletter, 28 February 2020

| Chapter | Lead | Status | Due | Words | Health |
| --- | --- | --- | --- | --- | --- |
| Mandate and method | Amna Shah | Drafting | 28 January 2020 | 700 of 1,000 | \
7 working days late; at planned pace ready 4 May 2020 |
| Drug trafficking | no lead | Clearance | 31 March 2020 | 4,100 of 4,500 | at risk: no lead |
"""
    )


def test_markdown_who() -> None:
    assert "| Bilal Khan | Terror financing: Outlines and leads accepted | 5 December 2019, 44 working days late |" in (
        status.format_markdown(february(TERROR), View(debts_only=True))
    )


def test_nothing_owed() -> None:
    progress = replace(february(SUMMARY), obligations=())
    assert "Nobody owes anything." in status.format_text(progress, View(debts_only=True))
    assert "Nobody owes anything." in status.format_markdown(progress, View(debts_only=True))


# --- JSON -------------------------------------------------------------------------------------------------------------


def test_json_has_the_documented_keys_and_iso_dates() -> None:
    result = json.loads(status.format_json(february()))
    documented = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", status.format_json.__doc__ or ""))))
    lists = [result, *result["chapters"], *result["owes"], *result["upcoming"], result["owes"][0]["who"]]
    assert {key for record in lists for key in record} | {"null"} >= documented
    assert {key for record in lists for key in record} <= documented
    assert (result["deadline"], result["finish"], result["worst"]) == ("2020-04-22", "2020-06-24", "terror-financing")
    assert result["by_health"] == {"done": 1, "on track": 0, "due": 0, "at risk": 1, "late": 2}
    terror = result["chapters"][1]
    assert (terror["status"], terror["gate"], terror["due"], terror["slip"]) == ("outline", "m1", "2019-12-05", 44)
    assert terror["leads"] == [{"id": "bilal", "name": "Bilal Khan"}]


def test_json_of_one_chapter() -> None:
    progress = february()
    result = json.loads(status.format_json(progress, View(chapter=progress.chapter("drug-trafficking"))))
    assert [c["id"] for c in result["chapters"]] == ["drug-trafficking"]
    assert {o["chapter"] for o in result["owes"]} == {"drug-trafficking"}
    assert result["worst"] == "terror-financing"


def test_json_of_nothing() -> None:
    result = json.loads(status.format_json(on("2020-02-07", timeline={})))
    assert (result["deadline"], result["finish"], result["chapters"], result["health"]) == (None, None, [], "at risk")


@pytest.mark.parametrize("form", status.STATUS_FORMATS)
def test_every_form_ends_with_one_line_break(form: str) -> None:
    for progress in (february(), on("2020-02-07", timeline={}), on("2020-02-07", timeline=TIMELINE)):
        text = status.STATUS_FORMATS[form](progress, View())
        assert text.endswith("\n")
        assert not text.endswith("\n\n")


def test_titles_with_commas_stay_apart() -> None:
    risky = [chapter(name, "clearance", lead="", title=f"{name}, and more") for name in ("One", "Two", "Three", "Four")]
    assert "(One, and more; Two, and more; Three, and more and 1 more)" in progress_headline(february(*risky))
    assert "No lead: One, and more; Two, and more" in status.format_markdown(february(*risky))
