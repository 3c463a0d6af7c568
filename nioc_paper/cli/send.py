"""`send`: a chapter out to reviewers in Word; and what sending and receiving share."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from nioc_paper.cli.common import (
    DayParam,
    abort_on,
    load_paper,
    require_chapter,
    require_root,
    resolve_today,
    today_option,
    writable_path,
)
from nioc_paper.model import (
    Chapter,
    Diagnostic,
    Paper,
    Reviews,
    Sending,
    Severity,
    format_count,
    slugify,
    spelling_hint,
)
from nioc_paper.system.files import replace_file
from nioc_paper.wording import ENGLISH

_TOOL_AUTHOR = "nioc <nioc@localhost>"
"""In whose name the ledger is committed."""


@click.command(short_help="Make Word files of a chapter for its reviewers.")
@click.argument("chapter")
@click.option("--to", multiple=True, metavar="PERSON", help="Who gets it. [default: the reviewers of the chapter]")
@click.option("--due", type=DayParam(), metavar="DAY", help="The day by which an answer is asked for.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist/review]")
@today_option
def send(chapter: str, to: Sequence[str], due: date | None, out: Path | None, today: date | None) -> None:
    """Make a Word file of CHAPTER for each reviewer, to edit and comment in, and note in reviews/ who was sent what."""
    from nioc_paper.review.exchange import ledger

    root = require_root(Path.cwd())
    paper, findings = load_paper(root)
    sent_chapter = require_chapter(paper, chapter)
    people = resolve_recipients(paper, sent_chapter, to)
    abort_on(root, [d for d in findings if d.severity == Severity.ERROR])
    require_no_suggestions(paper, chapter)
    commit, on = require_clean_commit(root), resolve_today(paper, today)
    reviews = ledger.find_reviews(paper.reviews, chapter)
    first = len(reviews.sendings) + 1
    sendings = [Sending(number=first + n, to=who, on=on, due=due, commit=commit) for n, who in enumerate(people)]
    write_sendings(root, paper, reviews, sendings, out or writable_path(root, "dist", "review"))
    updated = reviews.replace(sendings=(*reviews.sendings, *sendings))
    save_ledger(root, updated, f"Send '{chapter}' to {', '.join(map(paper.display_name, people))}")
    click.echo("what comes back: nioc receive FILE.docx")


def require_no_suggestions(paper: Paper, chapter: str) -> None:
    """Stop at a chapter with suggestions in its text: a reviewer's change of one could not be told from it."""
    suggestions = [s for c in paper.chapters if c.id == chapter for s in c.suggestions]
    if suggestions:
        some = format_count(len(suggestions), "suggestion")
        raise click.ClickException(
            f"{suggestions[0].place}: '{chapter}' has {some} in its text; take them up or drop them"
        )


def resolve_recipients(paper: Paper, chapter: Chapter, to: Sequence[str]) -> list[str]:
    """Who gets the chapter: whoever is named, by id or by name; else everybody who reviews it."""
    from nioc_paper.review.exchange.incoming import find_person_id

    requested = list(dict.fromkeys(find_person_id(paper, who) for who in to))
    for who in requested:
        if who not in paper.people and who == slugify(who):
            hint = spelling_hint(who, paper.people) or "for somebody from outside write the full name"
            raise click.UsageError(f"nobody in contributors.yaml is called '{who}'; {hint}")
    reviewers = [c.id for c in chapter.front.contributors if c.role == "reviewer"]
    if not requested and not reviewers:
        raise click.UsageError(f"'{chapter.id}' has no reviewer; name one in its front matter, or give --to PERSON")
    return requested or reviewers


def write_sendings(root: Path, paper: Paper, reviews: Reviews, sendings: Sequence[Sending], out: Path) -> None:
    """Write the file of each sending, and say which."""
    from nioc_paper.app.sendings import export_sending
    from nioc_paper.cli.progress_bar import progress_bar
    from nioc_paper.load.templates import read_templates

    with progress_bar(len(sendings)) as stage:
        for sending in sendings:
            stage(paper.display_name(sending.to))
            sending_file = export_sending(paper, reviews.chapter, sending, read_templates(root), reviews.comments)
            file = out / f"{reviews.chapter}-{file_slug(sending.to)}-{sending.number}.docx"
            try:
                out.mkdir(parents=True, exist_ok=True)
                replace_file(file, sending_file.data)
            except OSError as error:
                raise click.ClickException(f"cannot write {file}: {error.strerror}") from error
            click.echo(f"{os.path.relpath(file)}  for {paper.display_name(sending.to)}")
    if sending_file.marking:
        click.echo(ENGLISH[f"holds_{sending_file.marking}"], err=True)


def require_clean_commit(root: Path) -> str:
    """The commit of the paper as it is; stops where something is in no commit: it could not be told from a change."""
    from nioc_paper.system import git

    history = git.read_history(root)
    if history.commit is None:
        how = "put it there: git init, git add --all, git commit"
        raise click.ClickException(f"the paper is in no commit of git, and what comes back is compared with one; {how}")
    if any(git.resolve_commit(root, head) for head in git.MERGE_HEADS):
        raise click.ClickException("git is in the middle of a merge, and takes no other commit; finish it first")
    if history.has_uncommitted:
        changed = git.uncommitted(root, tracked=True) or ["the paper"]
        more = f" and {format_count(len(changed) - 1, 'other file')}" if len(changed) > 1 else ""
        raise click.ClickException(f"{changed[0]}{more} has changes that are in no commit; commit them first")
    return history.commit


def require_readable_ledger(root: Path, findings: Sequence[Diagnostic]) -> None:
    """Stop where a ledger cannot be read as it stands: what is not read would be gone once it is written."""
    abort_on(root, [d for d in findings if d.severity == Severity.ERROR and d.place.path.startswith("reviews/")])


def require_committed_file(root: Path, path: str) -> None:
    """Stop where a file has changes that are in no commit: they would go into the next one."""
    from nioc_paper.system import git

    if git.uncommitted(root, [path]):
        raise click.ClickException(f"{path} has changes that are in no commit; commit them first")


def file_slug(name: str) -> str:
    """A name as part of a file's."""
    return slugify(name) or "reviewer"


def save_ledger(root: Path, reviews: Reviews, message: str) -> None:
    """Write a chapter's ledger, and commit it."""
    from nioc_paper.review.exchange import ledger

    path = ledger.LEDGER_PATH.format(reviews.chapter)
    file = writable_path(root, path)
    file.parent.mkdir(exist_ok=True)
    replace_file(file, ledger.dump_reviews(reviews).encode())
    commit_files(root, path, message, _TOOL_AUTHOR)


def commit_files(root: Path, paths: str | Sequence[str], message: str, author: str) -> None:
    """Commit a file, or some, and nothing else; where git will not, say so."""
    from nioc_paper.system import git

    paths = [paths] if isinstance(paths, str) else paths
    if git.commit_files(root, paths, message, author) is None:
        click.echo(f"git would not commit {' and '.join(paths)}: commit it yourself", err=True)


def commit_author(paper: Paper, who: str) -> str:
    """Somebody as the author of a commit. Addresses are in no register: this one can reach nobody."""
    name = re.sub(r"[<>\n]", "", paper.display_name(who)) or "a reviewer"
    return f"{name} <{file_slug(who)}@reviewers.invalid>"
