"""`move`: a chapter to its next status, or back to an earlier one."""

from __future__ import annotations

import click

from nioc_paper.app.chapters import move_chapter
from nioc_paper.app.project import Project
from nioc_paper.cli.console import show_commit
from nioc_paper.cli.options import AppCommand, chapter_argument, no_commit_option, with_dated_project


@click.command(cls=AppCommand)
@chapter_argument
@click.argument("status")
@no_commit_option
@with_dated_project
def move(project: Project, chapter: str, status: str, *, no_commit: bool) -> None:
    """Set the STATUS of CHAPTER: the next one, when nothing is in the way, or any earlier one."""
    moved = move_chapter(project, chapter, status, wants_commit=not no_commit)
    if moved.steps == 0:
        click.echo(f"{moved.place}: '{chapter}' is in '{status}' already")
        return
    message = f"{moved.place}: '{chapter}' moved from '{moved.old_status}' to '{status}'"
    click.echo(message if moved.steps > 0 else f"{message}: it is open again")
    show_commit(moved.commit_line)
