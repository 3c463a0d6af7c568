"""Progress, as people and programs read it."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import category, combining, east_asian_width

import pytest
import shared
from command_kit import nioc
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import fields, replace
from rich.cells import cell_len
from rounds import few
from sample_history import edit, february
from sample_plan import chapter, on, paper
from test_dates_agree import strings
from test_papers import absent, copy

from nioc_paper import tree
from nioc_paper.assemble.documents.board import build_board_page
from nioc_paper.assemble.numbered_paper import number_paper
from nioc_paper.model import Chapter, Health, History, OutputOptions, Paper, Progress, SiteProgress
from nioc_paper.progress import measure_progress
from nioc_paper.render.site.page_plan import plan_pages
from nioc_paper.render.site.progress_page import progress_context
from nioc_paper.report import status
from nioc_paper.report.reminders import INSTRUCTION_KINDS, build_letters
from nioc_paper.report.status import View
from nioc_paper.report.status.chapter_table import HEALTH_SIGNS
from nioc_paper.wording import wording_for
from nioc_paper.wording.progress_text import progress_headline

TERROR = chapter("terror-financing", "outline", lead="bilal", words=300, target=4500)
DRUGS = chapter("drug-trafficking", "clearance", lead="", words=4100, target=4500, sensitivity="restricted")
METHOD = chapter("mandate-and-method", "drafting", words=700, target=1000)
SUMMARY = chapter("summary", "final", words=900)


def in_february(*chapters: Chapter, **kwargs: Any) -> Progress:
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
            in_february(),
            f"{MISSED} (Terror financing).",
        ),
        (
            in_february(TERROR, chapter("cyber", "outline"), METHOD),
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
            in_february(chapter("one", "clearance"), DRUGS),
            f"{DEADLINE} is in danger: 1 chapter at risk (Drug trafficking).",
        ),
        (
            replace(in_february(chapter("one", "clearance")), missing=("chapters/two.md",)),
            f"{DEADLINE} is in danger: 1 chapter missing.",
        ),
        (
            in_february(chapter("one", "clearance"), SUMMARY),
            f"{DEADLINE} will be met at the planned pace: no chapter is late or at risk.",
        ),
        (in_february(SUMMARY), "Every chapter is done; the deadline is 22 April 2020 (Wednesday)."),
        (on("2020-02-07"), "There is no chapter yet; the deadline is 22 April 2020 (Wednesday)."),
        (
            in_february(METHOD, timeline={}),
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
    progress = in_february()
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
    progress = in_february(hostile, decisions=[])
    shown = status.format_text(progress, view)
    for piece in (re.sub(r"\x1b\[[\d;]*m", "", shown), status.format_markdown(progress, view)):
        assert all(c.isprintable() or c == "\n" for c in piece)
    if view.width == 80 and not view.colour:
        assert absent(shown, "[/foo]", ":smile:") == []


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
    return in_february(
        *(chapter(f"c{n}", stage, words=n * 200, title=title) for n, (stage, title) in enumerate(chapters))
    )


@pytest.mark.parametrize("width", [100, 101, 120, 160, 250])
def test_a_wide_terminal_has_a_line_for_each_chapter(width: int) -> None:
    for progress in (titled("outline", "drafting", "clearance"), titled("drafting"), titled("final"), titled("new")):
        assert len(table(progress, width)) == len(TITLES)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4), st.integers(1, 200))
@few(25)
def test_no_line_is_wider_than_the_terminal(names: list[str], width: int) -> None:
    chapters = [chapter(f"c{n}", "drafting", title=name, lead=name) for n, name in enumerate(names)]
    for line in table(in_february(*chapters), width):
        assert cell_len(line) <= width


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_columns_are_below_each_other_in_every_script(width: int) -> None:
    lines = table(titled("outline", "drafting"), width)
    starts = {cells(line[: line.index("●")]) for line in lines if "●" in line}
    assert len(starts) == 1


def test_equal_rows_are_folded() -> None:
    progress = in_february(*(chapter(name, "outline", lead="") for name in ("one", "two", "three")), METHOD)
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
    progress = in_february(*chapters)
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
    result = json.loads(status.format_json(in_february()))
    documented = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", status.format_json.__doc__ or ""))))
    lists = [result, *result["chapters"], *result["owes"], *result["upcoming"], result["owes"][0]["who"]]
    assert {key for record in lists for key in record} | {"null"} >= documented
    assert {key for record in lists for key in record} <= documented
    assert (result["deadline"], result["finish"], result["worst"]) == ("2020-04-22", "2020-06-24", "terror-financing")
    assert result["by_health"] == {"done": 1, "on track": 0, "due": 0, "at risk": 1, "late": 2}
    terror = result["chapters"][1]
    assert (terror["status"], terror["gate"], terror["due"], terror["slip"]) == ("outline", "m1", "2019-12-05", 44)
    assert terror["leads"] == [{"id": "bilal", "name": "Bilal Khan"}]


# --- letters to parties with obligations ------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper after February, to be changed."""
    return Path(shutil.copytree(shared.once(tmp_path_factory, "february", february) / "healthy", tmp_path / "february"))


