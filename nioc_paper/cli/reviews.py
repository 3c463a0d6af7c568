"""`send`: a chapter out to reviewers in Word; and what sending and receiving share."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from nioc_paper.cli.common import Day, chapter_called, inside, load_paper, refuse, root_of, today_in, today_option
from nioc_paper.files import replace_file
from nioc_paper.model import Chapter, Diagnostic, Paper, Reviews, Sending, Severity, as_id, count, nearest
from nioc_paper.wording import ENGLISH

_TOOL = "nioc <nioc@localhost>"
"""In whose name the ledger is committed."""


@click.command(short_help="Make Word files of a chapter for its reviewers.")
@click.argument("chapter")
@click.option("--to", multiple=True, metavar="PERSON", help="Who gets it. [default: the reviewers of the chapter]")
@click.option("--due", type=Day(), metavar="DAY", help="The day by which an answer is asked for.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist/review]")
@today_option
def send(chapter: str, to: Sequence[str], due: date | None, out: Path | None, today: date | None) -> None:
    """Make a Word file of CHAPTER for each reviewer, to edit and comment in, and note in reviews/ who was sent what."""
    from nioc_paper.review import ledger

    root = root_of(Path.cwd())
    paper, found = load_paper(root)
    sent = chapter_called(paper, chapter)
    people = recipients(paper, sent, to)
    refuse(root, [d for d in found if d.severity == Severity.ERROR])
    unsettled(paper, chapter)
    commit, on = committed(root), today_in(paper, today)
    reviews = ledger.of(paper.reviews, chapter)
    first = len(reviews.sendings) + 1
    sendings = [Sending(number=first + n, to=who, on=on, due=due, commit=commit) for n, who in enumerate(people)]
    write(root, paper, reviews, sendings, out or inside(root, "dist", "review"))
    kept = reviews.changed(sendings=(*reviews.sendings, *sendings))
    keep(root, kept, f"Send '{chapter}' to {', '.join(map(paper.name, people))}")
    click.echo("what comes back: nioc receive FILE.docx")


def unsettled(paper: Paper, chapter: str) -> None:
    """Stop at a chapter with suggestions in its text: a reviewer's change of one could not be told from it."""
    found = [s for c in paper.chapters if c.id == chapter for s in c.suggestions]
    if found:
        some = count(len(found), "suggestion")
        raise click.ClickException(f"{found[0].place}: '{chapter}' has {some} in its text; take them up or drop them")


def recipients(paper: Paper, chapter: Chapter, to: Sequence[str]) -> list[str]:
    """Who gets the chapter: whoever is named, by id or by name; else everybody who reviews it."""
    from nioc_paper.review.incoming import person

    named = list(dict.fromkeys(person(paper, who) for who in to))
    for who in named:
        if who not in paper.people and who == as_id(who):
            hint = nearest(who, paper.people) or "for somebody from outside write the full name"
            raise click.UsageError(f"nobody in contributors.yaml is called '{who}'; {hint}")
    reviewers = [c.id for c in chapter.front.contributors if c.role == "reviewer"]
    if not named and not reviewers:
        raise click.UsageError(f"'{chapter.id}' has no reviewer; name one in its front matter, or give --to PERSON")
    return named or reviewers


def write(root: Path, paper: Paper, reviews: Reviews, sendings: Sequence[Sending], out: Path) -> None:
    """Write the file of each sending, and say which."""
    from nioc_paper.cli.sent import exported
    from nioc_paper.cli.stages import stages
    from nioc_paper.load.templates import read_templates

    with stages(len(sendings)) as stage:
        for sending in sendings:
            stage(paper.name(sending.to))
            made = exported(paper, reviews.chapter, sending, read_templates(root), reviews.comments)
            file = out / f"{reviews.chapter}-{slug(sending.to)}-{sending.number}.docx"
            try:
                out.mkdir(parents=True, exist_ok=True)
                replace_file(file, made.data)
            except OSError as error:
                raise click.ClickException(f"cannot write {file}: {error.strerror}") from error
            click.echo(f"{os.path.relpath(file)}  for {paper.name(sending.to)}")
    if made.marking:
        click.echo(ENGLISH[f"holds_{made.marking}"], err=True)


def committed(root: Path) -> str:
    """The commit of the paper as it is; stops where something is in no commit: it could not be told from a change."""
    from nioc_paper import git

    known = git.history(root)
    if known.commit is None:
        how = "put it there: git init, git add --all, git commit"
        raise click.ClickException(f"the paper is in no commit of git, and what comes back is compared with one; {how}")
    if any(git.commit_of(root, head) for head in git.UNFINISHED):
        raise click.ClickException("git is in the middle of a merge, and takes no other commit; finish it first")
    if known.dirty:
        changed = git.uncommitted(root, tracked=True) or ["the paper"]
        more = f" and {count(len(changed) - 1, 'other file')}" if len(changed) > 1 else ""
        raise click.ClickException(f"{changed[0]}{more} has changes that are in no commit; commit them first")
    return known.commit


def whole(root: Path, found: Sequence[Diagnostic]) -> None:
    """Stop where a ledger cannot be read as it stands: what is not read would be gone once it is written."""
    refuse(root, [d for d in found if d.severity == Severity.ERROR and d.place.path.startswith("reviews/")])


def clean(root: Path, path: str) -> None:
    """Stop where a file has changes that are in no commit: they would go into the next one."""
    from nioc_paper import git

    if git.uncommitted(root, [path]):
        raise click.ClickException(f"{path} has changes that are in no commit; commit them first")


def slug(name: str) -> str:
    """A name as part of a file's."""
    return as_id(name) or "reviewer"


def keep(root: Path, reviews: Reviews, message: str) -> None:
    """Write a chapter's ledger, and commit it."""
    from nioc_paper.review import ledger

    path = ledger.PATH.format(reviews.chapter)
    file = inside(root, path)
    file.parent.mkdir(exist_ok=True)
    replace_file(file, ledger.dump(reviews).encode())
    commit(root, path, message, _TOOL)


def commit(root: Path, paths: str | Sequence[str], message: str, author: str) -> None:
    """Commit a file, or some, and nothing else; where git will not, say so."""
    from nioc_paper import git

    paths = [paths] if isinstance(paths, str) else paths
    if git.commit(root, paths, message, author) is None:
        click.echo(f"git would not commit {' and '.join(paths)}: commit it yourself", err=True)


def signature(paper: Paper, who: str) -> str:
    """Somebody as the author of a commit. Addresses are in no register: this one can reach nobody."""
    name = re.sub(r"[<>\n]", "", paper.name(who)) or "a reviewer"
    return f"{name} <{slug(who)}@reviewers.invalid>"
