"""`approve`: a chapter is signed off, and what chapters printed when they were."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import astuple
from datetime import date
from functools import lru_cache
from pathlib import Path

import click

from nioc_paper.cli.common import (
    abort_on,
    load_paper,
    require_chapter,
    require_root,
    resolve_today,
    today_option,
    writable_path,
)
from nioc_paper.model import Chapter, ContentHash, Paper, Severity, spelling_hint
from nioc_paper.system.files import replace_file

REGISTER_PATH = "paper/registers/approvals.yaml"
_REGISTER_HEADER = (
    "# Who signed which chapter off, and in which commit they read it. Made by: nioc approve CHAPTER --by PERSON\n"
)


@click.command(short_help="Sign a chapter off.")
@click.argument("chapter")
@click.option("--by", "who", required=True, metavar="PERSON", help="Whose signature it is: an id of contributors.yaml.")
@click.option("--note", metavar="TEXT", help="For colleagues; it is not printed.")
@today_option
def approve(chapter: str, who: str, note: str | None, today: date | None) -> None:
    """Sign CHAPTER off as it is in the last commit. It holds until what the chapter prints changes."""
    root = require_root(Path.cwd())
    paper, findings = load_paper(root)
    abort_on(root, [d for d in findings if d.place.path == REGISTER_PATH and d.severity == Severity.ERROR])
    target = require_chapter(paper, chapter)
    validate_approver(paper, who)
    require_ready(paper, target)
    commit = require_committed_chapter(root, paper, target)
    entry = {"chapter": chapter, "who": who, "commit": commit, "on": resolve_today(paper, today).isoformat()}
    append_approval(root, entry | ({"note": note} if note else {}))
    click.echo(
        f"{REGISTER_PATH}: '{chapter}' is signed off by {who} as it is in {commit[:10]}; commit the register now"
    )


def validate_approver(paper: Paper, who: str) -> None:
    """Stop at somebody who is not known, or may not sign chapters off."""
    from nioc_paper.domain.approvals import may_approve

    if who not in paper.people:
        hint = spelling_hint(who, paper.people) or "write an id that stands there"
        raise click.UsageError(f"nobody in contributors.yaml is called '{who}'; {hint}")
    if not may_approve(paper, who):
        allowed = ", ".join(paper.settings.approvers)
        raise click.ClickException(f"'{who}' may not sign chapters off: paper.yaml names {allowed} under approvers")


def require_ready(paper: Paper, chapter: Chapter) -> None:
    """Stop at a chapter that is not in one of the last two statuses: its text is not yet what will be printed."""
    last = [s.id for s in paper.settings.statuses][-2:]
    if last and chapter.front.status not in last:
        where, status = chapter.front.place("status"), chapter.front.status
        raise click.ClickException(f"{where}: '{chapter.id}' is in '{status}', and not yet in {' or '.join(last)}")


def require_committed_chapter(root: Path, paper: Paper, chapter: Chapter) -> str:
    """The commit that has the chapter as it is. Stops where there is none: what is signed must be there to compare."""
    from nioc_paper.domain.approvals import hash_chapter
    from nioc_paper.system import git

    commit = git.resolve_commit(root)
    changed = git.uncommitted(root, [chapter.path])
    if commit is None or changed is None:
        raise click.ClickException("the paper is in no commit of git: a sign-off would have nothing to refer to")
    if changed:
        raise click.ClickException(f"{chapter.path} has changes that are in no commit; commit them first")
    if hash_chapter_at(root, commit, chapter.id) != hash_chapter(chapter, paper.facts):
        source_kinds = "a fact, a picture or a file of data"
        raise click.ClickException(f"'{chapter.id}' draws on {source_kinds} that is in no commit; commit it first")
    return commit


def append_approval(root: Path, entry: Mapping[str, str]) -> None:
    """Put a sign-off at the end of the register."""
    from nioc_paper.edit.yaml import EditError, append_to_list

    file = writable_path(root, REGISTER_PATH)
    try:
        before = file.read_bytes().decode() if file.exists() else ""
        file.parent.mkdir(exist_ok=True)
        replace_file(file, append_to_list(before or f"{_REGISTER_HEADER}approvals:\n", ("approvals",), entry).encode())
    except (EditError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{REGISTER_PATH}: {error}; nothing was changed; see: nioc check") from error
    except OSError as error:
        raise click.ClickException(f"cannot write {REGISTER_PATH}: {error.strerror}; it is as it was") from error


# --- what was printed then --------------------------------------------------------------------------------------------


def load_approved_hashes(root: Path, paper: Paper) -> dict[tuple[str, str], ContentHash | None]:
    """What chapters printed when they were signed off; without those of which git cannot tell."""
    from nioc_paper.app.snapshots import snapshot_key
    from nioc_paper.system import git
    from nioc_paper.system.cache import Cache

    cache = Cache.for_paper(root)
    hashes: dict[tuple[str, str], ContentHash | None] = {}
    for approval in paper.approvals:
        # A commit never changes: what a chapter printed in it is found out once.
        name = snapshot_key(approval.commit, "seal", approval.chapter)
        if cached := cache.get(name):
            hashes[approval.commit, approval.chapter] = ContentHash(*json.loads(cached))
        elif commit := git.resolve_commit(root, approval.commit):
            with contextlib.suppress(click.ClickException):  # a clone without old files: unknown
                old_hash = hashes[approval.commit, approval.chapter] = hash_chapter_at(root, commit, approval.chapter)
                if old_hash:
                    cache.put(name, json.dumps(astuple(old_hash)).encode())
        elif git.has_full_history(root):
            hashes[approval.commit, approval.chapter] = None
    return hashes


def hash_chapter_at(root: Path, commit: str, chapter: str) -> ContentHash | None:
    """What a chapter printed in a commit; None where it was not in it."""
    from nioc_paper.domain.approvals import hash_chapter

    paper = _load_snapshot_once(root, commit)
    match = next((c for c in paper.chapters if c.id == chapter), None)
    return hash_chapter(match, paper.facts) if match else None


@lru_cache(maxsize=4)
def _load_snapshot_once(root: Path, commit: str) -> Paper:
    """Most chapters are signed in a few commits: each is read once."""
    from nioc_paper.app.snapshots import load_snapshot

    return load_snapshot(root, commit)
