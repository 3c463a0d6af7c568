"""Commands that send chapters to reviewers: `send`, `receive` and `comments`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn, get_args

import click

from nioc_paper.app.build_request import write_files
from nioc_paper.app.project import Project
from nioc_paper.app.sendings.body_answers import receive_any, save_outcome
from nioc_paper.app.sendings.import_word import DraftOptions, read_draft, save_draft
from nioc_paper.app.sendings.receive import diff_return
from nioc_paper.app.sendings.received_batch import format_report, open_parcels, receive_parcel
from nioc_paper.app.sendings.received_build import Outcome
from nioc_paper.app.sendings.review_points import NewComment, add_comment, answer_point, list_points, set_kind
from nioc_paper.app.sendings.send import send_chapter
from nioc_paper.app.sendings.word_reception import Reception, open_reception, read_word_file
from nioc_paper.cli.command_table import ERRORS, OK
from nioc_paper.cli.console import show_findings, show_note
from nioc_paper.cli.options import (
    DAY,
    PATH,
    AppCommand,
    AppGroup,
    changes_paper,
    chapter_argument,
    chapter_option,
    mail_option,
    out_option,
    with_dated_project,
    with_head,
    with_project,
)
from nioc_paper.model.reviews import CommentKind, Disposition
from nioc_paper.program_name import command_line
from nioc_paper.report.terminal_escaping import printable_text
from nioc_paper.system.terminal import progress_bar

_DRY_RUN = "nothing was changed: this was a dry run"


@click.command(cls=AppCommand)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=PATH)
@click.option("--dry-run", is_flag=True, help="Show the changes without writing them.")
@click.option("--as", "id", metavar="ID", default="", help="Make a new chapter from it.")
@click.option("--category", metavar="C", default="", help="The category of a new chapter.")
@click.option("--part", metavar="P", default="", help="The part for a new chapter, by number or title.")
@click.option(
    "--sending", metavar="CHAPTER/ID", default="", help="The sending to which it belongs, if it has lost its marks."
)
@click.option("--rewritten", is_flag=True, help="Merge it although it has hardly a sentence of the chapter.")
@changes_paper
@with_dated_project
def receive(
    project: Project, files: Sequence[Path], dry_run: bool, sending: str, rewritten: bool, **draft: str
) -> None:
    """Merge the changes in FILE, a Word file made by `nioc send`, into the chapter: a commit for each reviewer.

    FILE may be of the whole paper or of one chapter, made by `nioc build`: each of its chapters is merged.
    Changes that cannot be merged with certainty are listed with their line and both texts, and kept in reviews/ with
    the comments. Any other Word file becomes a new draft chapter. Several files, folders and saved mails (.eml) are
    taken in by their dates, with a report in dist/received.md; one that fails does not stop the others.
    """
    if len(files) > 1 or files[0].is_dir() or files[0].suffix.casefold() == ".eml":
        if sending or rewritten or any(draft.values()):
            raise click.UsageError("these options are for one Word file; give it alone")
        _receive_many(project, files, dry_run=dry_run)
    (file,) = files
    reception = open_reception(project, file.name, read_word_file(project, file), dry_run=dry_run)
    if attachments := reception.word_file.attachments:
        click.echo(f"{file.name}: read without {', '.join(attachments)}", err=True)
    outcome = None
    if not draft["id"]:
        with progress_bar(3):
            outcome = receive_any(reception, sending, rewritten=rewritten)
    if outcome is None or outcome.state == "unknown":
        _import(reception, DraftOptions(**draft))
    elif outcome.state == "seen":
        click.echo(f"{outcome.text}: nothing to do")
    else:
        _merge(reception, outcome)


def _receive_many(project: Project, files: Sequence[Path], *, dry_run: bool) -> NoReturn:
    """Receive many files, show what became of each, and exit: with an error if one needs somebody's work."""
    parcels = open_parcels(project, files)
    with progress_bar(3 * len(parcels)):
        outcomes = [receive_parcel(project, parcel, dry_run=dry_run) for parcel in parcels]
    show_findings([finding for outcome in outcomes for finding in outcome.findings])
    report = format_report(outcomes)
    click.echo(printable_text(report))
    for line in (note for outcome in outcomes for note in outcome.notes):
        show_note(line)
    if dry_run:
        click.echo(_DRY_RUN)
    else:
        for written in write_files({"received.md": report.encode()}, project.writable_path("dist")):
            click.echo(os.path.relpath(written))
    sys.exit(OK if all(outcome.state in ("merged", "seen") for outcome in outcomes) else ERRORS)


