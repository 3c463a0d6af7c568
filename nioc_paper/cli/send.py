"""`send`: a chapter out to reviewers in Word."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from nioc_paper.app.project import Project
from nioc_paper.app.sendings.send import plan_sendings
from nioc_paper.cli.console import show_commit
from nioc_paper.cli.options import (
    AppCommand,
    DayParam,
    chapter_argument,
    no_commit_option,
    out_option,
    with_dated_project,
)
from nioc_paper.cli.progress_bar import progress_bar
from nioc_paper.program import command_line
from nioc_paper.wording import ENGLISH


@click.command(cls=AppCommand)
@chapter_argument
@click.option("--to", multiple=True, metavar="PERSON", help="A recipient. [default: the reviewers of the chapter]")
@click.option("--due", type=DayParam(), metavar="DAY", help="The day by which to answer.")
@out_option("Folder for the files. [default: dist/review]")
@no_commit_option
@with_dated_project
def send(
    project: Project, chapter: str, to: Sequence[str], due: date | None, out: Path | None, *, no_commit: bool
) -> None:
    """Make a Word file of CHAPTER for each reviewer, to edit and comment in, and note in reviews/ who was sent what."""
    planned = plan_sendings(project, chapter, to, due, wants_commit=not no_commit)
    marking = ""
    for written in planned.write_files(out or project.writable_path("dist", "review"), progress_bar):
        click.echo(f"{os.path.relpath(written.file)}  for {planned.paper.display_name(written.sending.to)}")
        marking = written.marking
    if marking:
        click.echo(ENGLISH[f"holds_{marking}"], err=True)
    show_commit(planned.note_in_ledger())
    click.echo(f"to merge the answers: {command_line('receive FILE.docx')}")
