"""Find the repository of a folder, and read its small files.

Git never looks for a repository itself: a folder of the paper may look like a bare one and bring a configuration of its
own.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nioc_paper.system.git.git_process import GitRefusedError, NoRepositoryError

MAX_GIT_FILE_BYTES = 2**20
"""Limit of the git files that we read ourselves."""


class Repository(NamedTuple):
    """A repository with a work tree."""

    work_tree: Path
    """Folder that holds `.git`."""
    git_folder: Path
    """Folder of HEAD and the index."""
    common_folder: Path
    """Folder of objects, refs and configuration: the same folder, except in a second work tree."""

    def read_settings(self) -> dict[str, str]:
        """Return the settings in the repository's own file: "user.name" to the value."""
        return dict(_parse_settings(read_small_file(self.common_folder / "config")))


def locate_repository(folder: Path) -> Repository:
    """Return the repository around a folder, vetted or not. Raises NoRepositoryError or GitRefusedError."""
    real = Path(os.path.realpath(folder))
    if not real.is_dir():
        raise NoRepositoryError
    for top in (real, *real.parents):
        if (candidate := _find_repository_at(top)) is not None:
            return candidate
    raise NoRepositoryError


def _find_repository_at(top: Path) -> Repository | None:
    """Return the repository whose work tree is this folder; None if there is none."""
    marker = top / ".git"
    try:
        mode = marker.lstat().st_mode
    except OSError:
        return None
    if stat.S_ISREG(mode):
        return _follow_gitfile(top, marker)
    if not stat.S_ISDIR(mode):
        raise GitRefusedError(f"{marker} is neither a folder nor a file")
    # As for git, a folder without HEAD is not a repository.
    return Repository(top, marker, marker) if os.path.lexists(marker / "HEAD") else None


def _follow_gitfile(top: Path, marker: Path) -> Repository:
    """Return the repository that a file `.git` names: of a second work tree, or of a submodule.

    It must name the work tree in turn. Otherwise a stranger's file could lead to any repository of the user.
    """
    folder = _resolve_path(top, read_small_file(marker).removeprefix("gitdir:"))
    if not {"worktrees", "modules"}.intersection(folder.parts):  # otherwise nothing in that folder is even opened
        raise GitRefusedError(f"{marker} names the folder {folder}, which is not a second work tree or a submodule")
    pointer = folder / "commondir"
    common = _resolve_path(folder, read_small_file(pointer)) if os.path.lexists(pointer) else folder
    repository = Repository(top, folder, common)
    if common == folder:
        points_back = _resolve_path(folder, repository.read_settings().get("core.worktree", "")) == top
    else:
        own_marker = _resolve_path(folder, read_small_file(folder / "gitdir"))
        points_back = own_marker == marker and folder.parent == common / "worktrees"
    if not points_back:
        raise GitRefusedError(f"{marker} names the repository {folder}, which does not name this folder in turn")
    return repository


def _resolve_path(folder: Path, text: str) -> Path:
    return Path(os.path.realpath(folder / text.strip()))


def read_small_file(file: Path) -> str:
    """Return the text of a small file of git; empty if there is none. Raises GitRefusedError for other files."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise GitRefusedError(f"{file} cannot be read: {getattr(error, 'strerror', error)}") from error
    with os.fdopen(handle, "rb") as opened:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise GitRefusedError(f"{file} is not a file")
        return os.fsdecode(opened.read(MAX_GIT_FILE_BYTES))


def _parse_settings(config: str) -> Iterator[tuple[str, str]]:
    """Yield the plain settings in the text of a configuration, without those of subsections."""
    section = ""
    for line in config.splitlines():
        text = line.strip()
        if text.startswith("["):
            section, _, text = text[1:].partition("]")
        key, equals, value = text.partition("=")
        if equals and key.strip()[:1] not in ("#", ";"):
            yield f"{section.strip()}.{key.strip()}".lower(), re.split(r"\s[#;]", value)[0].strip().strip('"')