def test_a_letter_states_debts_dates_and_the_way_to_answer(root: Path) -> None:
    run = nioc(root, "remind", "--who", "ben-lock", "--today", "2020-02-18")
    assert run.stdout.startswith("Safe Crossings for Ardale: what we need from you\n\nDear Ben Lock,\n\n")
    assert (
        "Bridges: comments in the Word file of 3 February 2020\n   by 14 February 2020, 2 working days late"
        in run.stdout
    )
    assert run.stdout.count("Bridges: comments") == 1
    assert "The whole paper is due on 6 April 2020." in run.stdout
    assert run.stdout.endswith("\nBen Lock\nArdale Town Council\n")
    edit(root, "reviews/bridges.yaml", ("due: 2020-02-14", "due: 2020-02-14, returned: 2020-02-12"))
    again = nioc(root, "remind", "--who", "ben-lock", "--today", "2020-02-18").stdout
    assert "comments in the Word file" not in again, "it came back"


def test_only_debtors_get_letters(root: Path) -> None:
    run = nioc(root, "remind", "--today", "2020-02-18", "--out", "letters")
    assert sorted(file.name for file in (root / "letters").iterdir()) == [
        "ada-north.txt",
        "ben-lock.txt",
        "muller-anna.txt",
    ]
    assert run.stdout.count(" kB\n") == 3
    text = (root / "letters" / "muller-anna.txt").read_text(encoding="utf-8")
    assert "To: Müller, Anna\n" in text
    assert "Bridges: comments in the Word file of 10 February 2020\n   no date\n" in text
    assert "write your comments in its margin" in text
    assert "An offer:" not in text


def test_a_mail_draft_has_no_recipient(root: Path) -> None:
    edit(root, "contributors.yaml", ("name: Ada North", "name: عادہ نارتھ, Zoë"))
    nioc(root, "remind", "--today", "2020-02-18", "--to", "eml,txt", "--out", "letters")
    message = message_from_bytes((root / "letters" / "ada-north.eml").read_bytes(), policy=policy.default)
    assert (message["Subject"], message["X-Unsent"]) == ("Safe Crossings for Ardale: what we need from you", "1")
    assert {"To", "From", "Date"} & set(message.keys()) == set()
    text = (root / "letters" / "ada-north.txt").read_text(encoding="utf-8")
    assert b"=0D" not in (root / "letters" / "ada-north.eml").read_bytes()
    assert text.split("\n\n", 1)[1] == message.get_content().replace("\r\n", "\n")
    assert "Dear عادہ نارتھ, Zoë,\n" in text


def test_signs_that_steer_a_terminal_are_shown_not_sent(root: Path) -> None:
    edit(root, "paper/registers/decisions.yaml", ("text: Lend a boat.", 'text: "Lend\\u202E a\\e[2J boat."'))
    text = nioc(root, "remind", "--who", "ada-north", "--today", "2020-02-18").stdout
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    "args", [("--who", "ben-luck"), ("--to", "eml"), ("--to", "pdf", "--out", "x"), ("--today", "soon")]
)
def test_invalid_requests_are_refused_with_a_message(args: tuple[str, ...], tmp_path: Path) -> None:
    run = nioc(copy("healthy", tmp_path), "remind", *args)
    assert run.returncode == 2


