"""`status`: how far the paper is."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import click

from nioc_paper.cli.common import known_chapter, root_of, standing, today_option, zone_of
from nioc_paper.cli.unchanged import Asked, Told


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
@click.pass_obj
def status(again: Asked | None, who: bool, chapter: str | None, form: str, today: date | None) -> None:
    """Say whether the deadline holds, and where every chapter stands."""
    paper, _, state = standing(root_of(Path.cwd()), today)
    from nioc_paper.report.status import FORMS, View

    known_chapter(paper, chapter)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    view = View(who=who, chapter=next((c for c in state.chapters if c.id == chapter), None), colour=colour)
    tell = Told()
    tell(FORMS[form](state, view))
    if again:
        again.keep(zone_of(paper).key, tell)
