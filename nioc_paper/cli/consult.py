"""Command that asks bodies for their agreement, and works on their answers: `consult`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from nioc_paper.app.project import Project
from nioc_paper.app.sendings.body_answers import apply_answer, list_answers
from nioc_paper.app.sendings.consult import plan_consultations, write_consultation_drafts
from nioc_paper.cli.console import show_note
from nioc_paper.cli.options import (
    DAY,
    AppGroup,
    changes_paper,
    mail_option,
    out_option,
    public_audience_option,
    with_dated_project,
)
from nioc_paper.model.reviews import Sensitivity
from nioc_paper.program import command_line
from nioc_paper.system.terminal import progress_bar


class _BodyGroup(AppGroup):
    """Group whose first argument is a body, unless it is one of its commands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Name the command `ask` before the names of bodies."""
        is_named = not args or args[0] in self.commands or (args[0][:1] == "-" and args[0] != "--all")
        return super().parse_args(ctx, args if is_named else ["ask", *args])


@click.group(cls=_BodyGroup, invoke_without_command=True)
@click.pass_context
def consult(context: click.Context) -> None:
    """Ask bodies whether they agree to their actions: nioc consult nacta fia, or nioc consult --all.

    Without a body, the answers are listed.
    """
    if not context.invoked_subcommand:
        click.echo(list_answers(Project.find(Path.cwd())))


@consult.command(short_help="Make the forms: the command that is meant if only bodies are named.")
@click.argument("bodies", metavar="BODY...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All bodies that own an action, or are to clear a chapter.")
@click.option("--due", type=DAY, metavar="DAY", help="The day by which to answer.")
@public_audience_option
@mail_option
@out_option("Folder for the files. [default: dist/consultation]")
@changes_paper
@with_dated_project
def ask(
    project: Project,
    bodies: Sequence[str],
    every: bool,
    due: date | None,
    audience: Sensitivity,
    mail: bool,
    out: Path | None,
) -> None:
    """Make a Word file for each BODY: its actions as a form, and what else the paper says about it.

    A later round has what was changed since, or is open. `receive` reads the files that come back.
    """
    if every == bool(bodies):
        raise click.UsageError("name bodies, or give --all")
    planned = plan_consultations(project, bodies, due, audience, with_languages=mail)
    if not planned.requests:
        click.echo("there is nothing new to ask")
        return
    with progress_bar(len(planned.requests)):
        written = [*planned.write_files(out or project.writable_path("dist", "consultation"))]
    for file, request in written:
        count = len(request.actions) + len(request.clearances)
        click.echo(f"{os.path.relpath(file)}  for {planned.paper.display_name(request.body)}: {count}")
    for line in write_consultation_drafts(planned, written) if mail else ():
        click.echo(line)
    show_note(planned.save())
    click.echo(f"to read the answers: {command_line('receive FILE.docx')}")


@consult.command(short_help="Write the date and the cost of an answer into its action.")
@click.argument("id")
@changes_paper
@with_dated_project
def apply(project: Project, id: str) -> None:
    """Write the date and the cost that the answer ID gives into its action."""
    click.echo(apply_answer(project, id))
