"""`theme` and `upgrade`: the design of a paper, and the changes that a new release requires."""

from __future__ import annotations

import click

from nioc_paper import __version__
from nioc_paper.app.own_commits import OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.app.theme import eject_theme, has_own_theme, list_theme
from nioc_paper.app.upgrade import upgrade_steps
from nioc_paper.cli.console import show_commit
from nioc_paper.cli.options import AppCommand, AppGroup, no_commit_option, with_project
from nioc_paper.model import format_count
from nioc_paper.program import command_line


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
