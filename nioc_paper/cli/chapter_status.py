"""Progress of the paper, and commands that change the status of a chapter: `status`, `move` and `approve`."""

from __future__ import annotations

import click

from nioc_paper.app.preconditions import validate_chapter_option
from nioc_paper.app.project import Project
from nioc_paper.cli.options import (
    AppCommand,
    changes_paper,
    chapter_argument,
    chapter_option,
    with_dated_project,
    with_head,
)
from nioc_paper.system.terminal import is_colour_wanted, output_width


@click.command(cls=AppCommand)
@click.option("--who", is_flag=True, help="Show who owes what, and by when.")
@chapter_option("One chapter only.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "json"]),
    default="text",
    show_default=True,
    help="For a terminal, as Markdown, or for other tools.",
)
@with_dated_project
def status(project: Project, who: bool, chapter: str | None, form: str) -> None:
    """Show whether the deadline will be met, and the state of every chapter."""
    state = project.status(with_errors=chapter is None and not who)
    from nioc_paper.report.status import STATUS_FORMATS, View  # late: imported while errors are counted

    validate_chapter_option(state.paper, chapter)
    selected = next((c for c in state.progress.chapters if c.id == chapter), None)
    view = View(who, selected, output_width(), is_colour_wanted(), state.wait_for_errors, state.branches)
    click.echo(STATUS_FORMATS[form](state.progress, view))


# --- commands that change the status of a chapter ---------------------------------------------------------------------


@click.command(cls=AppCommand)
@chapter_argument
@click.argument("status")
@changes_paper
@with_dated_project
def move(project: Project, chapter: str, status: str) -> None:
    """Set the STATUS of CHAPTER: the next one, when nothing is in the way, or any earlier one."""
    from nioc_paper.app.chapter_edits import move_chapter  # late: `status` edits nothing

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
    from nioc_paper.app.chapter_edits import sign_chapter_off  # late: the same

    click.echo(sign_chapter_off(project, chapter, who, note, head))
