"""`status`: how far the paper is."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import click

from nioc_paper.cli.common import known_chapter, root_of, standing, today_option


@click.command()
@click.option("--who", is_flag=True, help="Who owes what, by when.")
@click.option("--chapter", metavar="ID", help="One chapter only.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "json"]),
    default="text",
    show_default=True,
    help="For a terminal, as Markdown, or for programs.",
)
@today_option
def status(who: bool, chapter: str | None, form: str, today: date | None) -> None:
    """Say whether the deadline holds, and where every chapter stands."""
    from nioc_paper.report.status import FORMS, View

    paper, _, state = standing(root_of(Path.cwd()), today)
    known_chapter(paper, chapter)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    view = View(who=who, chapter=next((c for c in state.chapters if c.id == chapter), None), colour=colour)
    click.echo(FORMS[form](state, view), color=colour)
