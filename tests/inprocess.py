"""Run commands of `nioc` inside the test process: what they say is the same, without a start of Python each time."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner

SETTINGS = {"COLUMNS": "80", "TZ": "America/Los_Angeles"}
"""A narrow terminal, at a place where the sun is elsewhere, as `test_papers.nioc` has them."""


def nioc(paper: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a paper, with the cache of all tests, as `test_papers.nioc` runs it in a process of its own."""
    from nioc_paper.cli.commands import nioc as command

    with contextlib.chdir(paper), _as_elsewhere():
        result = CliRunner(env=SETTINGS).invoke(command, args, prog_name="nioc")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return subprocess.CompletedProcess(["nioc", *args], result.exit_code, result.stdout, result.stderr)


@contextlib.contextmanager
def _as_elsewhere() -> Iterator[None]:
    """Set the time zone, and undo afterwards what a command does to its process."""
    before, collects = os.environ.get("TZ"), gc.isenabled()
    os.environ["TZ"] = SETTINGS["TZ"]
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
        if collects:
            gc.enable()
