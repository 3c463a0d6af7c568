"""What people and disks do to a paper that they should not: each ends as a finding, none as a fault of ours."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from nioc_paper.check import check
from nioc_paper.load import load
from nioc_paper.model import Diagnostic

HEALTHY = Path(__file__).parent / "papers" / "healthy"
CHAPTER = "chapters/bridges.md"
LONG = "a" * 300
CHART = "::: {#fig-br-hard .figure}\n```{.chart}\ndescription: x\ndata: {url: %s}\nmark: bar\n```\n\nA chart.\n:::"
PICTURE = "![A pier.](paper/figures/hard.%s){#fig-br-hard}"


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A sound paper to spoil."""
    return Path(shutil.copytree(HEALTHY, tmp_path / "paper"))


def add(paper: Path, passage: str) -> None:
    """Put a passage at the end of a chapter."""
    file = paper / CHAPTER
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{passage}\n", encoding="utf-8")


def findings(paper: Path) -> list[Diagnostic]:
    """All that is wrong with a paper."""
    found: list[Diagnostic] = []
    return check(load(paper, found.append), date(2020, 1, 20), found)


def rules(paper: Path) -> set[str]:
    """The rules that speak of more than the sound paper has."""
    return {d.rule for d in findings(paper)} - {d.rule for d in findings(HEALTHY)}


@pytest.mark.parametrize(
    ("passage", "rule"),
    [
        (f"![A pier.]({LONG}.png){{#fig-br-hard}}", "missing-image"),
        (f"[A pier]({LONG}.pdf)", "dead-link"),
        (CHART % f"{LONG}.csv", "broken-chart"),
    ],
)
def test_a_name_that_is_too_long_is_no_file(paper: Path, passage: str, rule: str) -> None:
    add(paper, passage)
    assert rules(paper) == {rule}


def test_a_list_may_name_a_chapter_too_long_for_the_disk(paper: Path) -> None:
    file = paper / "paper" / "paper.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f"- {CHAPTER}", f"- {CHAPTER}\n      - chapters/{LONG}.md"), encoding="utf-8")
    assert "missing-chapter" in rules(paper)


def test_links_that_lead_in_a_circle_are_no_files(paper: Path) -> None:
    for name in ("paper/figures/hard.png", "paper/data/hard.csv", "chapters/hard.md"):
        (paper / name).symlink_to(Path(name).name)
    add(paper, f"{PICTURE % 'png'}\n\n{(CHART % 'paper/data/hard.csv').replace('br-hard', 'br-two')}")
    assert rules(paper) >= {"missing-image", "broken-chart", "unreadable-file"}


def test_what_git_or_the_machine_keeps_in_a_hidden_folder_is_not_of_the_paper(paper: Path) -> None:
    (paper / ".git").mkdir()
    (paper / ".git" / "config").write_text("a,b\n1,2\n", encoding="utf-8")
    (paper / ".env").write_text("a,b\n1,2\n", encoding="utf-8")
    add(paper, f"{CHART % '.git/config'}\n\n{(CHART % 'paper/../.env').replace('br-hard', 'br-two')}")
    assert [d.rule for d in findings(paper) if "hidden" in d.message] == ["broken-chart", "broken-chart"]


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0" encoding="foo"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        b"<html/>",
        b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g>" * 5000 + b"</g>" * 5000 + b"</svg>",
        b"",
    ],
)
def test_an_svg_is_one(paper: Path, data: bytes) -> None:
    (paper / "paper" / "figures" / "hard.svg").write_bytes(data)
    add(paper, PICTURE % "svg")
    assert rules(paper) == {"missing-image"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a,b\n" + b"x" * 200_000 + b",1\n", "field larger than"),
        (b"a,b\n\xe9,1\n", "is not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "is not UTF-8"),
        (b"a,b\n1,2\n1,2,3\n", "3 values in line 3"),
        (b"a,b\n1\n", "1 values in line 2"),
        (b"a,a\n1,2\n", "two columns"),
        (b"a,b\n1,\x00\n", "U+0000"),
    ],
)
def test_a_chart_is_drawn_from_all_of_its_table_or_not_at_all(paper: Path, data: bytes, said: str) -> None:
    (paper / "paper" / "data" / "hard.csv").write_bytes(data)
    add(paper, CHART % "paper/data/hard.csv")
    assert [d.rule for d in findings(paper) if said in d.message] == ["broken-chart"]


def test_only_what_json_can_hold_is_a_number_in_a_table(paper: Path) -> None:
    (paper / "paper" / "data" / "hard.csv").write_bytes(b"a,b\nnan,1_0\ninf,-2.5e1\n")
    add(paper, CHART % "paper/data/hard.csv")
    found: list[Diagnostic] = []
    chart = next(c for ch in load(paper, found.append).chapters for c in ch.charts if c.id == "fig-br-hard")
    assert chart.spec["data"]["values"] == [{"a": "nan", "b": "1_0"}, {"a": "inf", "b": -25.0}]


def test_an_escape_hides_no_character_that_cannot_be_printed(paper: Path) -> None:
    file = paper / CHAPTER
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("title: Bridges", r'title: "Bri\e[31mdges \u202e"'), encoding="utf-8")
    found = [d for d in findings(paper) if d.rule == "control-character"]
    assert [(d.place.line, d.place.column) for d in found] == [(3, 8)]
