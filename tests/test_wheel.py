"""The tool as pip installs it: everything is in the wheel, and it works where there is no source tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import shared

ROOT = Path(__file__).parents[1]
FOLDERS = {"nioc_paper": "nioc_paper", "templates": "nioc_paper/templates", "tests/rules": "nioc_paper/rules"}
"""Folders of the source, and where they are in the wheel."""


def files(folder: Path) -> set[str]:
    return {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds."""
    return shared.once(tmp_path_factory, "wheel", _install) / "site"


def _install(out: Path) -> None:
    source = out / "source"
    for name in FOLDERS:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "LICENSE"):
        shutil.copy(ROOT / name, source)
    # What pip asks of setuptools, of which the version is that of constraints.txt.
    code = f"from setuptools import build_meta; build_meta.build_wheel({str(out)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=source, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(out / "site")


def nioc(installed: Path, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the tool of the wheel, with the libraries of this Python."""
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "nioc_paper", *args]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_nothing_is_left_behind(installed: Path) -> None:
    for source, target in FOLDERS.items():
        assert files(ROOT / source) <= files(installed / target)


def test_rules_are_explained_by_their_pages(installed: Path, tmp_path: Path) -> None:
    done = nioc(installed, tmp_path, "explain", "dead-link")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Good\n\n  chapters/tunnels.md\n" in done.stdout


@pytest.mark.usefixtures("own_cache")
def test_a_paper_without_templates_is_made_with_those_of_the_tool(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "papers" / "healthy", tmp_path / "paper")
    done = nioc(installed, tmp_path / "paper", "build", "--to", "epub", "--today", "2020-01-30")
    assert (done.returncode, done.stderr) == (0, "no warnings\n")
    assert (tmp_path / "paper" / "dist" / "crossings.epub").exists()
