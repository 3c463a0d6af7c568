"""Comments in copies for an audience: withheld with the words that they are about, wherever those are today."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from command_kit import hide_office, nioc
from test_papers import copy

from nioc_paper.app.project import Project
from nioc_paper.domain.audience import for_audience
from nioc_paper.model import AUDIENCES

CHAPTER = "chapters/bridges.md"
TEXT = "The toll on the old bridge is paid twice."
PLAIN = "Half of the bridges are older than their drawings [@survey2019]."
MARKED, HIGH = "[{}]{{.{}}}", "[It is high.]{.limited}"
OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "page": ("build", "--comments", "--to", "html"),
    "Word file": ("build", "--comments", "--to", "docx"),
    "register": ("export", "comments", "--to", "csv"),
    "workbook": ("export", "comments", "--to", "xlsx"),
}
CASES: Mapping[str, tuple[str, str, str, str]] = {
    "mark set afterwards": (MARKED.format(TEXT, "limited"), TEXT, "public", "limited"),
    "mark on one word of the passage": ("The [toll]{.limited} on it.", "on it", "public", "limited"),
    "mark around the passage": (f"::: restricted\n{TEXT}\n:::", TEXT, "public", "restricted"),
    "mark in a note": (f"A note.^[{MARKED.format(TEXT, 'limited')}]", TEXT, "public", "limited"),
    "mark taken away": (TEXT, TEXT, "limited", "limited"),
    "no mark": (TEXT, TEXT, "public", "public"),
    "quotation gone": ("Nothing is paid.", TEXT, "public", "limited"),
    "quotation gone, another passage marked": (MARKED.format("Nothing.", "restricted"), TEXT, "public", "restricted"),
    "twice, one marked": (f"{TEXT}\n\n{MARKED.format(TEXT, 'limited')}", TEXT, "public", "limited"),
    "two passages, one marked": (f"{TEXT}\n\n{HIGH}", f"{TEXT}\nIt is high.", "public", "limited"),
    "without quotation": (MARKED.format(TEXT, "restricted"), "", "public", "public"),
    "words of a citation": (TEXT, "older than their drawings (Survey of bridges 2019)", "public", "public"),
    "title": (TEXT, "1 Bridges", "public", "public"),
    "typed otherwise": ("The *toll* --- on the old\u00a0bridge", "toll – on the old bridge", "public", "public"),
}  # fmt: skip

IN_OUTPUTS = ("mark set afterwards", "mark taken away", "quotation gone", "twice, one marked", "without quotation")


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    return copy("healthy", tmp_path)


def comment_on(root: Path, passage: str, quote: str, sensitivity: str) -> None:
    """Put a passage into the chapter, and a comment on a quotation into its ledger."""
    file = root / CHAPTER
    file.write_text(file.read_text(encoding="utf-8").replace("## Gaps\n", f"{passage}\n\n## Gaps\n"), encoding="utf-8")
    (root / "reviews").mkdir()
    comment = {"number": 1, "by": "ben-lock", "sensitivity": sensitivity, "quote": quote, "text": "Zanzibar"}
    (root / "reviews" / "bridges.yaml").write_text(f"chapter: bridges\ncomments: [{comment}]\n", encoding="utf-8")


def shows_comment(out: Path) -> bool:
    return any(b"Zanzibar" in part for file in out.rglob("*") if file.is_file() for part in parts(file))


def parts(file: Path) -> list[bytes]:
    """The file, or the parts of one in a zip."""
    if not zipfile.is_zipfile(file):
        return [file.read_bytes()]
    with zipfile.ZipFile(file) as package:
        return [package.read(name) for name in package.namelist()]


@pytest.mark.parametrize("case", CASES)
def test_a_comment_has_the_audience_of_its_words_today(paper: Path, case: str) -> None:
    passage, quote, stored, least = CASES[case]
    comment_on(paper, passage, quote, stored)
    loaded = Project(paper).load().paper
    shown = [name for name in AUDIENCES if [*for_audience(loaded, name)[0].comments("bridges")]]
    assert shown == [*AUDIENCES[AUDIENCES.index(least) :]]


@pytest.mark.parametrize("case", IN_OUTPUTS)
def test_outputs_withhold_the_same_comments(paper: Path, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hide_office(monkeypatch)
    passage, quote, stored, least = CASES[case]
    comment_on(paper, passage, quote, stored)
    shown = {}
    for name, command in OUTPUTS.items():
        run = nioc(paper, *command, "--public", "--out", f"dist/{name}")
        assert run.returncode == 0, run.stderr
        shown[name] = shows_comment(paper / "dist" / name)
    assert shown == dict.fromkeys(OUTPUTS, least == "public")
