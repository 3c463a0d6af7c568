"""`NIOC_PLAIN=1` switches speed code off and changes no output; `--timings` shows where the time of a command went."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_papers import copy

from nioc_paper.system import schedule, stages

FORMATS = ("html", "epub", "docx")


def nioc(paper: Path, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "nioc_paper", *args, "--today", "2020-01-20"]
    own = {**os.environ, "NIOC_CACHE_DIR": str(paper.parent / "own cache"), **environment}
    return subprocess.run(command, cwd=paper, env=own, capture_output=True, text=True, check=False)


def test_a_plain_build_gives_the_same_files(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    for name, plain in (("fast", "0"), ("plain", "1")):
        out = str(tmp_path / name)
        done = nioc(paper, "build", "--to", ",".join(FORMATS), "--out", out, NIOC_PLAIN=plain)
        assert done.returncode == 0, done.stderr
    for file in (tmp_path / "fast").iterdir():
        if file.suffix.removeprefix(".") in FORMATS:
            assert file.read_bytes() == (tmp_path / "plain" / file.name).read_bytes(), file.name


def test_timings_name_each_stage_and_add_nothing_to_the_output(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    plain, timed = nioc(paper, "check"), nioc(paper, "check", "--timings")
    assert (timed.returncode, timed.stdout) == (plain.returncode, plain.stdout)
    rows = [line.split(maxsplit=2) for line in timed.stderr.splitlines()]
    assert [row[2] for row in rows[1:-1]] == ["start", "load", "check"]
    assert all(float(row[1]) >= 0 for row in rows[1:-1])


def test_a_stage_of_a_copy_is_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "_TIMES", [])

    def work() -> int:
        with stages.stage("in the copy"):
            return os.getpid()

    monkeypatch.setattr(schedule, "can_copy", lambda: True)
    assert schedule.start_process(work)() != os.getpid()
    assert "in the copy" in stages.timings_table()


def test_idle_work_is_done_once_and_an_error_comes_when_the_value_is_asked_for() -> None:
    done: list[str] = []

    def work() -> str:
        done.append("first")
        return "value"

    first, failing = schedule.soon(work), schedule.soon(lambda: 1 // 0)
    schedule.start_thread(schedule.start_thread(lambda: None))()
    assert (first(), first(), done) == ("value", "value", ["first"])
    with pytest.raises(ZeroDivisionError):
        failing()
