"""Commands that set up: `doctor`, `theme`, `upgrade`, `clean`, `lsp` and `schema`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nioc_paper import __version__
from nioc_paper.app.doctor import examine_machine, require_extra
from nioc_paper.app.errors import require_known
from nioc_paper.app.project import Project
from nioc_paper.app.schemas import SCHEMA_FOLDER, find_schema, list_schemas, write_schemas
from nioc_paper.app.theme import eject_theme, format_theme, has_own_theme
from nioc_paper.app.upgrade import move_records, upgrade_steps, write_current_names
from nioc_paper.cli.command_table import ERRORS, OK
from nioc_paper.cli.options import (
    AppCommand,
    AppGroup,
    changes_paper,
    commit_options,
    show_commits,
    turn_to_change,
    with_project,
)
from nioc_paper.model import format_count
from nioc_paper.model.register_files import SCHEMAS
from nioc_paper.program_name import command_line


@click.group(cls=AppGroup)
def theme() -> None:
    """List the templates of the design, or copy them into the paper to change them."""


@theme.command("list", short_help="List the templates, and which are the paper's own.")
@with_project
def list_(project: Project) -> None:
    """List the templates of the design, and which are the paper's own."""
    click.echo(format_theme(project))
    if not has_own_theme(project):
        click.echo(f"all are the tool's; to change them: {command_line('theme eject')}", err=True)


@theme.command(short_help="Copy the tool's templates into templates/.")
@click.argument("names", nargs=-1)
@changes_paper
@with_project
def eject(project: Project, names: tuple[str, ...]) -> None:
    """Copy the tool's templates into templates/, where you change them: all, or those with these NAMES.

    Files that are there stay as they are.
    """
    written = eject_theme(project, names)
    where = "; colours and type are in templates/theme.css" if "templates/theme.css" in written else ""
    click.echo(f"templates/: {format_count(len(written), 'file')} written{where}")


@click.command(cls=AppCommand)
@click.option("--write", is_flag=True, help="Replace the names that rules had in older releases.")
@click.option("--records", is_flag=True, help="Move the records of registers into files of their own.")
@commit_options
@with_project
def upgrade(project: Project, *, write: bool, records: bool) -> None:
    """List the changes that a paper written with an older release needs. Without an option nothing is changed."""
    if write or records:
        with turn_to_change(project.root):
            if write:
                click.echo(f"{write_current_names(project)} applied", err=True)
            if records:
                click.echo(f"{move_records(project)} moved", err=True)
    steps = list(upgrade_steps(project))
    click.echo("\n".join(f"- {step}" for step in steps) or f"the paper is up to date with nioc_paper {__version__}")


@click.command(cls=AppCommand)
def doctor() -> None:
    """Show what is installed and what is missing, with the command that installs it."""
    text, is_sufficient = examine_machine(__version__)
    click.echo(text)
    sys.exit(OK if is_sufficient else ERRORS)


@click.command(cls=AppCommand)
@with_project
def clean(project: Project) -> None:
    """Delete the cache in .cache/, which makes builds quick. Outputs stay; the next build takes longer."""
    click.echo(f"{project.cache.clear() / 1e6:.1f} MB removed")


@click.command(cls=AppCommand)
@click.option("--stdio", is_flag=True, hidden=True, help="Given by many editors; the only way to communicate.")
def lsp(stdio: bool) -> None:  # noqa: ARG001 - it changes nothing
    """Serve an editor: findings as you type, completion, explanations, places. Editors start it themselves."""
    from nioc_paper.lsp import serve

    with require_extra("lsp", "the language server"):
        serve()


@click.command(cls=AppCommand)
@click.argument("name", required=False)
@click.option("--write", is_flag=True, help="Write it to schemas/, where editors look; without NAME, all of them.")
@commit_options
def schema(name: str | None, write: bool, *, no_commit: bool, own_branch: str) -> None:
    """Print the JSON Schema of a kind of file, in the words of this paper; without NAME, list the kinds."""
    if write:
        names = [require_known(name, SCHEMAS, "schema")] if name else list(SCHEMAS)
        project = Project.find(Path.cwd(), wants_commits=not no_commit)
        project.branch = own_branch
        with turn_to_change(project.root):
            write_schemas(project, names)
        target = f"written to {SCHEMA_FOLDER}/"
        click.echo(f"{target}{name}.json" if name else f"{len(names)} schemas {target}")
        show_commits(project)
    elif name:
        click.echo(find_schema(Path.cwd(), name), nl=False)
    else:
        click.echo(list_schemas())
