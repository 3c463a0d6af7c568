"""A build without changed inputs prints the same again and makes nothing; any change is built."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from nioc_paper import cli
from nioc_paper.app import replay
from nioc_paper.app.replay import OutputRecorder, open_record
from nioc_paper.system.files import package_folder

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.usefixtures("own_cache")
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="{}"/></svg>'

LISTED = ("-X", "importtime")
"""Options for Python: it lists on standard error the modules that it imports."""


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A paper with a picture in a folder of its own."""
    copy = shutil.copytree(ROOT / "tests" / "papers" / "healthy", tmp_path / "paper")
    (copy / "pictures").mkdir()
    (copy / "pictures" / "rod.svg").write_text(PICTURE.format(9))
    chapter = copy / "chapters" / "bridges.md"
    chapter.write_text(chapter.read_text().replace("../paper/figures/span.svg", "../pictures/rod.svg"))
    return copy


def nioc(paper: Path, *args: str, python: tuple[str, ...] = (), code: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command; in a process of its own if that has options for Python, or other code."""
    args = (*args, "--today", "2020-01-20")
    if python or code != ROOT:
        command = [sys.executable, "-P", *python, "-m", "nioc_paper", *args]
        environment = {**os.environ, "PYTHONPATH": str(code), "PYTHONUTF8": "1"}
        run = subprocess.run(command, cwd=paper, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return run
    time.sleep(0.05)  # what the paper is made of is older than the command
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(paper),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", ["nioc", *args]),
        pytest.raises(SystemExit) as end,
    ):
        sys.exit(cli._run())
    assert not end.value.code, err.getvalue()
    return subprocess.CompletedProcess(args, 0, out.getvalue(), err.getvalue())


def build(paper: Path, *args: str) -> str:
    run = nioc(paper, "build", "--to", "html", *args)
    return run.stdout + run.stderr


def imported(run: subprocess.CompletedProcess[str]) -> set[str]:
    """The modules that `-X importtime` lists."""
    return {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}


def touched(paper: Path) -> int:
    return (paper / "dist" / "crossings.html").stat().st_mtime_ns


CHANGES: dict[str, Callable[[Path], object]] = {
    "a picture": lambda paper: (paper / "pictures" / "rod.svg").write_text(PICTURE.format(5)),
    "an output": lambda paper: (paper / "dist" / "crossings.html").write_text("damaged"),
    "the manifest": lambda paper: (paper / "dist" / "manifest.json").unlink(),
    "a register": lambda paper: (paper / "paper" / "registers" / "terms.yaml").unlink(),
    "the templates": lambda paper: shutil.copytree(package_folder("templates"), paper / "templates"),
}


def test_a_repeated_build_repeats_its_output_and_writes_nothing(paper: Path) -> None:
    output, before = build(paper), touched(paper)
    assert build(paper) == output
    assert "crossings-public.html" in build(paper, "--public")
    assert build(paper) == output
    assert touched(paper) == before
    for what, change in CHANGES.items():
        change(paper)
        build(paper)
        assert touched(paper) != before, what
        before = touched(paper)
        assert "damaged" not in (paper / "dist" / "crossings.html").read_text()


def test_a_repeated_status_imports_no_readers(paper: Path) -> None:
    output = nioc(paper, "status", python=LISTED).stdout
    again = nioc(paper, "status", python=LISTED)
    assert again.stdout == output
    loaded = imported(again)
    assert "nioc_paper.app.replay" in loaded
    assert not loaded & {"yaml", "click", "rich", "nioc_paper.model", "msgspec", "dataclasses", "inspect"}


def test_a_repeated_check_imports_no_readers_or_engines(paper: Path) -> None:
    output = nioc(paper, "check", python=LISTED).stdout
    again = nioc(paper, "check", python=LISTED)
    assert again.stdout == output
    loaded = imported(again)
    assert "nioc_paper.load" in loaded
    assert not loaded & {"yaml", "defusedxml", "PIL.Image", "rich", "jinja2", "weasyprint", "nioc_paper.render"}


def test_what_follows_an_edit_of_a_chapter_imports_no_parser_of_other_files(paper: Path) -> None:
    """Unchanged files are not read again: sources, pictures, and files of records."""
    parsers = {"bibtex", "ris", "csl", "convert", "faults", "parsing"}
    unneeded = {f"nioc_paper.load.bibliography.{name}" for name in parsers} | {
        *("nioc_paper.load.image_vetting", "nioc_paper.load.image_metadata", "urllib.request", "email.message"),
        *("yaml", "defusedxml", "lxml", "PIL.Image", "jinja2", "weasyprint", "nioc_paper.render"),
    }
    for command in ("check", "status"):
        nioc(paper, command)
        with (paper / "chapters" / "bridges.md").open("a") as chapter:
            chapter.write("\nOne more sentence.\n")
        loaded = imported(nioc(paper, command, python=LISTED))
        assert "nioc_paper.load.chapter" in loaded
        assert not loaded & unneeded


def imported_by(*args: str) -> set[str]:
    """Modules that Python imports when it is run with these arguments."""
    command = [sys.executable, "-X", "importtime", *args]
    return imported(
        subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    )


PDF = "nioc_paper.cli.build, nioc_paper.load, nioc_paper.render.write, nioc_paper.render.pdf.pdf_writer"
IMPORTS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "the PDF worker": (
        ("-m", "nioc_paper.render.pdf.worker.main", "0"),
        "nioc_paper.render.pdf.worker.chapter_pdf",
        "jinja2 pikepdf fontTools.subset nioc_paper.model nioc_paper.system.pandoc",
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


def _replaced(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def _committed(paper: Path) -> None:
    """With nothing written for a long while."""
    environment = {**os.environ, "GIT_COMMITTER_DATE": "2019-10-01T12:00:00Z"}
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@localhost", "-c", "init.defaultBranch=main")
    for args in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "All")):
        subprocess.run(["git", *who, *args], cwd=paper, env=environment, check=True)


STATUS_CHANGES: dict[str, Callable[[Path], object]] = {
    "a chapter": lambda paper: _replaced(paper / "chapters" / "bridges.md", "title: Bridges", "title: Spans"),
    "the plan": lambda paper: _replaced(paper / "paper" / "timeline.yaml", "deadline: 2020", "deadline: 2021"),
    "git": _committed,
}


def test_a_status_is_computed_again_after_a_change(paper: Path) -> None:
    output = {nioc(paper, "status", "--format", "json").stdout}
    for number, change in enumerate(STATUS_CHANGES.values(), 2):
        change(paper)
        output.add(nioc(paper, "status", "--format", "json").stdout)
        assert len(output) == number


def test_a_chapter_outside_the_folders_of_the_paper_is_an_input_of_a_status(paper: Path) -> None:
    settings, chapter = paper / "paper" / "paper.yaml", paper / "texts" / "tunnels.md"
    chapter.parent.mkdir()
    (paper / "chapters" / "tunnels.md").rename(chapter)
    settings.write_text(settings.read_text().replace("chapters/tunnels.md", "texts/tunnels.md"))
    output = nioc(paper, "status", "--format", "json").stdout
    assert "texts/tunnels.md" in output
    chapter.write_text(chapter.read_text() + "\nSome more words.\n")
    assert nioc(paper, "status", "--format", "json").stdout != output


def test_a_picture_that_is_missing_is_an_input(paper: Path) -> None:
    settings, picture = paper / "paper" / "paper.yaml", paper / "pictures" / "rod.svg"
    settings.write_text(settings.read_text() + "\nrules: {missing-file/picture: warning}\n")
    picture.unlink()
    output, before = build(paper), touched(paper)
    assert build(paper) == output
    assert touched(paper) == before
    picture.write_text(PICTURE.format(7))
    build(paper)
    assert touched(paper) != before


def test_a_change_during_a_command_invalidates_its_record(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(paper)
    chapter, words = paper / "chapters" / "bridges.md", ["status"]
    for touched, changed, replayed in ((True, False, False), (False, True, False), (False, False, True)):
        time.sleep(0.05)  # what the paper is made of is older than the command
        command = open_record(words)
        assert command
        if touched:
            chapter.write_text(chapter.read_text())
        files = command.digest_files(["chapters/bridges.md"])
        assert (files is None) is touched
        if changed:  # the run has read what it was before
            chapter.write_text(f"{chapter.read_text()}Rails.\n")
        command.save("UTC", OutputRecorder(), files)
        again = open_record(words)
        assert again
        assert again.replay() is replayed


def test_a_change_while_files_are_hashed_invalidates_the_record(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(paper)
    picture, digest = paper / "pictures" / "rod.svg", replay._digest
    time.sleep(0.05)  # what the paper is made of is older than the command
    command = open_record(["status"])
    assert command
    assert command.digest_files(["pictures/rod.svg"])

    def change_and_digest(file: Path) -> str:
        if file == picture:
            picture.write_text(PICTURE.format(7))
        return digest(file)

    monkeypatch.setattr(replay, "_digest", change_and_digest)
    assert command.digest_files(["pictures/rod.svg"]) is None


def test_damaged_records_are_computed_again(paper: Path) -> None:
    output = nioc(paper, "status").stdout
    for file in (paper / ".cache" / "nioc").iterdir():
        file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert nioc(paper, "status").stdout == output


def test_a_failure_of_an_engine_is_tried_again(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = paper.parent / "bin" / "soffice"
    office.parent.mkdir()
    office.write_text("#!/bin/sh\nexit 1\n")
    office.chmod(0o755)
    monkeypatch.setenv("PATH", str(office.parent), prepend=os.pathsep)
    output, first = nioc(paper, "build", "--to", "docx").stderr, (paper / "dist" / "crossings.docx").stat().st_mtime_ns
    assert "LibreOffice did not lay it out" in output
    assert nioc(paper, "build", "--to", "docx").stderr == output
    assert (paper / "dist" / "crossings.docx").stat().st_mtime_ns > first


def test_a_changed_large_picture_of_equal_size_and_time_is_noticed(paper: Path) -> None:
    picture = paper / "pictures" / "rod.svg"
    space = " " * 2**20
    picture.write_text(PICTURE.format(9) + space)
    build(paper)
    before, times = touched(paper), picture.stat()
    picture.write_text(PICTURE.format(5) + space)
    os.utime(picture, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert picture.stat().st_size == times.st_size
    build(paper)
    assert touched(paper) != before


def test_large_and_special_files_of_a_record_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record of a run can be forged no more, but a file that it names can have become anything since."""
    huge, pipe, link = tmp_path / "huge.svg", tmp_path / "pipe", tmp_path / "link"
    with huge.open("wb") as file:
        file.truncate(2**40)
    os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    monkeypatch.setattr(hashlib, "sha256", lambda *_: pytest.fail("a large or special file was hashed"))
    names = [replay._digest(path) for path in (huge, pipe, link)]
    assert all(names)
    assert replay._digest(tmp_path / "nothing") == ""
