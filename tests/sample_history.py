"""A small paper with a history: the healthy one, in commits whose days are known."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from test_papers import appended, copy, read_files, write_files, written


def git(root: Path, *args: str, at: str = "2020-01-06T12:00:00Z") -> str:
    """Git in a folder, as nobody in particular, at a given time."""
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environment |= {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    environment |= {  # a commit starts no second program that looks for work
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "maintenance.auto",
        "GIT_CONFIG_VALUE_0": "false",
    }
    environment |= {
        f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(["git", *args], cwd=root, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(root: Path, at: str) -> None:
    """All that is in a folder, in a commit of that moment."""
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "words", at=at)


def start_repository(root: Path, at: str) -> None:
    """A new repository in a folder, with all that is there in a commit of that moment."""
    git(root, "init", "-q", "-b", "main")
    commit(root, at)


def edit(root: Path, path: str, *changes: tuple[str, str]) -> None:
    """Replace words of a file; each must be in it."""
    text = (root / path).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (root / path).write_text(text, encoding="utf-8")


def start_history(folder: Path, at: str = "2020-01-06T12:00:00Z", changes: Mapping[str, tuple[str, str]] = {}) -> Path:
    """The healthy paper in its first commit."""
    if changes:
        return _make_history(folder, at, changes)
    write_files(folder / "healthy", _history_files(at))
    return folder / "healthy"


@functools.cache
def _history_files(at: str) -> Mapping[str, tuple[bytes, int]]:
    """The files of that repository: copies cost less than three calls of git."""
    with tempfile.TemporaryDirectory() as folder:
        return read_files(_make_history(Path(folder), at, {}))


def _make_history(folder: Path, at: str, changes: Mapping[str, tuple[str, str]]) -> Path:
    root = copy("healthy", folder)
    for path, change in changes.items():
        edit(root, path, change)
    (root / ".gitignore").write_text("dist/\n.cache/\n", encoding="utf-8")
    start_repository(root, at)
    return root


REVIEWS = """chapter: bridges
sendings:
- {number: 1, to: ben-lock, on: 2020-02-03, due: 2020-02-14, commit: 0123456789012345678901234567890123456789}
- {number: 2, to: "Müller, Anna", on: 2020-02-10, commit: 0123456789012345678901234567890123456789}
comments:
- {number: 1, by: ben-lock, on: 2020-02-10, text: Say since when.}
- {number: 2, by: ben-lock, on: 2020-02-10, text: Who pays?}
"""


def february(folder: Path) -> Path:
    """The paper after a February in which things moved: its last commit but one is of January."""
    return Path(shutil.copytree(Path(_original().name) / "healthy", folder / "healthy"))


@functools.cache
def _original() -> tempfile.TemporaryDirectory[str]:
    """The same, committed once: its copies start no git. Removed when this process ends."""
    folder = tempfile.TemporaryDirectory()
    root = start_history(Path(folder.name))
    written(root / "reviews" / "bridges.yaml", REVIEWS)
    commit(root, "2020-01-30T12:00:00Z")
    edit(root, "chapters/bridges.md", ("status: drafting", "status: review"), ("Inspect every", "Inspect each"))
    rule = "::: {#rec-br-sign .recommendation}\nPut the load on a sign at every bridge.\n\n- Owner: RDA\n:::\n"
    appended(root / "chapters/bridges.md", f"\n{rule}")
    answer = "answer: {disposition: accept, by: ben-lock, on: 2020-02-20}"
    edit(root, "reviews/bridges.yaml", ("Who pays?}", f"Who pays?, {answer}}}"))
    edit(
        root,
        "paper/registers/decisions.yaml",
        ("link: summary", "link: summary\n    state: done\n"),
    )
    appended(
        root / "paper/registers/decisions.yaml",
        "  - {id: d2, meeting: second, on: 2020-02-05, kind: offer, text: Lend a boat., who: [ada-north]}\n",
    )
    commit(root, "2020-02-20T12:00:00Z")
    return folder
