"""The manual is a paper that the tool makes: without findings; its examples hold, its reference is up to date."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from reference_files import KEY_FILES, PAGES, ROOT
from test_docs import MANUAL, blocks

from nioc_paper.check import check
from nioc_paper.cli.lazy_commands import nioc
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, Severity
from nioc_paper.model.register_files import SCHEMAS

FOLDER, STARTER = ROOT / "docs", ROOT / "nioc_paper" / "starter"
FENCED = re.compile(r"^(`{3,})[^\n]*\n.*?^\1 *$", re.MULTILINE | re.DOTALL)
MARKS = re.compile(r"@(?:sec|fig|tbl|rec|gap|fact)-\w+|^:::|\{[#.]\S+\}|^columns:|<(?:div|span)", re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_up_to_date(name: str, agree: Callable[[Path, str], None]) -> None:
    agree(FOLDER / name, PAGES[name]())


@pytest.mark.parametrize("name", MANUAL)
def test_no_chapter_has_marks_that_a_code_host_shows(name: str) -> None:
    assert MARKS.findall(re.sub(r"`[^`\n]*`", "", FENCED.sub("", MANUAL[name]))) == []


def test_every_key_of_a_file_is_listed() -> None:
    assert {*KEY_FILES, "chapter"} == {*SCHEMAS}


def test_the_manual_is_a_paper_without_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    assert CliRunner().invoke(nioc, ["check"]).output == "no findings\n"
    run = CliRunner().invoke(nioc, ["build", "--to", "html", "--out", str(tmp_path)])
    assert run.exit_code == 0
    page = (tmp_path / "manual.html").read_text(encoding="utf-8")
    for known in ("review-copy", "undefined-citation", "category_key"):
        assert known in page


def test_the_examples_of_the_manual_hold(tmp_path: Path) -> None:
    shutil.copytree(STARTER, tmp_path, dirs_exist_ok=True)
    chapter = tmp_path / "chapters" / "street-trees.md"
    examples = [code for page in MANUAL.values() for code in blocks(page, "markdown")]
    chapter.write_text("\n".join([chapter.read_text(encoding="utf-8"), *examples]), encoding="utf-8")
    findings: list[Diagnostic] = []
    paper = load(tmp_path, findings.append)
    wrong = [d for d in check(paper, date(2020, 3, 2), findings) if d.severity == Severity.ERROR]
    assert wrong == []
    assert len(examples) > 10
