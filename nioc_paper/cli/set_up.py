"""Commands that set up: `doctor`, `theme`, `upgrade`, `clean`, `lsp` and `schema`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nioc_paper import __version__
from nioc_paper.app.machine import examine_machine
from nioc_paper.app.own_commits import OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.app.schemas import SCHEMA_FOLDER, find_schema, list_schemas, parse_schema_name, write_schemas
from nioc_paper.app.theme import eject_theme, has_own_theme, list_theme
from nioc_paper.app.upgrade import upgrade_steps
from nioc_paper.cli.console import show_commit
from nioc_paper.cli.exit_codes import ERRORS, OK
from nioc_paper.cli.options import AppCommand, AppGroup, no_commit_option, with_project
from nioc_paper.model import format_count
from nioc_paper.model.schema import RECORDS
from nioc_paper.program import command_line
from nioc_paper.system.requirements import install_extra_command


@click.group(cls=AppGroup)
def theme() -> None:
    """List the templates of the design, or copy them into the paper to change them."""


@theme.command("list", short_help="List the templates, and which are the paper's own.")
@with_project
def list_(project: Project) -> None:
    """List the templates of the design, and which are the paper's own."""
    files = list(list_theme(project))
    width = max(len(file.name) for file in files)
    is_own = has_own_theme(project)
    click.echo("\n".join(f"{file.name:{width}}  {file.state}" if is_own else file.name for file in files))
    if not is_own:
        click.echo(f"all are the tool's; to change them: {command_line('theme eject')}", err=True)


@theme.command(short_help="Copy the tool's templates into templates/.")
@no_commit_option
@with_project
def eject(project: Project, *, no_commit: bool) -> None:
    """Copy the tool's templates into templates/, where you change them. Files that are there stay as they are."""
    commits = OwnCommits(project, is_wanted=not no_commit)
    written = eject_theme(project)
    click.echo(f"templates/: {format_count(len(written), 'file')} written; colours and type are in templates/theme.css")
    show_commit(commits.commit(written, "Copy the templates of the tool"))


@click.command(cls=AppCommand)
@with_project
def upgrade(project: Project) -> None:
    """List the changes that a paper written with an older release needs. Nothing is changed."""
    steps = list(upgrade_steps(project))
    click.echo("\n".join(f"- {step}" for step in steps) or f"the paper is up to date with nioc_paper {__version__}")


@click.command(cls=AppCommand)
def doctor() -> None:
    """Show what is installed and what is missing, with the command that installs it."""
    machine = examine_machine(__version__)
    click.echo("\n".join(machine.lines))
    if machine.install_commands:
        click.echo("\n  ".join(["\nTo install what is missing:", *machine.install_commands]))
    else:
        click.echo("\nnothing is missing")
    sys.exit(OK if machine.is_sufficient else ERRORS)


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

    try:
        serve()
    except ModuleNotFoundError as error:
        hint = f"install it: {install_extra_command('lsp')}"
        raise click.ClickException(f"the language server needs {error.name}; {hint}") from error


@click.command(cls=AppCommand)
@click.argument("name", required=False)
@click.option("--write", is_flag=True, help="Write it to schemas/, where editors look; without NAME, all of them.")
@no_commit_option
def schema(name: str | None, write: bool, *, no_commit: bool) -> None:
    """Print the JSON Schema of a kind of file, in the words of this paper; without NAME, list the kinds."""
    if write:
        names = [parse_schema_name(name)] if name else list(RECORDS)
        commit_line = write_schemas(Project.find(Path.cwd()), names, wants_commit=not no_commit)
        many = f"{len(names)} schemas written to {SCHEMA_FOLDER}/"
        click.echo(f"written to {SCHEMA_FOLDER}/{name}.json" if name else many)
        show_commit(commit_line)
    elif name:
        click.echo(find_schema(Path.cwd(), name), nl=False)
    else:
        click.echo(list_schemas())
