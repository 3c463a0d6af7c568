"""The chapter that was edited is parsed while commands are imported: outputs are the same, and nothing is left."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from nioc_paper.system.cache import FOLDER_VARIABLE

ROOT = Path(__file__).parents[1]
NOTE_FORKS = """
import os, sys
from pathlib import Path

def note_fork(event, args):
    if event == "os.fork" and Path.cwd().name == "paper":
        with Path("../forks").open("a") as file:
            file.write("after " if "click" in sys.modules else "before ")

sys.addaudithook(note_fork)
from nioc_paper.system import schedule
schedule.core_count = lambda: 2
"""
NOT_EARLY = """
from nioc_paper.app import early_reading
early_reading.start_reading = lambda _: None
"""
MAIN = "from nioc_paper.cli import main; main()"
pytestmark = [
    pytest.mark.usefixtures("own_cache"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux copies a process safely"),
]


def append(*names: str) -> Callable[[Path], None]:
    def edit(paper: Path) -> None:
        for name in names:
            with (paper / "chapters" / name).open("a", encoding="utf-8") as chapter:
                chapter.write("\nOne more sentence, about teh bridge.\n")

    return edit


EDITS: dict[str, Callable[[Path], object]] = {
    "none": lambda _: None,
    "one": append("bridges.md"),
    "two": append("bridges.md", "ferries.md"),
    "a chapter more": lambda paper: shutil.copy(paper / "chapters" / "bridges.md", paper / "chapters" / "more.md"),
    "a chapter less": lambda paper: (paper / "chapters" / "bridges.md").unlink(),
    "broken front matter": lambda paper: (paper / "chapters" / "bridges.md").write_text("---\nid: [\n---\nWords.\n"),
    "no text": lambda paper: (paper / "chapters" / "bridges.md").write_bytes(b"\xff\xfe\0"),
    "broken settings": lambda paper: (paper / "paper" / "paper.yaml").write_text("id: ]\n"),
    "no cache": lambda paper: shutil.rmtree(paper / ".cache"),
}
OLDER = {"none", "a chapter less", "broken settings"}
"""Edits after which the newest chapter is the same as before."""


@pytest.fixture
def paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A paper that was checked before."""
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    paper = shutil.copytree(ROOT / "tests" / "papers" / "healthy", tmp_path / "paper")
    run(paper, "check")
    return paper


def run(paper: Path, *args: str, code: str = "") -> tuple[int, str, str, list[str]]:
    """Run a command. Returns its exit code, its outputs, and for each copy of the process when it began."""
    forks = paper.parent / "forks"
    forks.write_text("")
    command = [sys.executable, "-c", NOTE_FORKS + code + MAIN, *args, "--today", "2020-01-20"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=paper, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr, forks.read_text().split()


@pytest.mark.parametrize("edit", EDITS)
def test_a_command_says_the_same_whenever_the_chapter_is_read(edit: str, paper: Path) -> None:
    command = ("check", "status")[[*EDITS].index(edit) % 2]
    EDITS[edit](paper)
    other = shutil.copytree(paper, paper.parent / "other" / "paper")
    early, late = run(paper, command), run(other, command, code=NOT_EARLY)
    assert early[:3] == late[:3]
    assert ("before" in early[3][:1]) == (edit not in OLDER)
    assert "before" not in late[3]


@pytest.mark.parametrize("args", [("status", "--help"), ("explain", "word-count"), ("status", "--unknown")])
def test_a_command_that_reads_nothing_leaves_no_process(args: tuple[str, ...], paper: Path) -> None:
    append("bridges.md")(paper)
    *_, forks = run(paper, *args)
    assert forks == (["before"] if "--unknown" in args else [])
    copies = [process for process in psutil.process_iter(["cmdline"]) if NOTE_FORKS in str(process.info["cmdline"])]
    _, alive = psutil.wait_procs(copies, timeout=20)
    assert not alive
