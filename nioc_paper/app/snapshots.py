"""The paper as it was in a commit."""

from __future__ import annotations

import errno
from pathlib import Path, PurePosixPath

from nioc_paper.app.errors import AppError
from nioc_paper.model import Paper, Reporter
from nioc_paper.system import git
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.scratch import ScratchFolder


def load_snapshot(root: Path, cache: Cache, commit: str, report: Reporter = lambda _: None) -> Paper:
    """Return the paper as it was in a commit, and report the findings of reading it.

    Raises AppError if git has no such commit.
    """
    from nioc_paper.load import load

    files = git.read_files_at(root, commit)
    if files is None:
        raise AppError(f"git has no commit {commit[:10]}: fetch the history that it is in")
    with ScratchFolder("then") as scratch:
        for path, data in files.items():
            # A tree may hold any name, also one that leads out of the folder.
            if ".." not in PurePosixPath(path).parts and not PurePosixPath(path).is_absolute():
                _write_file(scratch / path, data)
        return load(scratch, report, cache)


def _write_file(file: Path, data: bytes) -> None:
    """Write a file of a commit, unless its name is impossible.

    A damaged tree may hold a file and a folder of one name, or a name that is too long.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EILSEQ):
            raise


def snapshot_key(commit: str, *parts: str) -> str:
    """Return the cache key of data derived from a commit with the present tools."""
    from nioc_paper.load import toolchain_hash

    return cache_key(toolchain_hash(), commit, *parts)
