"""Run `nioc` inside the test's own process: the same words and exit code, without the start of an interpreter."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from nioc_paper.cli.lazy_commands import nioc as commands
from nioc_paper.model import Document
from nioc_paper.program_name import program
from nioc_paper.render import write
from nioc_paper.render.context import RenderContext
from nioc_paper.system import libreoffice
from nioc_paper.system.cache import Cache

_TERMINAL = {"COLUMNS": "80"}
_ZONE = "America/Los_Angeles"


def nioc(paper: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a paper, in a narrow terminal, at a place where the sun is elsewhere.

    An error that the command does not report itself is raised.
    """
    with contextlib.chdir(paper), _far_away():
        run = CliRunner(env=_TERMINAL).invoke(commands, args, prog_name=program())
    if run.exception and not isinstance(run.exception, SystemExit):
        raise run.exception
    return subprocess.CompletedProcess(args, run.exit_code, run.stdout, run.stderr)


def succeed(paper: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command, and require that it ends with 0."""
    run = nioc(paper, *args)
    assert run.returncode == 0, run.stdout + run.stderr
    return run


def without_reader(paper: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a paper, with an output that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "nioc_paper", *args]
    done = subprocess.run(command, cwd=paper, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    return done


@contextlib.contextmanager
def _far_away() -> Iterator[None]:
    """Set the time zone of this process, and restore it."""
    try:
        with mock.patch.dict(os.environ, TZ=_ZONE):
            time.tzset()
            yield
    finally:
        time.tzset()


@contextlib.contextmanager
def kept_word_files(root: Path) -> Iterator[None]:
    """Make Word files that are sent with the cache of this run: their pieces and fonts are packed once."""
    render_bytes = write.render_bytes

    def made(name: str, document: Document, context: RenderContext) -> bytes | None:
        return render_bytes(name, document, replace(context, cache=Cache.for_paper(root)))

    with mock.patch.object(write, "render_bytes", made):
        yield


def hide_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work as if LibreOffice were not installed: for tests that look at no page number of a Word file."""
    monkeypatch.setattr(libreoffice, "find_program", lambda: None)


@contextlib.contextmanager
def without_office() -> Iterator[None]:
    """The same for what several tests look at."""
    with pytest.MonkeyPatch.context() as patch:
        hide_office(patch)
        yield


def seeds(config: pytest.Config, few: int, many: int) -> Iterator[int]:
    """Return the seeds of random rounds: a few that are always the same, or with `--long` many that nobody has seen."""
    start = time.time_ns() if config.getoption("--long", default=False) else 0
    return iter(range(start, start + (many if start else few)))


def sample_names(metafunc: pytest.Metafunc, cases: Iterable[object], turn: int, name: str = "name") -> None:
    """Run a test for each third `name`, others at each turn; for all under --long."""
    start, step = (0, 1) if metafunc.config.getoption("--long") else (turn, 3)
    metafunc.parametrize(name, [*cases][start::step])
