"""Owners and supporters of recommendations: bodies have their known names in every output, however they are typed."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from command_kit import nioc
from sample_history import edit
from test_papers import copy

FULL, SHORT = "Roads Department of Ardale", "RDA"
LOCKS = "Office of Locks, Ardale"
TYPED = {
    # As typed: in the chapter, in lists, on the page of owners.
    "RDA": ([SHORT], [SHORT], [FULL]),
    "roads": ([SHORT], [SHORT], [FULL]),
    "Road Department": ([SHORT], [SHORT], [FULL]),
    FULL: ([FULL], [SHORT], [FULL]),
    "Roads\u00a0Department of Ardale": ([FULL], [SHORT], [FULL]),
    "Roads\u200b Department of Ardale": ([FULL], [SHORT], [FULL]),
    LOCKS: ([LOCKS], [LOCKS], [LOCKS]),
    "locks": ([LOCKS], [LOCKS], [LOCKS]),
    "roads; locks": ([SHORT, LOCKS], [SHORT, LOCKS], [FULL, LOCKS]),
    "Nobody *Known* -@fact-bridges bridges": (["Nobody Known 12 bridges"],) * 3,
}
BOX = "::: {{#rec-br-typed-{0} .recommendation}}\nClose bridge {0}.\n\n- Owner: {1}\n- By: 2020-12-31\n:::\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A paper with a recommendation for each way of typing an owner, its website and its spreadsheets."""
    folder = copy("healthy", tmp_path_factory.mktemp("owners"))
    other = f'aka: [Road Department]}}\n  - {{id: locks, name: "{LOCKS}"}}'
    edit(folder, "contributors.yaml", ("acronym: RDA}", f"acronym: RDA, {other}"))
    annex = "  - {title: Plan, list: action-plan}\nsite: {progress: true}\n"
    edit(folder, "paper/paper.yaml", ("list: acronyms}\n", f"list: acronyms}}\n{annex}"))
    boxes = "\n".join(BOX.format(n, typed) for n, typed in enumerate(TYPED, 1))
    edit(folder, "chapters/bridges.md", ("## Recommendations\n", f"## Recommendations\n\n{boxes}"))
    for command in (("site", "--downloads", "none"), ("export", "--to", "csv")):
        run = nioc(folder, *command)
        assert run.returncode == 0, run.stdout + run.stderr
    return folder


def page(root: Path, name: str) -> str:
    (file,) = (root / "dist/site").glob(name)
    return file.read_text(encoding="utf-8").replace("\u00a0", " ")


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def test_the_page_of_owners_lists_each_body_once_under_its_full_name(root: Path) -> None:
    heads = re.findall(r'<h2 id="owner-\d+">(.*?) <span class="how">(\d+)</span>', page(root, "owners.html"))
    rows = [(re.sub(r"<[^>]*>|[\u2066-\u2069]", "", name), count) for name, count in heads]
    owners = [name for _, _, names in TYPED.values() for name in names]
    expected = {name: str(owners.count(name)) for name in owners}
    expected[FULL] = str(int(expected[FULL]) + 1)  # of the paper itself
    assert dict(rows) == {**expected, "Ardale Town Council": "1"}


def test_a_chapter_prints_no_id_and_no_other_spelling(root: Path) -> None:
    fields = re.findall(r'field-owner">[^<]*</span>(.*?)</li>', page(root, "bridges.html"), re.DOTALL)
    assert [words(field) for field in fields[:-1]] == ["; ".join(names) for names, _, _ in TYPED.values()]


def test_the_action_plan_has_short_names(root: Path) -> None:
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page(root, "annex-action-plan.html"), re.DOTALL)
    cells = {
        words(cell[1]): words(cell[2]) for row in rows if len(cell := re.findall(r"<td.*?</td>", row, re.DOTALL)) > 2
    }
    held = [cells[f"Close bridge {n}."] for n in range(1, len(TYPED) + 1)]
    assert held == ["; ".join(names) for _, names, _ in TYPED.values()]


def test_the_spreadsheet_has_the_words_of_the_chapter(root: Path) -> None:
    (file,) = (root / "dist").rglob("*recommendations.csv")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = {row["Text"]: row["Owner"].replace("\u00a0", " ") for row in csv.DictReader(lines)}
    held = [rows[f"Close bridge {n}."] for n in range(1, len(TYPED) + 1)]
    assert held == ["; ".join(names) for names, _, _ in TYPED.values()]
