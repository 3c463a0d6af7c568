"""`status`: how far the paper is."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import click

from nioc_paper.app.replay import CommandRecord, OutputRecorder
from nioc_paper.cli.common import load_progress, require_root, resolve_time_zone, today_option, validate_chapter_option


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
def status(record: CommandRecord | None, who: bool, chapter: str | None, form: str, today: date | None) -> None:
    """Say whether the deadline holds, and where every chapter stands."""
    paper, _, state = load_progress(require_root(Path.cwd()), today)
    from nioc_paper.report.status import STATUS_FORMATS, View

    validate_chapter_option(paper, chapter)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    view = View(debts_only=who, chapter=next((c for c in state.chapters if c.id == chapter), None), colour=colour)
    echo = OutputRecorder()
    echo(STATUS_FORMATS[form](state, view))
    if record:
        record.save(resolve_time_zone(paper).key, echo)
