"""A program that fails, prints garbage or never ends is named in a message, and is never called our fault."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_papers import copy

ROOT = Path(__file__).parents[1]
DAY = ("--today", "2020-01-30")
FAILING = """
import sys
from nioc_paper import cli
from nioc_paper.system import processes

engine, stub, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = "nioc"
started, limited, stubs = processes.start, processes.ResourceLimit.check, set()

def start(command, **options):
    if not any(engine in word for word in command):
        return started(command, **options)
    process = started(["sh", "-c", stub], **options)
    stubs.add(process.pid)
    return process

def check(limit):
    if any(process.pid in stubs for process in limit.processes):
        raise processes.LimitError("no result within 1 s")
    limited(limit)

processes.start, processes.ResourceLimit.check = start, check
cli.main()
"""
STUBS = {
    "fails": "echo the engine is out of order >&2; exit 3",
    "prints garbage": "cat >/dev/null & printf 'gar\\\\377bage\\\\n'",
    "is killed": "kill -KILL $$",
    "never ends": "exec sleep 60",
}
ENGINES = {
    "pandoc": ("/pandoc", ("check",), 1, "pandoc"),
    "PDF": ("render.pdf.worker.main", ("build", "--to", "pdf"), 1, "WeasyPrint"),
    "charts": ("chart_worker", ("build", "--to", "html"), 1, "chart"),
    "templates": ("template_worker", ("build", "--to", "html"), 1, "template"),
    "Word": ("soffice", ("build", "--to", "docx"), 0, "LibreOffice"),
    "git": ("git", ("status",), 0, ""),
    "search": ("pagefind", ("site", "--downloads", "none"), 1, "pagefind"),
}
"""Words of the engine's command; the command that needs it; its exit code; the name of the engine in the message."""


@pytest.mark.engine
@pytest.mark.parametrize("stub", STUBS)
@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_that_does_not_work_is_named(engine: str, stub: str, tmp_path: Path) -> None:
    words, command, code, name = ENGINES[engine]
    paper = copy("healthy", tmp_path)
    if engine == "templates":  # the tool's own need no worker
        shutil.copytree(ROOT / "templates", paper / "templates", dirs_exist_ok=True)
        with (paper / "templates" / "web.html").open("a") as template:
            template.write("<!-- one of the paper -->")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NIOC_CACHE_DIR": str(tmp_path / "cache")}
    run = subprocess.run(
        [sys.executable, "-P", "-c", FAILING, words, STUBS[stub], *command, *DAY],
        cwd=paper,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    output = run.stdout + run.stderr
    assert "Traceback" not in output
    assert "our fault" not in output
    assert run.returncode == code, output
    assert name in output, output
