"""Start git with limits, in an environment of ours."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from nioc_paper.system import processes


class NoRepositoryError(Exception):
    """There is no repository around the folder, or no git on this machine."""


class GitRefusedError(Exception):
    """Git does not answer, or the repository must not be read. The argument is the reason."""


_CPU_SECONDS = 20
LIMIT_REASON_PREFIX = "git took"
"""Start of the reason of a refusal that another try would only repeat."""
_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",  # a file may have the name `*` or `:(top)`
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
}


def start_git(
    folder: Path | None, args: Sequence[str], data: bytes, env: Mapping[str, str | None]
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder, or in an empty one. Raises NoRepositoryError without git, GitRefusedError if it fails."""
    environment = {name: value for name, value in {**_ENVIRONMENT, **env}.items() if value is not None}
    try:
        return processes.run("git", ["git", *args], data, seconds=_CPU_SECONDS, folder=folder, variables=environment)
    except FileNotFoundError:
        raise NoRepositoryError from None
    except OSError as error:
        raise GitRefusedError(f"git cannot be started: {error.strerror}") from error
    except processes.LimitError as error:
        raise GitRefusedError(f"{LIMIT_REASON_PREFIX} {error}") from None


def run_git_outside(folder: Path, args: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder outside any repository. Raises NoRepositoryError without git, GitRefusedError if it fails."""
    return start_git(folder, args, b"", {"GIT_CEILING_DIRECTORIES": str(folder.parent)})


def read_user_setting(name: str) -> str:
    """Return a setting of the user; empty if there is none."""
    # HOME and the like decide which files these are.
    own = {"GIT_CONFIG_GLOBAL": None, "GIT_CONFIG_NOSYSTEM": None, "GIT_DIR": os.devnull}
    completed = start_git(None, ["config", "--get", name], b"", {**own, **user_environment()})
    return completed.stdout.decode(errors="replace").strip()


def user_environment() -> dict[str, str]:
    """Return the variables by which git finds the settings of the user."""
    return processes.inherited_folders("HOME", "XDG_CONFIG_HOME")
