"""Commands that make documents about the paper: `board`, `newsletter` and `redline`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

import click

from nioc_paper.app.board_and_newsletter import assemble_board_page, assemble_newsletter, draft_newsletter
from nioc_paper.app.build import write_outputs
from nioc_paper.app.build_request import parse_formats
from nioc_paper.app.project import Project
from nioc_paper.app.redline_build import RedlineRequest, build_redline, resolve_revisions
from nioc_paper.cli.command_table import ERRORS, OK
from nioc_paper.cli.console import show_note, show_warning, show_written
from nioc_paper.cli.options import (
    MONTH,
    AppCommand,
    audience_options,
    chapter_option,
    formats_option,
    mail_option,
    out_option,
    public_audience_option,
    with_dated_project,
    with_project,
)
from nioc_paper.model import Document, OutputOptions
from nioc_paper.render import MAIL_WRITERS
from nioc_paper.system.terminal import is_colour_wanted, progress_bar


@click.command(cls=AppCommand)
@click.argument("versions", metavar="OLD..NEW")
@chapter_option("One chapter only.")
@formats_option("docx,pdf,html")
@audience_options
@out_option()
@with_project
def redline(
    project: Project, versions: str, chapter: str | None, formats: str, audience: str, out: Path | None
) -> None:
    """Make the paper with the changes between OLD and NEW: commits, tags or days. Without NEW, the last commit."""
    names = parse_formats(formats)
    old, new = resolve_revisions(project, versions, project.load().paper)
    request = RedlineRequest(old, new, chapter, OutputOptions(audience=audience))
    with progress_bar(4):
        document = build_redline(project, request, show_warning)
    _write_and_exit(project, document, names, out)


@click.command(cls=AppCommand)
@click.option("--to", "formats", metavar="FORMATS", help="Write files instead: pdf,docx,html,epub.")
@out_option()
@with_dated_project
def board(project: Project, formats: str | None, out: Path | None) -> None:
    """Report on one page: whether the deadline will be met, changes since the last meeting, and open decisions."""
    names = [] if formats is None else parse_formats(formats)
    document = assemble_board_page(project)
    if names:
        _write_and_exit(project, document, names, out)
    from nioc_paper.report.document_at_terminal import render_page  # late: it imports rich

    colour = is_colour_wanted()
    click.echo(render_page(document, colour=colour), color=colour)


@click.command(cls=AppCommand)
@click.option("--month", type=MONTH, metavar="MONTH", help="Month, YYYY-MM. [default: the current one]")
@formats_option("html,docx,md,txt")
@public_audience_option
@mail_option
@out_option()
@with_dated_project
def newsletter(
    project: Project, month: date | None, formats: str, audience: str, out: Path | None, *, mail: bool
) -> None:
    """Write a newsletter: the changes of a month, and the next dates. paper/newsletter/YYYY-MM.md is put before it."""
    names = parse_formats(formats, MAIL_WRITERS)
    document = assemble_newsletter(project, month, OutputOptions(audience=audience))
    if isinstance(document, str):
        show_note(document)
    else:
        for line in draft_newsletter(project, document) if mail else ():
            click.echo(line)
        _write_and_exit(project, document, names, out)


def _write_and_exit(project: Project, document: Document, formats: Sequence[str], out: Path | None) -> NoReturn:
    """Write a document to a folder, by default dist/, and exit: with an error if one of the formats is missing."""
    with progress_bar(len(formats) + 1):
        written = write_outputs(project, document, formats, out or project.writable_path("dist"))
    show_written(written)
    sys.exit(OK if len(written.files) == len(formats) and not written.has_errors else ERRORS)
