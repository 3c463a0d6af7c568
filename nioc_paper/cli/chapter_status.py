"""Commands that change the status of a chapter."""

from __future__ import annotations

import click

from nioc_paper.app.approvals import REGISTER_PATH
from nioc_paper.app.chapters import move_chapter, sign_chapter_off
from nioc_paper.app.project import Project
from nioc_paper.cli.options import AppCommand, changes_paper, chapter_argument, with_dated_project, with_head


@click.command(cls=AppCommand)
@chapter_argument
@click.argument("status")
@changes_paper
@with_dated_project
def move(project: Project, chapter: str, status: str) -> None:
    """Set the STATUS of CHAPTER: the next one, when nothing is in the way, or any earlier one."""
    click.echo(move_chapter(project, chapter, status))


@click.command(cls=AppCommand)
@chapter_argument
@click.option("--by", "who", required=True, metavar="PERSON", help="The person who signs: an id of contributors.yaml.")
@click.option("--note", metavar="TEXT", help="A note for colleagues; never printed.")
@with_head
@changes_paper
@with_dated_project
def approve(project: Project, chapter: str, who: str, note: str | None, head: str | None) -> None:
    """Sign CHAPTER off as it is in the last commit. It holds until the printed content of the chapter changes."""
    sign_chapter_off(project, chapter, who, note, head)
    click.echo(f"{REGISTER_PATH}: '{chapter}' is signed off by {who} as it is in {(head or '')[:10]}")
