"""Small whole papers through the real command: its output, word by word, and the exit code.

tests/sessions/PAPER/*.txt each begin with a command, `$ nioc check …`, and go on with what it prints. Lines for
standard error come last and begin with `! `; a last line `[1]` is the exit code where it is not 0.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import Any

import command_kit
import pytest
import yaml

from nioc_paper.system.cache import FOLDER_VARIABLE
from nioc_paper.system.files import package_folder

TESTS = Path(__file__).parent
SESSIONS = sorted(TESTS.glob("sessions/*/*.txt"))
ROOT = TESTS.parent


def nioc(paper: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a paper, in a narrow terminal, at a place where the sun is elsewhere."""
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", FOLDER_VARIABLE)}
    environment |= {
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "COLUMNS": "80",
        "TZ": "America/Los_Angeles",
        "PYTHONUTF8": "1",
        "PYTHONWARNINGS": "error",
    }
    command = [sys.executable, "-P", "-m", "nioc_paper", *args]
    return subprocess.run(command, cwd=paper, env=environment, capture_output=True, text=True, check=False)


def copy(name: str, folder: Path, *, with_templates: bool = False) -> Path:
    """A paper of its own, with copies of the tool's templates if so asked."""
    paper = folder / name
    write_files(paper, read_files(TESTS / "papers" / name))
    if with_templates:
        write_files(paper / "templates", read_files(package_folder("templates")))
    return paper


@functools.cache
def read_files(folder: Path) -> Mapping[str, tuple[bytes, int]]:
    """The files of a folder that no test changes, by path, each with its time."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): (file.read_bytes(), file.stat().st_mtime_ns) for file in files}


def write_files(folder: Path, files: Mapping[str, tuple[bytes, int]]) -> None:
    """Write files into a new folder, with their times; `copytree` takes four times as long."""
    for name in sorted({os.path.dirname(name) for name in files}):  # noqa: PTH120 - a Path each is slow
        os.makedirs(os.path.join(folder, name))  # noqa: PTH103, PTH118
    for name, (data, time) in files.items():
        with open(os.path.join(folder, name), "xb", buffering=0) as file:  # noqa: PTH118, PTH123
            file.write(data)
            os.utime(file.fileno(), ns=(time, time))


def read_tables(name: str) -> Any:
    """The tables of cases, and the texts, of a module of tests: tests/tables/NAME.yaml."""
    return yaml.safe_load((TESTS / "tables" / f"{name}.yaml").read_text(encoding="utf-8"))


def absent(text: Container[str], *words: str) -> list[str]:
    """The words that a text, or a collection, does not have."""
    return [word for word in words if word not in text]


def written(file: Path, text: str) -> None:
    """Write a file, and the folders that it is in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def changed(file: Path, old: str, new: str) -> None:
    """Replace words of a file, which must be in it, at their first place."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def appended(file: Path, text: str) -> None:
    """Add text to the end of a file."""
    with file.open("a", encoding="utf-8") as end:
        end.write(text)


@pytest.mark.parametrize("file", SESSIONS, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_session(file: Path, tmp_path: Path, agree: Callable[[Path, str], None]) -> None:
    command = file.read_text(encoding="utf-8").split("\n", 1)[0]
    run = command_kit.nioc(copy(file.parent.name, tmp_path), *command.split()[2:])
    errors = "".join(f"! {line}\n" for line in run.stderr.splitlines())
    code = f"[{run.returncode}]\n" if run.returncode else ""
    agree(file, f"{command}\n{run.stdout}{errors}{code}")
    assert "Traceback" not in run.stderr


CODES = {"broken": ("check",), "healthy": ("check", "explain nothing")}
"""Commands by paper; the last one does not look at it."""


@pytest.mark.parametrize("name", CODES)
def test_a_process_ends_with_the_code_of_its_command(name: str, tmp_path: Path) -> None:
    """A command gives the same in a shell as in the process of the tests."""
    paper = copy(name, tmp_path)
    for command in CODES[name]:
        args = command.split()
        assert nioc(paper, *args).returncode == command_kit.nioc(paper, *args).returncode, command
