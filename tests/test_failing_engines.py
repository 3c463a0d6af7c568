"""A program that fails, prints garbage or never ends is named in a message, and is never called an internal error."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import shared
from command_kit import nioc
from test_papers import copy

from nioc_paper.system import drawing, processes
from nioc_paper.system.cache import FOLDER_VARIABLE

ROOT = Path(__file__).parents[1]
DAY = ("--today", "2020-01-30")
STUBS = {
    "fails": "echo the engine is out of order >&2; exit 3",
    "prints garbage": "cat >/dev/null & printf 'gar\\\\377bage\\\\n'",
    "is killed": "kill -KILL $$",
    "never ends": "exec sleep 60",
}
ENGINES = {
    "pandoc": ("/pandoc", ("check",), 1, "pandoc"),
    "PDF": ("render.pdf.worker.main", ("build", "--to", "pdf"), 1, "WeasyPrint"),
    "charts": ("system.drawing", ("build", "--to", "html"), 1, "chart"),
    "templates": ("template_worker", ("build", "--to", "html"), 1, "template"),
    "Word": ("UserInstallation", ("build", "--to", "docx"), 0, "LibreOffice"),
    "git": ("git", ("status",), 0, ""),
    "search": ("pagefind", ("site", "--downloads", "none"), 1, "pagefind"),
}
"""Words of the engine's command; the command that needs it; its exit code; the name of the engine in the message."""
PAIRS = [(engine, stub) for e, engine in enumerate(ENGINES) for s, stub in enumerate(STUBS) if (e + s) % 3 == 0]
"""Each engine fails in one way or two, and its neighbour in another."""


@pytest.fixture
def stub_engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Replaces the programs whose command has a word by a shell command, whose time is up at the first check."""
    start, check, stubs = processes.start, processes.ResourceLimit.check, set[int]()

    def replace(engine: str, stub: str) -> None:
        def start_stub(kind: str, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
            if not any(engine in word for word in command):
                return start(kind, command, **options)
            process = start(kind, ["sh", "-c", stub], **options)
            stubs.add(process.pid)
            return process

        def end_stub(limit: processes.ResourceLimit) -> None:
            if any(process.pid in stubs for process in limit.processes):
                raise processes.LimitError("no result within 1 s")
            check(limit)

        monkeypatch.setattr(processes, "start", start_stub)
        monkeypatch.setattr(processes.ResourceLimit, "check", end_stub)
        monkeypatch.setattr(processes, "_POLL_SECONDS", 0.05)
        if engine in drawing.__name__:  # the process that draws for all tests is not the stub
            monkeypatch.setattr(drawing, "_shared_worker", functools.cache(drawing._shared_worker.__wrapped__))

    return replace


@pytest.mark.parametrize(("engine", "stub"), PAIRS)
def test_an_engine_that_does_not_work_is_named(
    engine: str,
    stub: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    stub_engine: Callable[[str, str], None],
) -> None:
    words, command, code, name = ENGINES[engine]
    paper = copy("healthy", tmp_path)
    if engine == "templates":  # the tool's own need no worker
        with (paper / "templates" / "web.html").open("a") as template:
            template.write("<!-- one of the paper -->")
    # Nothing in this cache is the work of the engine.
    monkeypatch.setenv(FOLDER_VARIABLE, str(shared.folder(tmp_path_factory) / f"cache-without-{engine}"))
    stub_engine(words, STUBS[stub])
    run = nioc(paper, *command, *DAY)
    output = run.stdout + run.stderr
    assert "Traceback" not in output
    assert "internal error" not in output
    assert run.returncode == code, output
    assert name in output, output


WITHOUT = """
import sys
sys.path[:] = [path for path in sys.path if not path.endswith("site-packages")] + [sys.argv.pop(1)]
sys.argv = ["nioc", *sys.argv[1:]]
from nioc_paper import cli
cli.main()
"""
"""Runs a command with the packages in a folder, and no others."""
DAY_AND_MONTH = "newsletter --to html --month 2020-01 --today 2020-01-30"
USES = {
    **dict.fromkeys(("PyYAML", "click", "msgspec"), "check"),
    "Jinja2": DAY_AND_MONTH,
    "rich": "status",
    "icalendar": "calendar --today 2020-01-30",
    "XlsxWriter": "export --to xlsx",
}
"""Packages, and a command that needs each."""


@pytest.mark.parametrize("package", USES)
def test_a_missing_package_is_named_with_the_command_that_installs_it(package: str, tmp_path: Path) -> None:
    paper, packages = copy("healthy", tmp_path), tmp_path / "packages"
    packages.mkdir()
    files = {file.parts[0] for file in metadata.files(package) or ()}
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.name not in files:
            (packages / entry.name).symlink_to(entry)
    run = subprocess.run(
        [sys.executable, "-P", "-c", WITHOUT, str(packages), *USES[package].split()],
        cwd=paper,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "NIOC_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stderr
    (line,) = (line for line in run.stderr.splitlines() if "is missing" in line)
    assert line.startswith("nioc: the Python package '")
    assert re.search(rf"(pip|uv) .*install .*\b{package}(==|$)", line)


def test_a_damaged_module_is_named_with_its_folder(tmp_path: Path) -> None:
    paper, compiled = copy("healthy", tmp_path), tmp_path / "compiled"
    command = [sys.executable, "-P", "-X", f"pycache_prefix={compiled}", "-m", "nioc_paper", "check", *DAY]
    run = functools.partial(subprocess.run, command, cwd=paper, env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True)
    assert run(capture_output=True, check=False).returncode == 0
    for module in ("cli/check", "model/paper", "cli/commands"):
        (file,) = compiled.rglob(f"nioc_paper/{module}.*.pyc")
        whole = file.read_bytes()
        file.write_bytes(whole[:400])
        damaged = run(capture_output=True, check=False)
        assert (damaged.returncode, damaged.stderr.strip().count("\n")) == (1, 0), damaged.stderr
        assert "is damaged; delete the folders __pycache__" in damaged.stderr
        file.write_bytes(whole)


FULL = """
import os, types
os.statvfs = lambda folder: types.SimpleNamespace(f_bavail={free}, f_frsize=1)
from nioc_paper import model
"""
"""Imports modules of the tool from a disk with a number of free bytes."""


@pytest.mark.parametrize(("free", "is_compiled"), [(2**20, True), (2**20 - 1, False)])
def test_a_full_disk_gets_no_compiled_modules(free: int, is_compiled: bool, tmp_path: Path) -> None:
    command = [sys.executable, "-X", f"pycache_prefix={tmp_path}", "-c", FULL.format(free=free)]
    subprocess.run(command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, check=True)
    assert any(tmp_path.rglob("nioc_paper/model/*.pyc")) == is_compiled
