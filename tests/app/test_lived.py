"""The invented paper that was lived in: the numbers of its twelve Fridays, worked out by hand."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from command_kit import nioc, succeed
from sample_history import git

REPOSITORY = Path(__file__).parents[2]
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
HISTORY = (
    # day of a commit on main, words, chapters by status. A text has the words of its sentences, fields and headings,
    # without citations and facts: levees 79, bridges 63, introduction 37, shelters 81, warnings 65
    ("1 February 2021", 0, "4 outline"),
    ("4 February 2021", 79, "4 outline"),  # levees
    ("11 February 2021", 142, "4 outline"),  # bridges
    ("16 February 2021", 179, "4 outline"),  # introduction, on a branch that main followed
    ("24 February 2021", 179, "2 outline, 2 drafting"),
    ("2 March 2021", 260, "1 outline, 3 drafting"),  # shelters
    ("4 March 2021", 260, "4 drafting"),
    ("10 March 2021", 260, "3 drafting, 1 review"),
    ("17 March 2021", 261, "3 drafting, 1 review"),  # "the two oldest of them"
    ("23 March 2021", 261, "2 drafting, 2 review"),
    ("6 April 2021", 261, "2 drafting, 2 review"),
    ("7 April 2021", 317, "1 outline, 2 drafting, 2 review"),  # warnings, for a sentence of 9 words
    ("8 April 2021", 317, "2 drafting, 3 review"),
    ("13 April 2021", 317, "5 review"),
    ("20 April 2021", 319, "5 review"),  # "in April of each year" for "in the spring"
    ("27 April 2021", 321, "5 review"),  # two names for "two of them"
    ("11 May 2021", 321, "5 clearance"),  # "the only shelters", and "on record" for "that is remembered"
    ("26 May 2021", 321, "5 clearance"),
    ("2 June 2021", 321, "5 clearance"),
    ("12 July 2021", 321, "5 final"),
    ("15 July 2021", 321, "5 final"),
)
SITE = {
    # day: days of the history, words of the target, state of the chapters, recommendations, versions, open and answered
    # comments, obligations (those of one person for one reason are one)
    "2021-02-12": (3, 265, "4 on track", 2, 1, (), 4),
    "2021-04-09": (13, 330, "2 late, 2 at risk, 1 on track", 4, 7, ("Levees 0 1",), 5),
    "2021-04-23": (15, 330, "2 at risk, 3 on track", 4, 8, ("Bridges 1 0", "Levees 0 1"), 5),
    "2021-07-16": (21, 330, "5 done", 4, 2, ("Bridges 0 1", "Levees 0 1"), 0),
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


def rows_of(page: str, section: str) -> list[list[str]]:
    """The cells of the table in a section of the page on progress; the head is the first row."""
    table = page.partition(f'id="{section}"')[2].partition("</section>")[0].partition("<table")[2]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(?:<a[^>]*>)?([^<]*)", row) for row in rows]


def long_day(day: str) -> str:
    """The day as readers see it."""
    return f"{date.fromisoformat(day):%-d %B %Y}"


def counted(numbers: Iterable[str], names: Iterable[str]) -> str:
    """What there is of some names, as `4 outline`."""
    return ", ".join(f"{number} {name.lower()}" for number, name in zip(numbers, names, strict=True) if number != "0")


def site_numbers(site: Path) -> tuple[object, ...]:
    """The numbers of the site: of its first page, its page on progress, and the recommendations by owner."""
    home, page, owners = (
        (site / f"{name}.html").read_text(encoding="utf-8") for name in ("index", "progress", "owners")
    )
    tiles = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page))
    (_, _, *names), *trail = rows_of(page, "growth")
    return (
        [(day, int(words), counted(numbers, names)) for day, words, *numbers in trail],
        counted(*zip(*re.findall(r"<li><span>(\d+)</span> (\w+)</li>", home), strict=True)),
        (tiles["Time left"], tiles.get("Slack"), tiles["Projected finish"], tiles["Words"]),
        tiles["Chapters"],
        owners.partition("<main")[2].count('"number"'),
        home.count('id="version-'),
        tuple(f"{name} {still} {done}" for name, still, _, done in rows_of(page, "comments")[1:]),
        page.partition('id="debts"')[2].partition("</section>")[0].count("<li>"),
    )


def site_expected(friday: str) -> tuple[object, ...]:
    """The same numbers as they are worked out."""
    _, left, slack, finish, statuses, *_ = FRIDAYS[friday]
    days, target, states, recommendations, versions, comments, owed = SITE[friday]
    late = None if slack is None else "none" if slack < 0 else f"{slack} working days until a chapter is late"
    words = f"{HISTORY[days - 1][1]} of {target}"
    return (
        [*HISTORY[:days], (long_day(friday), *HISTORY[days - 1][1:])],
        statuses,
        (f"{max(left, 0)} working days", late, long_day(finish), words),
        states,
        recommendations,
        min(versions, 6),
        comments,
        owed,
    )


def test_the_site_and_the_history_on_four_fridays(lived: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """On the two later ones; on all under --long."""
    for friday in [*SITE][0 if request.config.getoption("--long") else 2 :]:
        at(lived, friday)
        args = ("--downloads", "none", "--audience", "restricted", "--today", friday, "--out", str(tmp_path / friday))
        assert nioc(lived, "site", *args).returncode == 0
        assert site_numbers(tmp_path / friday) == site_expected(friday), friday
        assert (tmp_path / friday / "progress.html").read_text(encoding="utf-8").count('<svg class="chart wide"') > 1


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
    succeed(lived, "build", "--final", "--public", "--to", "html", "--today", "2021-07-16")
    page = next((lived / "dist").glob("*.html")).read_text(encoding="utf-8")
    assert "closed Mill Bridge and Ferry Bridge for five weeks" in page
    assert "The gate at the mill" not in page  # restricted
    succeed(lived, "redline", "edition-1..edition-2", "--public", "--to", "html")
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
