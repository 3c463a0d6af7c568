"""`NIOC_PLAIN=1` switches speed code off and changes no output; `--timings` shows where the time of a command went."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from test_papers import copy

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
