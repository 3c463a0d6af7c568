"""The manual is a paper that the tool makes: nothing is wrong with it, its examples hold, its tables are up to date."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from reference_files import ROOT, TABLES, table
from test_docs import MANUAL, blocks

from docs import pages
from nioc_paper.check import check
from nioc_paper.cli.commands import nioc
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, Severity

FOLDER, STARTER = ROOT / "docs", ROOT / "nioc_paper" / "starter"


@pytest.mark.parametrize("name", TABLES)
def test_the_reference_tables_are_up_to_date(name: str, agree: Callable[[Path, str], None]) -> None:
    agree(FOLDER / "paper" / "data" / name, table(name))


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    """The pages for code hosts, as they should be."""
    return pages.pages()


@pytest.mark.parametrize("name", ["README.md", *(path.removeprefix("docs/chapters/") for path in MANUAL)])
def test_the_pages_for_code_hosts_are_up_to_date(
    name: str, shown: dict[str, str], agree: Callable[[Path, str], None]
) -> None:
    agree(pages.FOLDER / name, shown[name])


FENCED = re.compile(r"^(`{3,})[^\n]*\n.*?^\1 *$", re.MULTILINE | re.DOTALL)
MARKS = re.compile(r"@(?:sec|fig|tbl|rec|gap|fact)-\w+|^:::|\{[#.]\S+\}|^columns:|<(?:div|span)", re.MULTILINE)


def test_no_page_for_code_hosts_shows_marks_or_leads_nowhere(shown: dict[str, str]) -> None:
    assert {file.name for file in pages.FOLDER.iterdir()} == {*shown}
    unfenced = {name: FENCED.sub("", text) for name, text in shown.items()}
    anchors = {
        name: {pages.anchor(line.lstrip("#").strip()) for line in text.splitlines() if line.startswith("#")}
        for name, text in unfenced.items()
    }
    for name, text in unfenced.items():
        prose = re.sub(r"`[^`\n]*`", "", text)
        assert MARKS.findall(prose) == [], name
        for address in re.findall(r"\]\(([^)]*)\)", prose):
            page, _, target = address.partition("#")
            assert page in shown or "://" in page, f"{name}: {address}"
            assert not target or "://" in page or target in anchors[page], f"{name}: {address}"


def test_every_table_of_the_reference_is_printed() -> None:
    text = "".join(MANUAL.values())
    files = sorted(path.name for path in (FOLDER / "paper" / "data").iterdir())
    assert files == sorted(TABLES)
    assert [name for name in files if f"data: {{url: paper/data/{name}}}" not in text] == []


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
