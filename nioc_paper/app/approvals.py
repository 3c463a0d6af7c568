"""Approvals of chapters, compared with the content of the commits that they name."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from msgspec.structs import astuple

from nioc_paper.app.errors import AppError, RequestError
from nioc_paper.app.snapshots import load_snapshot, snapshot_key
from nioc_paper.domain.approvals import hash_chapter, may_approve
from nioc_paper.model import ContentHash, Paper, spelling_hint
from nioc_paper.system import git
from nioc_paper.system.cache import Cache

REGISTER_PATH = "paper/registers/approvals.yaml"


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


def validate_approver(paper: Paper, who: str) -> None:
    """Raise RequestError for an unknown person, AppError for one who may not approve chapters."""
    if who not in paper.people:
        hint = spelling_hint(who, paper.people) or "write an id from that file"
        raise RequestError(f"nobody in contributors.yaml is called '{who}'; {hint}")
    if not may_approve(paper, who):
        allowed = ", ".join(paper.settings.approvers)
        raise AppError(f"'{who}' may not sign chapters off: paper.yaml names {allowed} under approvers")
