"""`new`: start a chapter, or a whole paper, without errors."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from nioc_paper.app.authoring import start_paper, write_new_chapter
from nioc_paper.app.errors import require_none
from nioc_paper.app.project import Project
from nioc_paper.cli.options import AppGroup, today_option
from nioc_paper.edit.scaffold import ScaffoldError, new_chapter
from nioc_paper.load import SETTINGS_PATH


@click.group(cls=AppGroup)
def new() -> None:
    """Start a paper or a chapter."""


@new.command(short_help="Start a chapter, and list it in the paper.")
@click.argument("id")
@click.option("--title", metavar="T", default="", help="Its title. [default: made from the category or the ID]")
@click.option("--category", metavar="C", default="", help="Its category. [default: one that needs a chapter]")
@click.option("--part", metavar="P", default="", help="The part it goes to, by number or title. [default: the last]")
def chapter(id: str, title: str, category: str, part: str) -> None:
    """Start chapters/ID.md, with the sections it needs, and list it in the paper."""
    project = Project.find(Path.cwd())
    loaded = project.load()
    require_none(loaded.errors(SETTINGS_PATH))
    try:
        draft = new_chapter(loaded.paper, id, title, category, part)
    except ScaffoldError as error:
        raise click.UsageError(str(error)) from None
    write_new_chapter(project, draft.path, draft.text, draft.part)
    where = "" if draft.part is None else f", and listed in part {draft.part + 1}"
    click.echo(f"{draft.path}:1:1: '{draft.title}' is started ({draft.category}){where}")


@new.command(short_help="Start a small, whole paper in an empty folder.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@today_option
def paper(folder: Path, today: date | None) -> None:
    """Start a paper in DIR: small, whole, with a plan that begins today. Change it until it is yours."""
    start_paper(folder, today)
    click.echo(f"{folder / 'paper' / 'paper.yaml'}:1:1: a paper is started; {folder / 'README.md'} says how it goes on")
