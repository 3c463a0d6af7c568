"""A build of which nothing has changed says what it said, and makes nothing; whatever changes is made anew."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="{}"/></svg>'


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A paper with a picture in a folder of its own."""
    copy = shutil.copytree(ROOT / "tests" / "papers" / "healthy", tmp_path / "paper")
    (copy / "pictures").mkdir()
    (copy / "pictures" / "rod.svg").write_text(PICTURE.format(9))
    chapter = copy / "chapters" / "bridges.md"
    chapter.write_text(chapter.read_text().replace("../paper/figures/span.svg", "../pictures/rod.svg"))
    return copy


def build(paper: Path, *args: str) -> str:
    command = [sys.executable, "-P", "-m", "nioc_paper", "build", "--to", "html", "--today", "2020-01-20", *args]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    run = subprocess.run(command, cwd=paper, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


def touched(paper: Path) -> int:
    return (paper / "dist" / "crossings.html").stat().st_mtime_ns


CHANGES: dict[str, Callable[[Path], object]] = {
    "a picture": lambda paper: (paper / "pictures" / "rod.svg").write_text(PICTURE.format(5)),
    "an output": lambda paper: (paper / "dist" / "crossings.html").write_text("damaged"),
    "the manifest": lambda paper: (paper / "dist" / "manifest.json").unlink(),
    "a register": lambda paper: (paper / "paper" / "registers" / "terms.yaml").unlink(),
    "the templates": lambda paper: shutil.copytree(ROOT / "templates", paper / "templates"),
}


def test_it_says_the_same_and_leaves_the_files_alone_until_something_changes(paper: Path) -> None:
    said, before = build(paper), touched(paper)
    assert build(paper) == said
    assert "crossings-public.html" in build(paper, "--public")
    assert build(paper) == said
    assert touched(paper) == before
    for what, change in CHANGES.items():
        change(paper)
        build(paper)
        assert touched(paper) != before, what
        before = touched(paper)
        assert "damaged" not in (paper / "dist" / "crossings.html").read_text()
