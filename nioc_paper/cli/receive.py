"""`receive`: a reviewer's changes and comments in Word, merged into the chapter and the ledger."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nioc_paper.app.project import Project
from nioc_paper.app.sendings.import_word import DraftOptions, read_draft, save_draft
from nioc_paper.app.sendings.receive import merge_word_file, save_return
from nioc_paper.app.sendings.return_report import diff_return, format_summary, unmerged_findings
from nioc_paper.app.sendings.word_files import Reception, identify_sending, open_reception
from nioc_paper.cli.console import show_commit, show_findings
from nioc_paper.cli.exit_codes import ERRORS, OK
from nioc_paper.cli.options import AppCommand, no_commit_option, with_dated_project
from nioc_paper.cli.progress_bar import progress_bar
from nioc_paper.model import Chapter, Sending, format_count, long_date

_DRY_RUN = "nothing was changed: this was a dry run"


@click.command(cls=AppCommand)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show the changes without writing them.")
@click.option("--as", "id", metavar="ID", default="", help="Make a new chapter from it.")
@click.option("--category", metavar="C", default="", help="The category of a new chapter.")
@click.option("--part", metavar="P", default="", help="The part for a new chapter, by number or title.")
@click.option(
    "--sending", metavar="CHAPTER/N", default="", help="The sending to which it belongs, if it has lost its marks."
)
@click.option("--rewritten", is_flag=True, help="Merge it although it has hardly a sentence of the chapter.")
@no_commit_option
@with_dated_project
def receive(
    project: Project, file: Path, dry_run: bool, sending: str, rewritten: bool, *, no_commit: bool, **draft: str
) -> None:
    """Merge the changes in FILE, a Word file made by `nioc send`, into the chapter: a commit for each reviewer.

    Changes that cannot be merged with certainty are listed with their line and both texts, and kept in reviews/ with
    the comments. Any other Word file becomes a new draft chapter.
    """
    reception = open_reception(project, file, dry_run=dry_run, wants_commit=not no_commit)
    if attachments := reception.word_file.attachments:
        click.echo(f"{file.name}: read without {', '.join(attachments)}", err=True)
    if not draft["id"] and (match := identify_sending(reception, sending)):
        _merge(reception, *match, rewritten=rewritten)
    else:
        _import(reception, DraftOptions(**draft))


def _merge(reception: Reception, sending: Sending, chapter: Chapter, *, rewritten: bool) -> None:
    """Merge a file of a sending, and exit: with an error if a change is left to merge by hand."""
    if reception.word_file.hash in sending.files:
        when = f" on {long_date(sending.returned)}" if sending.returned else ""
        click.echo(f"{reception.file.name} was received{when}: nothing to do")
        return
    returned = merge_word_file(reception, chapter, sending, progress_bar, rewritten=rewritten)
    show_findings(reception.project.root, unmerged_findings(reception.paper, returned))
    click.echo(format_summary(reception.paper, returned))
    if reception.commits is None:
        click.echo(f"{diff_return(returned)}{_DRY_RUN}")
    else:
        for line in save_return(reception, reception.commits, returned):
            show_commit(line)
    sys.exit(ERRORS if returned.result.conflicts else OK)


def _import(reception: Reception, options: DraftOptions) -> None:
    """Import a Word file as a new draft chapter, and show what was lost on the way."""
    draft = read_draft(reception, options, progress_bar)
    for loss in draft.losses:
        click.echo(f"  {loss}", err=True)
    comments_text = format_count(len(draft.comments), "comment")
    click.echo(f"{draft.chapter.path}: a new draft, '{draft.chapter.title}', with {comments_text}")
    if reception.commits is None:
        click.echo(_DRY_RUN)
    else:
        for line in save_draft(reception, reception.commits, draft):
            show_commit(line)
