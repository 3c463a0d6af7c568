"""One fault is one finding: what only follows from a file that could not be read is not said as well."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from nioc_paper.check import check
from nioc_paper.load import load
from nioc_paper.model import Diagnostic

HEALTHY = Path(__file__).parent / "papers" / "healthy"


@pytest.mark.parametrize(
    "path",
    ["contributors.yaml", "paper/references.yaml", "paper/registers/facts.yaml", "chapters/tunnels.md"],
)
def test_a_file_that_is_no_yaml_is_one_error(tmp_path: Path, path: str) -> None:
    root = Path(shutil.copytree(HEALTHY, tmp_path / "paper"))
    file = root / path
    text = file.read_text(encoding="utf-8")
    file.write_text(f'---\n"open\n{text[4:]}' if text.startswith("---") else f'"open\n{text}', encoding="utf-8")
    reading: list[Diagnostic] = []
    found = check(load(root, reading.append), date(2020, 1, 30), reading)
    errors = [d.rule for d in found if d.severity.name == "ERROR"]
    assert errors == ["bad-yaml"], found


@pytest.mark.parametrize(
    ("opening", "fault"),
    [("::: {#fnd-tu-none .finding}\nIt leaks [@survey2019].", "unclosed-block"), ("", "no-front-matter")],
)
def test_what_stands_behind_something_that_never_ends_is_not_missed(tmp_path: Path, opening: str, fault: str) -> None:
    root = Path(shutil.copytree(HEALTHY, tmp_path / "paper"))
    file = root / "chapters" / "tunnels.md"
    top, end, text = file.read_text(encoding="utf-8").partition("\n---\n")
    file.write_text(f"{top}{end}\n{opening}\n{text}" if opening else f"{top}\n{text}", encoding="utf-8")
    reading: list[Diagnostic] = []
    found = check(load(root, reading.append), date(2020, 1, 30), reading)
    assert {d.rule for d in found if d.place.path == "chapters/tunnels.md"} & {
        fault,
        "missing-section",
        "swallowed-mark",
    } == {fault}


def test_other_faults_are_still_found(tmp_path: Path) -> None:
    root = Path(shutil.copytree(HEALTHY, tmp_path / "paper"))
    (root / "paper" / "references.yaml").write_text('"open\n', encoding="utf-8")
    chapter = root / "chapters" / "tunnels.md"
    chapter.write_text(chapter.read_text(encoding="utf-8") + "\nSee @fig-none.\n", encoding="utf-8")
    reading: list[Diagnostic] = []
    found = check(load(root, reading.append), date(2020, 1, 30), reading)
    assert {d.rule for d in found if d.severity.name == "ERROR"} == {"bad-yaml", "dead-reference"}
