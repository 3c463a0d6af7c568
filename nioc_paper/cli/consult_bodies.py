"""Command that asks bodies for their agreement, and works on their answers: `consult`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from nioc_paper.app.project import Project
from nioc_paper.app.sendings.body_answers import apply_answer, list_answers
from nioc_paper.app.sendings.body_forms import ask_bodies
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
from nioc_paper.program_name import command_line

_NOTHING = "there is nothing new to ask"


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
    lines = [*ask_bodies(project, bodies, due, audience, out, mail=mail)]
    click.echo("\n".join([*lines, f"to read the answers: {command_line('receive FILE.docx')}"]) if lines else _NOTHING)


@consult.command(short_help="Write the date and the cost of an answer into its action.")
@click.argument("id")
@changes_paper
@with_dated_project
def apply(project: Project, id: str) -> None:
    """Write the date and the cost that the answer ID gives into its action."""
    click.echo(apply_answer(project, id))
