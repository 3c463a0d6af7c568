"""`comments`: list the comments of reviewers, and answer them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from nioc_paper.app.project import Project
from nioc_paper.app.sendings.remarks import AnswerRequest, RemarkFilter, answer_remark, list_remarks, set_kind
from nioc_paper.cli.console import show_commit
from nioc_paper.cli.options import AppGroup, chapter_option, no_commit_option, with_dated_project, with_project
from nioc_paper.model.reviews import CommentKind, Disposition


@click.group(cls=AppGroup, invoke_without_command=True)
@chapter_option("Only those of one chapter.")
@click.option("--open", "unanswered", is_flag=True, help="Only those without an answer.")
@click.option("--by", metavar="PERSON", help="Only those of one person, by id or name.")
@click.option("--kind", type=click.Choice(get_args(CommentKind)), help="Only those of one kind.")
@click.pass_context
def comments(context: click.Context, chapter: str | None, unanswered: bool, by: str | None, kind: str | None) -> None:
    """List the comments of reviewers, and the changes in their files to apply by hand."""
    if not context.invoked_subcommand:
        click.echo(list_remarks(Project.find(Path.cwd()), RemarkFilter(chapter, by, kind, unanswered)))


@comments.command(short_help="Answer a comment.")
@click.argument("number", type=int)
@click.argument("disposition", metavar="DISPOSITION", type=click.Choice(get_args(Disposition)))
@click.option("--because", metavar="REASON", help="The reason; required unless you accept.")
@click.option("--by", metavar="PERSON", help="The person who decided. [default: the editor of the paper]")
@click.option("--commit", metavar="COMMIT", help="The commit that applied it. [default: the last]")
@no_commit_option
@with_dated_project
def answer(
    project: Project,
    number: int,
    disposition: Disposition,
    because: str | None,
    by: str | None,
    commit: str | None,
    *,
    no_commit: bool,
) -> None:
    """Answer the comment NUMBER: accept, accept-in-part, reject or defer."""
    request = AnswerRequest(disposition, because, by, commit)
    commit_line = answer_remark(project, number, request, wants_commit=not no_commit)
    click.echo(f"comment {number}: {disposition}")
    show_commit(commit_line)


@comments.command("set", short_help="Set the kind of a comment.")
@click.argument("number", type=int)
@click.option("--kind", type=click.Choice(get_args(CommentKind)), required=True, help="Its kind.")
@no_commit_option
@with_project
def set_(project: Project, number: int, kind: CommentKind, *, no_commit: bool) -> None:
    """Set the kind of the comment NUMBER: critical and major ones hold the chapter until they are answered."""
    commit_line = set_kind(project, number, kind, wants_commit=not no_commit)
    click.echo(f"comment {number}: {kind}")
    show_commit(commit_line)
