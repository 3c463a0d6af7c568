"""After an edit, the engines of the same command line start before its modules are imported, and none outlives it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from nioc_paper.system.cache import FOLDER_VARIABLE

ROOT = Path(__file__).parents[1]
RUN = """
import os, signal, sys
from pathlib import Path

def note_start(event, args):
    if event == "import" and args[0] == "click" and "NIOC_TEST_INTERRUPT" in os.environ:
        os.kill(os.getpid(), signal.SIGTERM)
    if event != "subprocess.Popen":
        return
    engines = {"nioc_paper.render.pdf.worker.main": "pdf", "soffice": "office"}
    for engine in {engines[word] for word in map(os.path.basename, args[1]) if word in engines}:
        with Path("../starts").open("a") as file:
            file.write(f"{engine} {'after' if 'click' in sys.modules else 'before'}\\n")

sys.addaudithook(note_start)
"""
WRONG_ENGINES = """
from nioc_paper.app import engines
engines.engine_names = lambda *_, **__: ["office", "sh", "pdf"]
"""
MAIN = "from nioc_paper.cli import main; main()"
pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A paper, with a LibreOffice that only waits, and a folder of its own for temporary files."""
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    office = tmp_path / "bin" / "soffice"
    office.parent.mkdir()
    office.write_text("#!/bin/sh\nexec sleep 60\n")
    office.chmod(0o755)
    (tmp_path / "temporary").mkdir()
    return shutil.copytree(ROOT / "tests" / "papers" / "healthy", tmp_path / "paper")


def edit(paper: Path, text: str = "One more sentence.") -> None:
    with (paper / "chapters" / "bridges.md").open("a") as chapter:
        chapter.write(f"\n{text}\n")


def build(paper: Path, *args: str, code: str = "", **variables: str) -> tuple[int, str, list[str]]:
    """Run a build, which leaves nothing behind. Returns its exit code, its output, and each engine's first start."""
    folder = paper.parent
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "temporary"), **variables}
    environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{environment['PATH']}"
    command = [sys.executable, "-c", RUN + code + MAIN, "build", "--today", "2020-01-20", *args]
    (folder / "starts").write_text("")
    run = subprocess.run(command, cwd=paper, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in run.stderr
    assert list((folder / "temporary").iterdir()) == []
    left = [p for p in psutil.process_iter(["cmdline"]) if str(folder / "temporary") in str(p.info["cmdline"])]
    assert psutil.wait_procs(left, timeout=3)[1] == []
    first_starts: dict[str, str] = {}  # a busy machine starts a second one for its other core
    for start in (folder / "starts").read_text().splitlines():
        first_starts.setdefault(start.partition(" ")[0], start)
    return run.returncode, run.stdout + run.stderr, [*first_starts.values()]


def test_a_second_build_starts_its_engines_before_anything_is_imported(paper: Path) -> None:
    """The paper has an error: nothing is made, and the engines end."""
    edit(paper, "See @sec:nowhere.")
    code, output, starts = build(paper, "--to", "pdf,docx")
    assert (code, starts) == (1, ["pdf after", "office after"])
    assert build(paper, "--to", "pdf,docx") == (1, output, ["pdf before", "office before"])
    assert build(paper, "--to", "pdf")[2] == ["pdf after"]  # another command line
    assert build(paper, "--to", "pdf", "--unknown")[::2] == (2, [])


def test_engines_that_are_not_needed_change_nothing(paper: Path) -> None:
    code, output, _ = build(paper, "--to", "html", code=WRONG_ENGINES)
    edit(paper)
    assert build(paper, "--to", "html") == (code, output, ["pdf before", "office before"])
    edit(paper)
    assert build(paper, "--to", "html") == (0, output, [])


def test_a_replay_starts_no_engine(paper: Path) -> None:
    _, output, starts = build(paper, "--to", "html", code=WRONG_ENGINES)
    assert starts
    assert build(paper, "--to", "html") == (0, output, [])


def test_an_interrupt_while_commands_are_imported_ends_the_engines(paper: Path) -> None:
    build(paper, "--to", "html", code=WRONG_ENGINES)
    edit(paper)
    assert build(paper, "--to", "html", NIOC_TEST_INTERRUPT="1")[::2] == (130, ["pdf before", "office before"])