def test_a_person_without_debts_gets_no_letter(tmp_path: Path) -> None:
    run = nioc(copy("healthy", tmp_path), "remind", "--who", "roads", "--today", "2020-01-07")
    assert (run.returncode, run.stdout) == (0, "Roads Department of Ardale owes nothing\n")


# --- the paper's language and digits ----------------------------------------------------------------------------------

DECISION = {"id": "D", "meeting": "First", "on": "2019-11-22", "kind": "decision", "text": "Do it", "due": "2020-01-20"}
REVIEWS = {
    "chapter": "four",
    "sendings": [{"number": 1, "to": "amna", "on": "2020-01-03", "commit": "0" * 40}],
    "comments": [{"number": n, "by": "bilal", "kind": "major", "text": "Why?"} for n in (1, 2)],
}
CHAPTERS = (
    chapter("one", "drafting", target=4000, words=900),
    chapter("two", "outline", lead="bilal", due={"outline": "2020-01-13"}),
    chapter("three", "drafting", lead="", due={"drafting": "2020-01-06"}),
    chapter("four", "internal-review", contributors=[{"id": "bilal", "role": "reviewer"}]),
    chapter("five", "clearance", clearances=[{"body": "bureau"}, {"body": "Customs", "state": "requested"}]),
    chapter("six", "peer-review", words=12345),
    chapter("seven", "final"),
)
DAYS = ("2019-10-01", "2019-12-05", "2020-02-07", "2020-04-22", "2020-08-30")


@cache
def urdu_paper() -> Paper:
    made = paper(*CHAPTERS, decisions=[DECISION, {**DECISION, "id": "E", "kind": "scope"}], reviews=REVIEWS)
    return replace(made, settings=made.settings.replace(language="ur"))


@cache
def own_words() -> frozenset[str]:
    """Every word in the data of the paper."""
    # The program is called so in every language; the others are classes of bars.
    return frozenset({"Word", "done", "now", "late", "ahead"}) | frozenset(
        word for text in texts_in(urdu_paper()) for word in re.findall(r"[A-Za-z]+", text)
    )


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Struct):
        for field in fields(value):
            yield from texts_in(getattr(value, field.name))
    elif hasattr(value, "__slots__") or hasattr(value, "__dict__"):
        for name in getattr(type(value), "__annotations__", ()):
            yield from texts_in(getattr(value, name, None))
    elif isinstance(value, Mapping):
        for inner in (*value.keys(), *value.values()):
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)


def outputs(day: str) -> dict[str, str]:
    made, words = urdu_paper(), wording_for("ur")
    progress = measure_progress(made, History(), date.fromisoformat(day), words)
    document = number_paper(made, History(), OutputOptions()).document(None)
    site = progress_context(document, plan_pages(document), SiteProgress(made, progress))
    return {
        "board": tree.plain_text(build_board_page(made, History(), progress).blocks),
        "letters": "\n".join(letter.as_text for letter in build_letters(made, progress)),
        "site": "\n".join(strings({key: value for key, value in site.items() if key != "progress"})),
    }


@pytest.mark.parametrize("day", DAYS)
def test_digits_are_those_of_the_language_and_words_too_or_the_papers_own(day: str) -> None:
    for output, text in outputs(day).items():
        assert re.findall(r".{9}[0-9]+.{9}", text) == [], output
        assert set(re.findall(r"[A-Za-z]+", text)) - own_words() == set(), output


def test_letters_say_how_to_do_every_kind_of_task() -> None:
    progress = measure_progress(urdu_paper(), History(), date(2020, 2, 7))
    assert {o.kind for o in progress.obligations} <= set(INSTRUCTION_KINDS)
    assert {"comments", "review", "clearance", "permission", "decision"} <= {o.kind for o in progress.obligations}
