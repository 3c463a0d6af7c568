"""Decide whether the files of a repository may be read: none leads out of it, and it is the user's."""

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path

from nioc_paper.system.git.process import GitRefusedError, start_git, user_environment
from nioc_paper.system.git.repository import MAX_GIT_FILE_BYTES, Repository

_MAX_INDEX_BYTES = 64 * 2**20
"""Limit of index, packed refs and the like: an index of 500,000 files is smaller."""
LINKED_PARTS = ("objects", "refs", "packed-refs", "shallow", "logs", "reftable")
"""Parts of a repository that git sees through our folder."""
_WORKTREE_FOLDERS = ("refs", "logs")
"""Folders that a second work tree has of its own besides those of its repository."""


def require_trusted(repository: Repository) -> None:
    """Raise GitRefusedError for a repository that leads out of its folder, or belongs to another user."""
    _require_self_contained(repository)
    _require_owner(repository)


def _require_self_contained(repository: Repository) -> None:
    """Raise GitRefusedError if the repository leads out of its folder: through links, or to objects of another one."""
    parts = (
        *(repository.common_folder / name for name in LINKED_PARTS),
        *(repository.git_folder / name for name in _WORKTREE_FOLDERS),
    )
    for part in parts:
        _require_plain_path(part)
    _require_openable(repository.git_folder)
    for name in ("objects", "refs"):
        if not (repository.common_folder / name).is_dir():
            raise GitRefusedError(f"{repository.common_folder} is damaged: it has no folder '{name}'")
    if os.path.lexists(repository.common_folder / "objects" / "info" / "alternates"):
        raise GitRefusedError(
            f"{repository.common_folder / 'objects/info/alternates'} leads to objects outside of the repository"
        )
    for part in parts:
        _require_plain_files(part, MAX_GIT_FILE_BYTES if part.name == "refs" else None)


def _require_plain_path(file: Path) -> None:
    try:
        state = file.lstat()
    except OSError:
        return
    mode, size = state.st_mode, state.st_size
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise GitRefusedError(f"{file} is neither a file nor a folder")
    if stat.S_ISREG(mode) and size > _MAX_INDEX_BYTES:
        raise GitRefusedError(f"{file} has {size} bytes; {_MAX_INDEX_BYTES} are allowed")


@cache
def _require_openable(git_folder: Path) -> None:
    """Raise GitRefusedError if git could wait at a file of its folder, or read one elsewhere; once per process.

    Git opens any name there as that of a commit. A socket it cannot open, and it has one of its own.
    """
    try:
        entries = list(git_folder.iterdir())
    except OSError as error:
        raise GitRefusedError(f"{git_folder} cannot be read: {error.strerror}") from error
    for entry in entries:
        if not (entry.is_socket() or (entry.is_symlink() and entry.is_dir())):
            _require_plain_path(entry)


@cache
def _require_plain_files(folder: Path, most: int | None) -> None:
    """Raise GitRefusedError unless everything below a folder is folders and files of limited size; once per process."""
    pending = [str(folder)] if folder.is_dir() else []
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    elif not entry.is_file(follow_symlinks=False):
                        raise GitRefusedError(f"{entry.path} is neither a file nor a folder")
                    elif most and entry.stat(follow_symlinks=False).st_size > most:
                        raise GitRefusedError(f"{entry.path} has more than the {most} bytes that are allowed")
        except OSError as error:
            raise GitRefusedError(f"{error.filename} cannot be read: {error.strerror}") from error


def _require_owner(repository: Repository) -> None:
    """Raise GitRefusedError for a repository of another user, unless git's settings declare it safe."""
    owned_paths = {repository.work_tree, repository.work_tree / ".git", repository.git_folder, repository.common_folder}
    if all(path.lstat().st_uid == os.geteuid() for path in owned_paths):
        return
    # Git itself knows the directories that the user has declared safe. It reads no configuration of the repository
    # before.
    settings = {"GIT_CONFIG_GLOBAL": None, "GIT_CONFIG_NOSYSTEM": None, **user_environment()}
    ceiling = {"GIT_CEILING_DIRECTORIES": str(repository.work_tree.parent)}
    args = ["-c", "safe.bareRepository=explicit", "rev-parse", "--git-dir"]
    if start_git(repository.work_tree, args, b"", {**settings, **ceiling}).returncode:
        how = f"if you trust it: git config --global --add safe.directory {repository.work_tree}"
        raise GitRefusedError(f"the repository in {repository.work_tree} belongs to another user; {how}")