def _merge(reception: Reception, outcome: Outcome) -> NoReturn:
    """Write what came back, and exit: with an error if a change is left to merge by hand, or makes an error."""
    show_findings(outcome.findings)
    click.echo(outcome.text)
    if reception.commits is None:
        click.echo(f"{''.join(map(diff_return, outcome.returns))}{_DRY_RUN}")
    for line in save_outcome(reception, outcome):
        show_note(line)
    sys.exit(ERRORS if outcome.findings else OK)


def _import(reception: Reception, options: DraftOptions) -> None:
    """Import a Word file as a new draft chapter, and show what was lost on the way."""
    with progress_bar(2):
        draft = read_draft(reception, options)
    for loss in draft.losses:
        click.echo(f"  {loss}", err=True)
    click.echo(draft.summary)
    if reception.commits is None:
        click.echo(_DRY_RUN)
    else:
        for line in save_draft(reception, reception.commits, draft):
            show_note(line)


@click.command(cls=AppCommand)
@chapter_argument
@click.option("--to", multiple=True, metavar="PERSON", help="A recipient. [default: the reviewers of the chapter]")
@click.option("--due", type=DAY, metavar="DAY", help="The day by which to answer.")
@mail_option
@out_option("Folder for the files. [default: dist/review]")
@changes_paper
@with_dated_project
def send(project: Project, chapter: str, to: Sequence[str], due: date | None, out: Path | None, *, mail: bool) -> None:
    """Make a Word file of CHAPTER for each reviewer, to edit and comment in, and note in reviews/ who was sent what."""
    for line in send_chapter(project, chapter, to, due, out, mail=mail):
        click.echo(line)
    click.echo(f"to merge the answers: {command_line('receive FILE.docx')}")


@click.group(cls=AppGroup, invoke_without_command=True)
@chapter_option("Only those of one chapter.")
@click.option("--open", "unanswered", is_flag=True, help="Only those without an answer.")
@click.option("--by", metavar="PERSON", help="Only those of one person, by id or name.")
@click.option("--kind", type=click.Choice(get_args(CommentKind)), help="Only those of one kind.")
@click.pass_context
def comments(context: click.Context, chapter: str | None, unanswered: bool, by: str | None, kind: str | None) -> None:
    """List the comments of reviewers, and the changes in their files to apply by hand."""
    if not context.invoked_subcommand:
        click.echo(list_points(Project.find(Path.cwd()), chapter, by, kind, is_unanswered=unanswered))


@comments.command(short_help="Add a comment that came by mail or telephone.")
@chapter_argument
@click.option("--by", metavar="PERSON", required=True, help="Who made it, by id or name.")
@click.option("--text", metavar="TEXT", required=True, help="What it says.")
@click.option("--quote", metavar="WORDS", default="", help="The words of the chapter that it is about.")
@changes_paper
@with_dated_project
def add(project: Project, chapter: str, by: str, text: str, quote: str) -> None:
    """Add a comment on CHAPTER that came by mail or telephone, to be answered like the others."""
    click.echo(f"comment {add_comment(project, NewComment(chapter, by, text, quote)).id} on '{chapter}'")


@comments.command(short_help="Answer a comment.")
@click.argument("id")
@click.argument("disposition", metavar="DISPOSITION", type=click.Choice(get_args(Disposition)))
@click.option("--because", metavar="REASON", help="The reason; required unless you accept.")
@click.option("--by", metavar="PERSON", help="The person who decided. [default: the editor of the paper]")
@click.option("--commit", metavar="COMMIT", help="The commit that applied it. [default: the last]")
@with_head
@changes_paper
@with_dated_project
def answer(
    project: Project,
    id: str,
    disposition: Disposition,
    because: str | None,
    by: str | None,
    commit: str | None,
    head: str | None,
) -> None:
    """Answer the comment ID: accept, accept-in-part, reject or defer."""
    point = answer_point(project, id, disposition, because, by, commit or head)
    click.echo(f"comment {point.id}: {disposition}")


@comments.command("set", short_help="Set the kind of a comment.")
@click.argument("id")
@click.option("--kind", type=click.Choice(get_args(CommentKind)), required=True, help="Its kind.")
@changes_paper
@with_project
def set_(project: Project, id: str, kind: CommentKind) -> None:
    """Set the kind of the comment ID: critical and major ones hold the chapter until they are answered."""
    click.echo(f"comment {set_kind(project, id, kind).id}: {kind}")
