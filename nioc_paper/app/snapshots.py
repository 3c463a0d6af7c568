"""The paper as it was in a commit."""

from __future__ import annotations

import errno
from pathlib import Path, PurePosixPath

import click

from nioc_paper.model import Paper, Reporter


def load_snapshot(root: Path, commit: str, report: Reporter = lambda _: None) -> Paper:
    """The paper as it was in a commit; what reading it finds is reported."""
    from nioc_paper.load import load
    from nioc_paper.system import git
    from nioc_paper.system.cache import Cache
    from nioc_paper.system.scratch import ScratchFolder

    files = git.read_files_at(root, commit)
    if files is None:
        raise click.ClickException(f"git has no commit {commit[:10]}: fetch the history that it is in")
    with ScratchFolder("then") as scratch:
        for path, data in files.items():
            # A tree may hold any name; what leads out of the folder is no file of a paper.
            if ".." not in PurePosixPath(path).parts and not PurePosixPath(path).is_absolute():
                _write_file(scratch / path, data)
        return load(scratch, report, Cache.for_paper(root))


def _write_file(file: Path, data: bytes) -> None:
    """Write a file of a commit. A damaged tree may hold a file and a folder of one name, or a name that is too long."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EILSEQ):
            raise


def snapshot_key(commit: str, *parts: str) -> str:
    """Under which name the cache keeps what the paper was in a commit, as it is read today: a commit never changes."""
    from nioc_paper.load import toolchain_hash
    from nioc_paper.system.cache import cache_key

    return cache_key(toolchain_hash(), commit, *parts)
