"""A command imports only what it needs: what is unchanged is read from the cache, by no parser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.usefixtures("own_cache")

LISTED = ("-X", "importtime")
"""Options for Python: it lists on standard error the modules that it imports."""


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A paper in a folder of its own."""
    return shutil.copytree(ROOT / "tests" / "papers" / "healthy", tmp_path / "paper")


def nioc(paper: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, which lists its imports."""
    command = [sys.executable, "-P", *LISTED, "-m", "nioc_paper", *args, "--today", "2020-01-20"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    run = subprocess.run(command, cwd=paper, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run


def imported(run: subprocess.CompletedProcess[str]) -> set[str]:
    """The modules that `-X importtime` lists."""
    return {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}


def test_what_is_unchanged_is_read_by_no_parser(paper: Path) -> None:
    """A repeated check imports no readers and engines; after an edit of a chapter, no parser of other files."""
    others = {"yaml", "defusedxml", "lxml", "PIL.Image", "jinja2", "weasyprint", "nioc_paper.render"}
    output = nioc(paper, "check").stdout
    again = nioc(paper, "check")
    assert again.stdout == output
    loaded = imported(again)
    assert "nioc_paper.load" in loaded
    assert not loaded & (others | {"rich"})
    parsers = {"bibtex", "ris", "csl", "convert", "faults", "parsing"}
    others |= {f"nioc_paper.load.bibliography.{name}" for name in parsers}
    others |= {"nioc_paper.load.image_vetting", "nioc_paper.load.image_metadata", "urllib.request", "email.message"}
    for command in ("check", "status"):
        with (paper / "chapters" / "bridges.md").open("a") as chapter:
            chapter.write("\nOne more sentence.\n")
        loaded = imported(nioc(paper, command))
        assert "nioc_paper.load.chapter" in loaded
        assert not loaded & others


def imported_by(*args: str) -> set[str]:
    """Modules that Python imports when it is run with these arguments."""
    command = [sys.executable, *LISTED, *args]
    return imported(
        subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    )


PDF = "nioc_paper.cli.build, nioc_paper.load, nioc_paper.render.write, nioc_paper.render.pdf.pdf_writer"
IMPORTS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "the PDF worker": (
        ("-m", "nioc_paper.render.pdf.worker.main", "0"),
        "nioc_paper.render.pdf.worker.chapter_pdf",
        "jinja2 pikepdf nioc_paper.model nioc_paper.system.pandoc",
    ),
    "the PDF writer": (
        ("-c", f"import {PDF}"),
        "nioc_paper.render.pdf.pdf_writer",
        "lxml lxml.etree PIL.Image pikepdf yaml fontTools uharfbuzz psutil",
    ),
    "the Word writer": (
        ("-c", "import nioc_paper.render.write, nioc_paper.render.word.docx_writer"),
        "nioc_paper.render.word.docx_writer",
        "jinja2 PIL.Image pikepdf yaml fontTools uharfbuzz",
    ),
}
"""Arguments of Python, a module that is imported, and modules that are not."""


@pytest.mark.parametrize(("args", "needed", "unneeded"), IMPORTS.values(), ids=IMPORTS)
def test_an_engine_imports_only_its_needs(args: tuple[str, ...], needed: str, unneeded: str) -> None:
    loaded = imported_by(*args)
    assert needed in loaded
    assert not loaded & {*unneeded.split()}
