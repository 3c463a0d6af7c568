"""`comments`: what reviewers said, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import get_args

import click

from nioc_paper.cli.common import known_chapter, load_paper, root_of, today_in, today_option
from nioc_paper.cli.reviews import clean, keep, whole
from nioc_paper.model import Answer, Comment, Paper, Place, Remark, Reviews
from nioc_paper.model.reviews import Disposition, Kind


@click.group(invoke_without_command=True, short_help="List what reviewers said, and answer it.")
@click.option("--chapter", metavar="ID", help="Those of one chapter.")
@click.option("--open", "unanswered", is_flag=True, help="Those without an answer.")
@click.option("--by", metavar="PERSON", help="Those of one person, by id or name.")
@click.option("--kind", type=click.Choice(get_args(Kind)), help="Those of one kind.")
@click.pass_context
def comments(context: click.Context, chapter: str | None, unanswered: bool, by: str | None, kind: str | None) -> None:
    """List what reviewers said, and the changes in their files that must be worked in by hand."""
    if context.invoked_subcommand:
        return
    from nioc_paper.report.comments import listing
    from nioc_paper.review.incoming import person
    from nioc_paper.review.ledger import remarks

    root = root_of(Path.cwd())
    paper, found = load_paper(root)
    whole(root, found)
    known_chapter(paper, chapter)
    wanted = [
        (reviews, remark)
        for reviews, remark in remarks(paper.reviews)
        if (chapter is None or reviews.chapter == chapter)
        and (by is None or person(paper, by) == remark.by)
        and (kind is None or (isinstance(remark, Comment) and remark.kind == kind))
        and not (unanswered and remark.answer)
    ]
    click.echo(listing(paper, list(placed(paper, wanted))))


@comments.command(short_help="Say what becomes of a comment.")
@click.argument("number", type=int)
@click.argument("disposition", metavar="DISPOSITION", type=click.Choice(get_args(Disposition)))
@click.option("--because", metavar="REASON", help="Why; needed for all but accept.")
@click.option("--by", metavar="PERSON", help="Who decided. [default: the editor of the paper]")
@click.option("--commit", metavar="COMMIT", help="The commit in which it was worked in. [default: the last]")
@today_option
def answer(
    number: int, disposition: Disposition, because: str | None, by: str | None, commit: str | None, today: date | None
) -> None:
    """Say what becomes of the comment NUMBER: accept, accept-in-part, reject or defer."""
    from nioc_paper import git

    root = root_of(Path.cwd())
    paper, found = load_paper(root)
    whole(root, found)
    reviews, remark = numbered(paper, number)
    if disposition != "accept" and not because:
        raise click.UsageError("say why: --because REASON; whoever made the comment will read it")
    who = by or paper.settings.editor
    if not who:
        raise click.UsageError("paper.yaml names no editor; say who decided: --by PERSON")
    worked_in = git.commit_of(root, commit or "HEAD") if disposition.startswith("accept") else None
    if commit and worked_in is None:
        raise click.UsageError(f"git knows no commit '{commit}'")
    decided = Answer(disposition=disposition, reason=because, by=who, on=today_in(paper, today), commit=worked_in)
    save(root, reviews, remark.changed(answer=decided), f"Answer comment {number} on '{{}}'")
    click.echo(f"comment {number}: {disposition}")


@comments.command("set", short_help="Say how much hangs on a comment.")
@click.argument("number", type=int)
@click.option("--kind", type=click.Choice(get_args(Kind)), required=True, help="What it is.")
def set_(number: int, kind: Kind) -> None:
    """Say how much hangs on the comment NUMBER: critical and major ones hold the chapter until they are answered."""
    root = root_of(Path.cwd())
    paper, found = load_paper(root)
    whole(root, found)
    reviews, remark = numbered(paper, number)
    if not isinstance(remark, Comment):
        raise click.UsageError(f"{number} is a change to be worked in by hand, and no comment")
    save(root, reviews, remark.changed(kind=kind), f"Call comment {number} on '{{}}' {kind}")
    click.echo(f"comment {number}: {kind}")


def placed(paper: Paper, remarks: list[tuple[Reviews, Remark]]) -> Iterator[tuple[Place, Remark]]:
    """Remarks with the places of what they are about; those whose words are gone with that of their chapter."""
    from nioc_paper.review.passages import Today

    today = {c.id: Today(c) for c in paper.chapters if c.id in {reviews.chapter for reviews, _ in remarks}}
    for reviews, remark in remarks:
        chapter = today.get(reviews.chapter)
        place = chapter.place(remark) if chapter else None
        yield place or Place(chapter.chapter.path if chapter else f"reviews/{reviews.chapter}.yaml"), remark


def numbered(paper: Paper, number: int) -> tuple[Reviews, Remark]:
    """The remark of a number, and the ledger that it is in."""
    from nioc_paper.review.ledger import remarks

    found = next(((reviews, r) for reviews, r in remarks(paper.reviews) if r.number == number), None)
    if found is None:
        raise click.UsageError(f"no comment has the number {number}; to see them: nioc comments")
    return found


def save(root: Path, reviews: Reviews, remark: Remark, message: str) -> None:
    """Put a remark that was changed into its ledger, and commit that."""
    from nioc_paper.review import ledger

    clean(root, ledger.PATH.format(reviews.chapter))
    keep(root, ledger.changed(reviews, remark), message.format(reviews.chapter))
