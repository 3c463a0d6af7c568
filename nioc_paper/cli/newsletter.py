"""`newsletter`: the changes of a month."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from nioc_paper.app.months import assemble_newsletter
from nioc_paper.app.outputs import parse_formats
from nioc_paper.app.project import Project
from nioc_paper.cli.console import write_and_exit
from nioc_paper.cli.options import (
    AppCommand,
    DayParam,
    formats_option,
    out_option,
    readers_option,
    with_dated_project,
)
from nioc_paper.model import OutputOptions
from nioc_paper.render import MAIL_WRITERS


@click.command(cls=AppCommand)
@click.option("--month", type=DayParam("month"), metavar="MONTH", help="Month, YYYY-MM. [default: the current one]")
@formats_option("html,docx,md,txt")
@readers_option
@out_option()
@with_dated_project
def newsletter(project: Project, month: date | None, formats: str, audience: str, out: Path | None) -> None:
    """Write a newsletter: the changes of a month, and the next dates. paper/newsletter/YYYY-MM.md is put before it."""
    names = parse_formats(formats, MAIL_WRITERS)
    write_and_exit(project, assemble_newsletter(project, month, OutputOptions(audience=audience)), names, out)
