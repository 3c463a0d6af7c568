"""The paper as it was in a commit, and approvals of chapters as they were there."""

from __future__ import annotations

import contextlib
import errno
import json
from pathlib import Path, PurePosixPath

from msgspec.structs import astuple

from nioc_paper.app.errors import AppError
from nioc_paper.domain.approvals import hash_chapter
from nioc_paper.model import ContentHash, Paper, Reporter
from nioc_paper.system import git
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.scratch import ScratchFolder


def load_snapshot(root: Path, cache: Cache, commit: str, report: Reporter = lambda _: None) -> Paper:
    """Return the paper as it was in a commit, and report the findings of reading it.

    Raises AppError if git has no such commit.
    """
    from nioc_paper.load import load

    if not git.resolve_commit(root, commit) or (files := git.read_files_at(root, commit)) is None:
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


# --- approvals of chapters, compared with the content of the commits that they name -----------------------------------


def load_approved_hashes(root: Path, cache: Cache, paper: Paper) -> dict[tuple[str, str], ContentHash | None]:
    """Return the content hashes of approved chapters, by commit and chapter.

    A value is None if the commit is not in the history, or has no such chapter. A key is missing if the clone lacks the
    commit or its files.
    """
    hashes: dict[tuple[str, str], ContentHash | None] = {}
    snapshots: dict[str, Paper] = {}
    for approval in paper.approvals:
        key = snapshot_key(approval.commit, "seal", approval.chapter)
        if cached := cache.get(key):
            hashes[approval.commit, approval.chapter] = ContentHash(*json.loads(cached))
        elif commit := git.resolve_commit(root, approval.commit):
            with contextlib.suppress(AppError):  # a clone without old files
                if commit not in snapshots:
                    snapshots[commit] = load_snapshot(root, cache, commit)
                old_hash = hashes[approval.commit, approval.chapter] = hash_in(snapshots[commit], approval.chapter)
                if old_hash:
                    cache.put(key, json.dumps(astuple(old_hash)).encode())
        elif git.has_full_history(root):
            hashes[approval.commit, approval.chapter] = None
    return hashes


def hash_in(paper: Paper, chapter: str) -> ContentHash | None:
    """Return the content hash of a chapter; None if the paper has no such chapter."""
    match = next((c for c in paper.chapters if c.id == chapter), None)
    return hash_chapter(match, paper.facts) if match else None
