"""`comments`: what reviewers said, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import get_args

import click

from nioc_paper.cli.common import load_paper, require_root, resolve_today, today_option, validate_chapter_option
from nioc_paper.cli.send import require_committed_file, require_readable_ledger, save_ledger
from nioc_paper.model import Answer, Comment, Paper, Place, Remark, Reviews
from nioc_paper.model.reviews import CommentKind, Disposition


@click.group(invoke_without_command=True, short_help="List what reviewers said, and answer it.")
@click.option("--chapter", metavar="ID", help="Those of one chapter.")
@click.option("--open", "unanswered", is_flag=True, help="Those without an answer.")
@click.option("--by", metavar="PERSON", help="Those of one person, by id or name.")
@click.option("--kind", type=click.Choice(get_args(CommentKind)), help="Those of one kind.")
@click.pass_context
def comments(context: click.Context, chapter: str | None, unanswered: bool, by: str | None, kind: str | None) -> None:
    """List what reviewers said, and the changes in their files that must be worked in by hand."""
    if context.invoked_subcommand:
        return
    from nioc_paper.report.comments import format_comments
    from nioc_paper.review.exchange.incoming import find_person_id
    from nioc_paper.review.exchange.ledger import iter_remarks

    root = require_root(Path.cwd())
    paper, findings = load_paper(root)
    require_readable_ledger(root, findings)
    validate_chapter_option(paper, chapter)
    selected = [
        (reviews, remark)
        for reviews, remark in iter_remarks(paper.reviews)
        if (chapter is None or reviews.chapter == chapter)
        and (by is None or find_person_id(paper, by) == remark.by)
        and (kind is None or (isinstance(remark, Comment) and remark.kind == kind))
        and not (unanswered and remark.answer)
    ]
    click.echo(format_comments(paper, list(locate_remarks(paper, selected))))


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
    from nioc_paper.system import git

    root = require_root(Path.cwd())
    paper, findings = load_paper(root)
    require_readable_ledger(root, findings)
    reviews, remark = require_remark(paper, number)
    if disposition != "accept" and not because:
        raise click.UsageError("say why: --because REASON; whoever made the comment will read it")
    who = by or paper.settings.editor
    if not who:
        raise click.UsageError("paper.yaml names no editor; say who decided: --by PERSON")
    worked_in = git.resolve_commit(root, commit or "HEAD") if disposition.startswith("accept") else None
    if commit and worked_in is None:
        raise click.UsageError(f"git knows no commit '{commit}'")
    new_answer = Answer(
        disposition=disposition, reason=because, by=who, on=resolve_today(paper, today), commit=worked_in
    )
    save_remark(root, reviews, remark.replace(answer=new_answer), f"Answer comment {number} on '{{}}'")
    click.echo(f"comment {number}: {disposition}")


@comments.command("set", short_help="Say how much hangs on a comment.")
@click.argument("number", type=int)
@click.option("--kind", type=click.Choice(get_args(CommentKind)), required=True, help="What it is.")
def set_(number: int, kind: CommentKind) -> None:
    """Say how much hangs on the comment NUMBER: critical and major ones hold the chapter until they are answered."""
    root = require_root(Path.cwd())
    paper, findings = load_paper(root)
    require_readable_ledger(root, findings)
    reviews, remark = require_remark(paper, number)
    if not isinstance(remark, Comment):
        raise click.UsageError(f"{number} is a change to be worked in by hand, and no comment")
    save_remark(root, reviews, remark.replace(kind=kind), f"Call comment {number} on '{{}}' {kind}")
    click.echo(f"comment {number}: {kind}")


def locate_remarks(paper: Paper, remarks: list[tuple[Reviews, Remark]]) -> Iterator[tuple[Place, Remark]]:
    """Remarks with the places of what they are about; those whose words are gone with that of their chapter."""
    from nioc_paper.review.exchange.comment_context import QuoteFinder

    chapters_today = {
        c.id: QuoteFinder(c) for c in paper.chapters if c.id in {reviews.chapter for reviews, _ in remarks}
    }
    for reviews, remark in remarks:
        chapter = chapters_today.get(reviews.chapter)
        place = chapter.locate(remark) if chapter else None
        yield place or Place(chapter.chapter.path if chapter else f"reviews/{reviews.chapter}.yaml"), remark


def require_remark(paper: Paper, number: int) -> tuple[Reviews, Remark]:
    """The remark of a number, and the ledger that it is in."""
    from nioc_paper.review.exchange.ledger import iter_remarks

    match = next(((reviews, r) for reviews, r in iter_remarks(paper.reviews) if r.number == number), None)
    if match is None:
        raise click.UsageError(f"no comment has the number {number}; to see them: nioc comments")
    return match


def save_remark(root: Path, reviews: Reviews, remark: Remark, message: str) -> None:
    """Put a remark that was changed into its ledger, and commit that."""
    from nioc_paper.review.exchange import ledger

    require_committed_file(root, ledger.LEDGER_PATH.format(reviews.chapter))
    save_ledger(root, ledger.replace_remark(reviews, remark), message.format(reviews.chapter))
