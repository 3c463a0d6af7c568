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

from nioc_paper.cli.common import chapter_called, inside, load_paper, refuse, root_of, today_in, today_option
from nioc_paper.files import replace_file
from nioc_paper.model import Chapter, Paper, Seal, Severity, nearest

REGISTER = "paper/registers/approvals.yaml"
_BEGUN = "# Who signed which chapter off, and in which commit they read it. Made by: nioc approve CHAPTER --by PERSON\n"


@click.command(short_help="Sign a chapter off.")
@click.argument("chapter")
@click.option("--by", "who", required=True, metavar="PERSON", help="Whose signature it is: an id of contributors.yaml.")
@click.option("--note", metavar="TEXT", help="For colleagues; it is not printed.")
@today_option
def approve(chapter: str, who: str, note: str | None, today: date | None) -> None:
    """Sign CHAPTER off as it is in the last commit. It holds until what the chapter prints changes."""
    root = root_of(Path.cwd())
    paper, found = load_paper(root)
    refuse(root, [d for d in found if d.place.path == REGISTER and d.severity == Severity.ERROR])
    signed_one = chapter_called(paper, chapter)
    known_approver(paper, who)
    ripe(paper, signed_one)
    commit = committed(root, paper, signed_one)
    entry = {"chapter": chapter, "who": who, "commit": commit, "on": today_in(paper, today).isoformat()}
    write_approval(root, entry | ({"note": note} if note else {}))
    click.echo(f"{REGISTER}: '{chapter}' is signed off by {who} as it is in {commit[:10]}; commit the register now")


def known_approver(paper: Paper, who: str) -> None:
    """Stop at somebody who is not known, or may not sign chapters off."""
    from nioc_paper.approvals import may_approve

    if who not in paper.people:
        hint = nearest(who, paper.people) or "write an id that stands there"
        raise click.UsageError(f"nobody in contributors.yaml is called '{who}'; {hint}")
    if not may_approve(paper, who):
        allowed = ", ".join(paper.settings.approvers)
        raise click.ClickException(f"'{who}' may not sign chapters off: paper.yaml names {allowed} under approvers")


def ripe(paper: Paper, chapter: Chapter) -> None:
    """Stop at a chapter that is not in one of the last two statuses: its text is not yet what will be printed."""
    last = [s.id for s in paper.settings.statuses][-2:]
    if last and chapter.front.status not in last:
        where, status = chapter.front.place("status"), chapter.front.status
        raise click.ClickException(f"{where}: '{chapter.id}' is in '{status}', and not yet in {' or '.join(last)}")


def committed(root: Path, paper: Paper, chapter: Chapter) -> str:
    """The commit that has the chapter as it is. Stops where there is none: what is signed must be there to compare."""
    from nioc_paper import git
    from nioc_paper.approvals import seal

    commit = git.commit_of(root)
    changed = git.uncommitted(root, [chapter.path])
    if commit is None or changed is None:
        raise click.ClickException("the paper is in no commit of git: a sign-off would have nothing to refer to")
    if changed:
        raise click.ClickException(f"{chapter.path} has changes that are in no commit; commit them first")
    if sealed(root, commit, chapter.id) != seal(chapter, paper.facts):
        what = "a fact, a picture or a file of data"
        raise click.ClickException(f"'{chapter.id}' draws on {what} that is in no commit; commit it first")
    return commit


def write_approval(root: Path, entry: Mapping[str, str]) -> None:
    """Put a sign-off at the end of the register."""
    from nioc_paper.edit import EditError, add_item

    file = inside(root, REGISTER)
    try:
        before = file.read_bytes().decode() if file.exists() else ""
        file.parent.mkdir(exist_ok=True)
        replace_file(file, add_item(before or f"{_BEGUN}approvals:\n", ("approvals",), entry).encode())
    except (EditError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{REGISTER}: {error}; nothing was changed; see: nioc check") from error
    except OSError as error:
        raise click.ClickException(f"cannot write {REGISTER}: {error.strerror}; it is as it was") from error


# --- what was printed then --------------------------------------------------------------------------------------------


def signed(root: Path, paper: Paper) -> dict[tuple[str, str], Seal | None]:
    """What chapters printed when they were signed off; without those of which git cannot tell."""
    from nioc_paper import git
    from nioc_paper.cache import Cache
    from nioc_paper.cli.past import name_at

    cache = Cache.of(root)
    found: dict[tuple[str, str], Seal | None] = {}
    for approval in paper.approvals:
        # A commit never changes: what a chapter printed in it is found out once.
        name = name_at(approval.commit, "seal", approval.chapter)
        if kept := cache.get(name):
            found[approval.commit, approval.chapter] = Seal(*json.loads(kept))
        elif commit := git.commit_of(root, approval.commit):
            with contextlib.suppress(click.ClickException):  # a clone without old files: unknown
                past = found[approval.commit, approval.chapter] = sealed(root, commit, approval.chapter)
                if past:
                    cache.put(name, json.dumps(astuple(past)).encode())
        elif git.is_whole(root):
            found[approval.commit, approval.chapter] = None
    return found


def sealed(root: Path, commit: str, chapter: str) -> Seal | None:
    """What a chapter printed in a commit; None where it was not in it."""
    from nioc_paper.approvals import seal

    paper = _paper_at(root, commit)
    found = next((c for c in paper.chapters if c.id == chapter), None)
    return seal(found, paper.facts) if found else None


@lru_cache(maxsize=4)
def _paper_at(root: Path, commit: str) -> Paper:
    """Most chapters are signed in a few commits: each is read once."""
    from nioc_paper.cli.past import paper_at

    return paper_at(root, commit)
