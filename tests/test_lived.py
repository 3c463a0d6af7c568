"""The invented paper that was lived in: the numbers of its twelve Fridays, worked out by hand."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
from pathlib import Path

import pytest
from command_kit import nioc
from sample_history import git

REPOSITORY = Path(__file__).parents[1]
FRIDAYS = {
    # day: health, working days left, slack, projected end, chapters by status, open comments, sign-offs, letters
    "2021-02-12": ("on track", 98, 14, "2021-06-30", "4 outline", 0, 0, 4),
    "2021-02-26": ("at risk", 88, 4, "2021-06-30", "2 outline, 2 drafting", 0, 0, 4),
    "2021-03-05": ("on track", 83, 24, "2021-06-30", "4 drafting", 0, 0, 4),
    "2021-03-12": ("at risk", 78, 19, "2021-06-30", "3 drafting, 1 review", 0, 0, 4),
    "2021-03-19": ("at risk", 73, 14, "2021-06-30", "3 drafting, 1 review", 1, 0, 4),
    "2021-03-26": ("at risk", 68, 9, "2021-06-30", "2 drafting, 2 review", 0, 0, 4),
    # the gate of the drafts was on Thursday: two chapters are one working day late, and so is the end
    "2021-04-09": ("late", 58, -1, "2021-07-01", "2 drafting, 3 review", 0, 0, 4),
    # the deadline is ten working days later, and ten have passed
    "2021-04-23": ("at risk", 58, 23, "2021-07-14", "5 review", 1, 0, 4),
    "2021-05-07": ("at risk", 48, 13, "2021-07-14", "5 review", 0, 0, 3),
    "2021-05-21": ("on track", 38, 23, "2021-07-14", "5 clearance", 0, 0, 4),
    # cleared on 2 June, but nobody moved the chapters by the gate of 23 June
    "2021-06-25": ("late", 13, -2, "2021-07-16", "5 clearance", 0, 0, 1),
    "2021-07-16": ("done", -2, None, "2021-07-14", "5 final", 0, 5, 0),
}
MONTHS = {
    # month: its Friday here, chapters with a new status, recommendations, comments answered, decisions done
    "2021-02": ("2021-02-26", 2, 2, 0, 0),
    "2021-03": ("2021-03-26", 4, 1, 1, 0),
    "2021-04": ("2021-04-23", 3, 2, 0, 1),
    "2021-05": ("2021-05-21", 5, 0, 0, 0),
    "2021-07": ("2021-07-16", 5, 0, 0, 0),
}
HEADINGS = ("Chapters", "Recommendations", "Comments", "Decisions, offers and requests", "Next dates")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper with its history, as a user gets it."""
    folder = tmp_path_factory.mktemp("lived")
    assert nioc(folder, "new", "paper", "riverton", "--lived").returncode == 0
    return folder / "riverton"


def at(root: Path, friday: str) -> None:
    """Go to a Friday."""
    git(root, "switch", "-q", "--detach", f"week-{[*FRIDAYS].index(friday) + 1:02}")


def numbers(root: Path, friday: str) -> tuple[object, ...]:
    """The numbers that `status` and the letters give."""
    at(root, friday)
    status = json.loads(nioc(root, "status", "--format", "json", "--today", friday).stdout)
    assert status["branches"] == []
    statuses = ", ".join(f"{count} {name}" for name, count in status["by_status"].items() if count)
    chapters, letters = status["chapters"], nioc(root, "remind", "--today", friday).stdout
    return (
        *(status[key] for key in ("health", "workdays_left", "slack", "finish")),
        statuses,
        sum(chapter["open_comments"] for chapter in chapters),
        sum(bool(chapter["approval"]) for chapter in chapters),
        letters.count("what we need from you"),
    )


def test_the_twelve_fridays(lived: Path) -> None:
    assert {friday: numbers(lived, friday) for friday in FRIDAYS} == FRIDAYS


def counts_of(newsletter: str) -> list[int]:
    """Count what the sections of a newsletter list."""
    parts = re.split(rf"^({'|'.join(HEADINGS)})$", newsletter, flags=re.MULTILINE)
    chapters, recommendations, comments, decisions, _ = (
        dict(zip(parts[1::2], parts[2::2], strict=True)).get(heading, "") for heading in HEADINGS
    )
    return [
        len(re.findall(r"^  \w", chapters, re.MULTILINE)) - 1,  # without the head
        recommendations.count("\n- "),
        sum(int(n) for n in re.findall(r"^  .*?  +(\d+)  +\d+$", comments, re.MULTILINE)),
        decisions.partition("\nDone\n")[2].count("\n- "),
    ]


def test_the_newsletters(lived: Path, tmp_path: Path) -> None:
    for month, (friday, *counts) in MONTHS.items():
        at(lived, friday)
        nioc(lived, "newsletter", "--month", month, "--to", "txt", "--today", friday, "--out", str(tmp_path))
        text = (tmp_path / f"high-water-newsletter-{month}-public.txt").read_text(encoding="utf-8")
        assert counts_of(text) == counts, month


def test_a_late_reviewer_is_named_on_the_board_page(lived: Path) -> None:
    at(lived, "2021-04-09")
    page = " ".join(nioc(lived, "board", "--today", "2021-04-09").stdout.split())
    assert "ready on 1 July 2021, 1 working day late" in page
    assert "Ines Ford comments in the Word file of 23 1 April 2021, 6" in page
    assert "2 late, 2 at risk, 1 on track" in page


def test_the_final_edition_and_its_redline(lived: Path) -> None:
    at(lived, "2021-07-16")
    run = nioc(lived, "build", "--final", "--public", "--to", "html", "--today", "2021-07-16")
    assert run.returncode == 0, run.stderr
    page = next((lived / "dist").glob("*.html")).read_text(encoding="utf-8")
    assert "closed Mill Bridge and Ferry Bridge for five weeks" in page
    assert "The gate at the mill" not in page  # restricted
    run = nioc(lived, "redline", "edition-1..edition-2", "--public", "--to", "html")
    assert run.returncode == 0, run.stderr
    (redline,) = (lived / "dist").glob("*redline*.html")
    assert "five weeks" in redline.read_text(encoding="utf-8")


def test_the_story_can_be_told_again(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if not request.config.getoption("--long"):
        pytest.skip("the whole story takes a minute: it is told in the long run")
    story = runpy.run_path(str(REPOSITORY / "examples/riverton/story.py"))
    telling = story["Story"](tmp_path / "riverton")
    for act in story["ACTS"]:
        act(telling)
    assert {friday: numbers(telling.root, friday) for friday in FRIDAYS} == FRIDAYS
    subprocess.run(["git", "fsck", "--strict"], cwd=telling.root, check=True, capture_output=True)
