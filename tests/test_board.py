"""The page for the board: one page whatever the paper holds, and what it leaves out it counts."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from functools import cache
from pathlib import Path

import docx_integrity
import pikepdf
import pytest
from sample_plan import chapter
from sample_plan import paper as planned
from test_papers import copy, nioc

from nioc_paper import tree
from nioc_paper.assemble.board import board
from nioc_paper.load import load
from nioc_paper.model import Chapter, Diagnostic, Document, History, Node, Paper
from nioc_paper.progress import progress
from nioc_paper.render import docx, pdf

SHIPPED = Path(__file__).parents[1]
TEMPLATES = SHIPPED / "templates"
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


@cache
def shipped() -> Paper:
    return load(SHIPPED, list[Diagnostic]().append)


def made(paper: Paper, day: str) -> Document:
    return board(paper, History(), progress(paper, History(), date.fromisoformat(day)))


def table(document: Document, name: str) -> Node:
    return next(n for n in tree.walk(document.blocks) if n["t"] == "Table" and name in tree.classes(n))


def rows(document: Document, name: str) -> list[list[str]]:
    return [[tree.plain(cell[-1]) for cell in row[1]] for row in table(document, name)["c"][4][0][3]]


def more(document: Document) -> list[str]:
    return [tree.plain(n) for n in tree.walk(document.blocks) if tree.is_div(n, "more")]


def many(count: int, *, outlines: int = 0, title: str = "Movement of goods across borders") -> list[Chapter]:
    """Chapters, the first `outlines` of them outlines, the rest drafts, which are due much later."""
    return [
        chapter(f"chapter-{n}", "outline" if n < outlines else "drafting", title=f"{title} {n}") for n in range(count)
    ]


def decided(count: int) -> list[dict[str, str]]:
    text = "Share with every provincial department what its neighbours have learned, and ask each what it lacks most."
    return [
        {"id": f"D{n}", "meeting": "First", "on": "2019-11-22", "kind": "decision", "text": text} for n in range(count)
    ]


# --- what it says -----------------------------------------------------------------------------------------------------


def test_it_answers_the_director_first() -> None:
    document = made(shipped(), "2020-01-17")
    verdict = next(n for n in tree.walk(document.blocks) if tree.is_div(n, "verdict"))
    assert tree.plain(verdict).startswith("Late The deadline, 22 April 2020 (Wednesday), does not hold: at planned")
    assert rows(document, "facts")[0][:4] == ["22 April 2020", "66 working days", "4 June 2020", "1 working day"]


def test_health_is_a_word_and_a_colour() -> None:
    document = made(shipped(), "2020-01-17")
    marks = {
        (tree.plain(n), *tree.classes(n))
        for n in tree.walk(table(document, "chapters"))
        if n["t"] == "Span" and "health" in tree.classes(n)
    }
    assert marks == {("Late", "health", "late"), ("At risk", "health", "at-risk")}


def test_every_chapter_and_every_open_decision_is_shown_or_counted() -> None:
    document = made(shipped(), "2020-01-17")
    assert len(rows(document, "chapters")) == len(shipped().chapters)
    still_open = [d.id for d in shipped().decisions if d.state == "open"]
    shown = [row[0] for row in rows(document, "open")]
    assert shown == still_open[: len(shown)]
    assert f"and {len(still_open) - len(shown)} more" in more(document)


def test_what_one_owes_for_many_chapters_is_one_line() -> None:
    who, what, by = rows(made(shipped(), "2020-01-17"), "owed")[0]
    assert (who, what) == ("the editor", "find a lead (Foreword; Executive summary and 10 more)")
    assert by == "5 December 2019, 30 days late"


def test_what_comes_next_stands_at_the_end() -> None:
    text = tree.plain(made(shipped(), "2020-01-17").blocks)
    assert "Next: 28 January 2020, First full drafts; 31 January 2020, Monthly newsletter; 7 February 2020" in text


def test_of_too_many_chapters_those_that_are_best_off_are_counted() -> None:
    paper = planned(*many(24, outlines=6), decisions=decided(12))
    document = made(paper, "2019-12-16")
    shown = rows(document, "chapters")
    assert [row[-1] for row in shown].count("Late") == 6
    left = 24 - len(shown)
    assert left > 0
    assert more(document)[0] == f"and {left} more on track"


def test_a_paper_with_nothing_in_it_has_a_page_too() -> None:
    document = made(planned(timeline={}), "2020-01-17")
    assert "No chapter is there yet" in tree.plain(document.blocks)


def test_a_paper_with_errors_has_a_page_for_the_board(tmp_path: Path) -> None:
    run = nioc(copy("broken", tmp_path), "build", "--board", "--to", "html", "--today", "2020-01-30")
    assert (run.returncode, "Traceback" in run.stderr) == (0, False)
    assert "nothing was made" not in run.stderr


# --- one page ---------------------------------------------------------------------------------------------------------

LONG = "Financing, recruitment and the movement of persons and goods across borders, number"
PAPERS = {
    "shipped, early": lambda: made(shipped(), "2019-12-02"),
    "shipped, late": lambda: made(shipped(), "2020-03-06"),
    "24 chapters": lambda: made(planned(*many(24), decisions=decided(12)), "2020-02-10"),
    "24 chapters, some well": lambda: made(planned(*many(24, outlines=6), decisions=decided(3)), "2019-12-16"),
    "long titles": lambda: made(planned(*many(24, title=LONG), decisions=decided(12)), "2020-02-10"),
    "60 decisions": lambda: made(planned(*many(2), decisions=decided(60)), "2020-02-10"),
}


@pytest.mark.parametrize("name", PAPERS)
def test_it_is_one_page(name: str, tmp_path: Path) -> None:
    found: list[Diagnostic] = []
    file = tmp_path / "board.pdf"
    file.write_bytes(pdf.write(PAPERS[name](), TEMPLATES, found.append))
    assert found == []
    assert pages(file) == 1


@needs_office
def test_it_is_one_page_in_word_too(tmp_path: Path) -> None:
    for number, name in enumerate(("shipped, early", "24 chapters")):
        (tmp_path / f"{number}.docx").write_bytes(docx.write(PAPERS[name](), TEMPLATES, list[Diagnostic]().append))
        assert faults(tmp_path / f"{number}.docx") == []
    assert [pages(file) for file in printed(tmp_path)] == [1, 1]


def printed(folder: Path) -> list[Path]:
    """The Word files of a folder as LibreOffice prints them."""
    files = sorted(map(str, folder.glob("*.docx")))
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(folder), *files], check=True, capture_output=True)
    return sorted(folder.glob("*.pdf"))


def faults(file: Path) -> list[str]:
    """What Word might want to repair; NUM002 is wrong about numId 0, and REL003 is of heads that stand on no page."""
    return [str(f) for f in docx_integrity.check(file) if f.code not in ("NUM002", "REL003")]


def pages(file: Path) -> int:
    with pikepdf.open(file) as document:
        return len(document.pages)
