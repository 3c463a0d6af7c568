"""Run git, and record why it did not answer.

No repository and no git give "unknown". So does a question that git refuses, but its reason is recorded in
REFUSAL_REASONS for the command to report.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache as once
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from nioc_paper.model import Diagnostic, Place, Severity
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.system.git import git_process, isolated_git
from nioc_paper.system.git.git_process import GitRefusedError, NoRepositoryError
from nioc_paper.system.processes import find_program

REFUSAL_REASONS: dict[Path, str] = {}
"""First reason in this process why git did not answer, by the folder that it was asked about."""
_Answer = TypeVar("_Answer")
_MAX_REASON_LENGTH = 200
_MAX_ANSWERS = 32
"""Answers that are remembered: a build asks ten questions, half of them two to four times."""
_FRESH_NS = 2_000_000_000
"""Age up to which a file may change again without a new time: git and some disks count whole seconds."""


def ask(root: Path, *args: str, cache: Cache = NO_CACHE) -> str | None:
    """Return git's output; None without an answer. A refusal is recorded in REFUSAL_REASONS.

    With a cache, the next command gets the output from there, until a file of the repository changes.
    """
    output = answer_or_none(root, lambda: _answer(root, args, isolated_git.read_state(root), cache))
    return None if output is None else os.fsdecode(output).rstrip("\n")


def answer_or_none(root: Path, ask_git: Callable[[], _Answer]) -> _Answer | None:
    """Return git's answer to a question; None without one. A refusal is recorded in REFUSAL_REASONS."""
    if REFUSAL_REASONS.get(root, "").startswith(git_process.LIMIT_REASON_PREFIX):
        return None  # the next question would wait for the limit again
    try:
        return ask_git()
    except NoRepositoryError:
        return None
    except GitRefusedError as error:
        if reason := str(error):
            REFUSAL_REASONS.setdefault(root, reason)
        return None


def is_settled(changed_ns: int) -> bool:
    """Return whether a file that last changed at this time would get another time with the next change."""
    return abs(time.time_ns() - changed_ns) > _FRESH_NS


@lru_cache(maxsize=_MAX_ANSWERS)
def _answer(root: Path, args: Sequence[str], state: isolated_git.RepositoryState, cache: Cache) -> bytes:
    """Return git's output, remembered until its files change."""
    # A repository that changed a moment ago may change again without new times.
    files, changed_ns = state
    cache = cache if is_settled(changed_ns) else NO_CACHE
    key = cache_key("git", source_hash(), _git_program(), str(root), *args, "", files)
    return cache.get_or_create(key, lambda: run_bytes(root, args))


@once
def _git_program() -> str:
    """Return the path of git; empty without it: then nothing is known of a repository."""
    return find_program("git") or ""


def refusal_findings(root: Path) -> list[Diagnostic]:
    """Return the reasons in REFUSAL_REASONS for the paper in a folder as findings, each once."""
    hint = "content that depends on the history of the paper is left out or refused"
    reasons = sorted({reason for folder, reason in REFUSAL_REASONS.items() if folder.is_relative_to(root)})
    return [Diagnostic(Place(".git"), "git-refused", reason, Severity.WARNING, hint) for reason in reasons]


def run_text(root: Path, *args: str, data: bytes = b"", env: Mapping[str, str] = {}, index: Path | None = None) -> str:
    """Return git's output as text, with an index of ours if given. Raises as `run_bytes`."""
    return os.fsdecode(run_bytes(root, args, data, env, index))


def run_bytes(
    root: Path, args: Sequence[str], data: bytes = b"", env: Mapping[str, str] = {}, index: Path | None = None
) -> bytes:
    """Return git's output. Raises GitRefusedError; without a reason if the thing asked for does not exist."""
    completed = isolated_git.run_git(root, args, data, env, index)
    if completed.returncode == 0:
        return completed.stdout
    raise GitRefusedError("" if completed.returncode == 1 and not completed.stderr else _failure_reason(completed))


def _failure_reason(completed: subprocess.CompletedProcess[bytes]) -> str:
    """Return git's own reason, in one line."""
    lines = completed.stderr.decode(errors="replace").splitlines()
    reasons: Iterable[str] = (line.partition(": ")[2] for line in lines if line.startswith(("fatal: ", "error: ")))
    return f"git says: {next(iter(reasons), f'exit code {completed.returncode}')[:_MAX_REASON_LENGTH]}"
