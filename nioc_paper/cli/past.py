"""The paper as it was in a commit."""

from __future__ import annotations

import errno
from pathlib import Path, PurePosixPath

import click

from nioc_paper.model import Paper, Report


def paper_at(root: Path, commit: str, report: Report = lambda _: None) -> Paper:
    """The paper as it was in a commit; what reading it finds is reported."""
    from nioc_paper import git
    from nioc_paper.cache import Cache
    from nioc_paper.load import load
    from nioc_paper.system.scratch import ScratchFolder

    files = git.files_at(root, commit)
    if files is None:
        raise click.ClickException(f"git has no commit {commit[:10]}: fetch the history that it is in")
    with ScratchFolder("then") as scratch:
        for path, data in files.items():
            # A tree may hold any name; what leads out of the folder is no file of a paper.
            if ".." not in PurePosixPath(path).parts and not PurePosixPath(path).is_absolute():
                _lay(scratch / path, data)
        return load(scratch, report, Cache.of(root))


def _lay(file: Path, data: bytes) -> None:
    """Write a file of a commit. A damaged tree may hold a file and a folder of one name, or a name that is too long."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EILSEQ):
            raise


def name_at(commit: str, *what: str) -> str:
    """Under which name the cache keeps what the paper was in a commit, as it is read today: a commit never changes."""
    from nioc_paper.cache import key
    from nioc_paper.load import means

    return key(means(), commit, *what)
