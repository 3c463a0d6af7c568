"""Progress, as people and programs read it."""

from __future__ import annotations

import itertools
import json
import re
from datetime import date
from typing import Any
from unicodedata import category, combining, east_asian_width

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from rounds import few
from sample_plan import chapter, on

from nioc_paper.model import Chapter, Health, Progress
from nioc_paper.report import status
from nioc_paper.report.status import View
from nioc_paper.report.status.chapter_table import HEALTH_SIGNS
from nioc_paper.wording.progress_text import progress_headline

TERROR = chapter("terror-financing", "outline", lead="bilal", words=300, target=4500)
DRUGS = chapter("drug-trafficking", "clearance", lead="", words=4100, target=4500, sensitivity="restricted")
METHOD = chapter("mandate-and-method", "drafting", words=700, target=1000)
SUMMARY = chapter("summary", "final", words=900)


def february(*chapters: Chapter, **kwargs: Any) -> Progress:
    return on("2020-02-07", *(chapters or (METHOD, TERROR, DRUGS, SUMMARY)), **kwargs)


# --- will the deadline hold? ------------------------------------------------------------------------------------------

DEADLINE = "The deadline, 22 April 2020 (Wednesday),"
MISSED = (
    f"{DEADLINE} will be missed: at the planned pace, the paper will be ready on 24 June 2020, 44 working days late"
)


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
            (
                f"{DEADLINE} is past: at the planned pace, the paper will be ready on 6 May 2020, "
                "9 working days late (One)."
            ),
        ),
        (
            on("2020-09-22", METHOD, TERROR, SUMMARY),
            (
                "This plan ended on 22 April 2020; 2 of 3 chapters are not final. Set a new deadline in "
                "paper/timeline.yaml, or see a day of the plan: nioc status --today 2020-01-28"
            ),
        ),
        (
            on("2020-05-04", SUMMARY, chapter("summary-ur", "outline", translation_of="summary")),
            "This plan ended on 22 April 2020; 1 of 2 chapters is not final.",
        ),
        (on("2020-09-22", SUMMARY), "Every chapter is done; the deadline is 22 April 2020 (Wednesday)."),
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
            f"{DEADLINE} will be met at the planned pace: no chapter is late or at risk.",
        ),
        (february(SUMMARY), "Every chapter is done; the deadline is 22 April 2020 (Wednesday)."),
        (on("2020-02-07"), "There is no chapter yet; the deadline is 22 April 2020 (Wednesday)."),
        (
            february(METHOD, timeline={}),
            "The timeline sets no deadline, so it is not known whether the paper will be on time.",
        ),
    ],
)
def test_the_first_line_is_the_verdict(progress: Progress, expected: str) -> None:
    assert expected.startswith(progress_headline(progress))
    assert progress_headline(progress) == expected or progress.is_over
    assert " ".join(status.format_text(progress).split()).startswith(expected)
    assert status.format_markdown(progress).startswith(f"**{expected}**")
    assert json.loads(status.format_json(progress))["headline"] == expected


# --- the terminal -----------------------------------------------------------------------------------------------------


def test_colour_repeats_the_words() -> None:
    progress = february()
    coloured = status.format_text(progress, View(colour=True))
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [line.rstrip() for line in plain.splitlines()] == status.format_text(progress).splitlines()


HOSTILE = "[/foo] [bold]a|b*c\x1b[31m\x07\u202e :smile: <script>\ntwo"


@pytest.mark.parametrize(
    "view", [View(), View(obligations_only=True), View(colour=True), View(width=20), View(width=1)]
)
def test_data_cannot_become_markup_or_control_codes(view: View) -> None:
    hostile = chapter("one", "half-way", lead=HOSTILE, title=HOSTILE, blocked=HOSTILE)
    progress = february(hostile, decisions=[])
    shown = status.format_text(progress, view)
    for piece in (re.sub(r"\x1b\[[\d;]*m", "", shown), status.format_markdown(progress, view)):
        assert all(c.isprintable() or c == "\n" for c in piece)
    if view.width == 80 and not view.colour:
        assert "[/foo]" in shown
        assert ":smile:" in shown


# --- the table of chapters --------------------------------------------------------------------------------------------

TITLES = (
    "Terror financing",
    "خلاصہ",
    "قومی سلامتی کا خُلاصَہ اور مَنصُوبَہ",
    "ہم‌آہنگی",
    "臨時の章",
    "A title that is much longer than any column of a terminal can be, and then some more words",
)


def table(progress: Progress, width: int) -> list[str]:
    """Lines of the table of chapters."""
    shown = status.format_text(progress, View(width=width)).split("\n\n")[-1]
    return shown.splitlines()[2:]


def cells(text: str) -> int:
    """Columns that a terminal gives a text, by Unicode's own tables."""
    wide = sum(east_asian_width(c) in "WF" for c in text)
    return wide + sum(not combining(c) and category(c) not in ("Mn", "Me", "Cf") for c in text)


def titled(*stages: str) -> Progress:
    chapters = zip(itertools.cycle(stages), TITLES, strict=False)
    return february(*(chapter(f"c{n}", stage, words=n * 200, title=title) for n, (stage, title) in enumerate(chapters)))


@pytest.mark.parametrize("width", [100, 101, 120, 160, 250])
def test_a_wide_terminal_has_a_line_for_each_chapter(width: int) -> None:
    for progress in (titled("outline", "drafting", "clearance"), titled("drafting"), titled("final"), titled("new")):
        assert len(table(progress, width)) == len(TITLES)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4), st.integers(1, 200))
@few(25)
def test_no_line_is_wider_than_the_terminal(names: list[str], width: int) -> None:
    chapters = [chapter(f"c{n}", "drafting", title=name, lead=name) for n, name in enumerate(names)]
    for line in table(february(*chapters), width):
        assert cell_len(line) <= width


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_columns_are_below_each_other_in_every_script(width: int) -> None:
    lines = table(titled("outline", "drafting"), width)
    starts = {cells(line[: line.index("●")]) for line in lines if "●" in line}
    assert len(starts) == 1


def test_equal_rows_are_folded() -> None:
    progress = february(*(chapter(name, "outline", lead="") for name in ("one", "two", "three")), METHOD)
    for width, lines_of_repeats in ((80, 1), (120, 1)):
        lines = table(progress, width)
        text = "\n".join(lines)
        assert text.count("44 working days late") == 1
        assert [line.split()[0] for line in lines if line[0] != " "] == ["One", "Two", "Three", "Mandate"]
        at = [n for n, line in enumerate(lines) if line.startswith(("Two", "Three", "Mandate"))]
        assert [at[1] - at[0], at[2] - at[1]] == [lines_of_repeats] * 2


def test_every_health_has_a_sign_and_its_word() -> None:
    chapters = [
        chapter("a", "outline"),
        chapter("b", "clearance", lead=""),
        chapter("c", "clearance"),
        chapter("d", "final"),
        chapter("e", "internal-review", due={"internal-review": date(2020, 2, 11)}),
    ]
    progress = february(*chapters)
    assert {c.health for c in progress.chapters} == {*Health}
    lines = table(progress, 140)
    signs = set()
    for line, c in zip(lines, progress.chapters, strict=True):
        assert c.health.value in line
        signs |= {sign for sign in HEALTH_SIGNS.values() if f" {sign} " in line}
    assert signs == {*HEALTH_SIGNS.values()}
    assert len(signs) == len(Health)


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
