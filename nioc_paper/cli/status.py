"""`status`: the progress of the paper."""

from __future__ import annotations

import click

from nioc_paper.app.gates import validate_chapter_option
from nioc_paper.app.project import Project
from nioc_paper.cli.options import AppCommand, chapter_option, with_dated_project
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

    if form == "text":
        import nioc_paper.report.rich_text  # noqa: F401 - the same
    validate_chapter_option(state.paper, chapter)
    selected = next((c for c in state.progress.chapters if c.id == chapter), None)
    view = View(who, selected, output_width(), is_colour_wanted(), state.wait_for_errors, state.branches)
    click.echo(STATUS_FORMATS[form](state.progress, view))
