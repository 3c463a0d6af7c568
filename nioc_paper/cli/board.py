"""`board`: one page for the board."""

from __future__ import annotations

from pathlib import Path

import click

from nioc_paper.app.board import assemble_board_page
from nioc_paper.app.outputs import parse_formats
from nioc_paper.app.project import Project
from nioc_paper.cli.console import is_colour_wanted, write_and_exit
from nioc_paper.cli.options import AppCommand, out_option, with_dated_project
from nioc_paper.report.terminal_page import render_page


@click.command(cls=AppCommand)
@click.option("--to", "formats", metavar="FORMATS", help="Write files instead: pdf,docx,html,epub.")
@out_option()
@with_dated_project
def board(project: Project, formats: str | None, out: Path | None) -> None:
    """Report on one page: whether the deadline will be met, changes since the last meeting, and open decisions."""
    names = [] if formats is None else parse_formats(formats)
    document = assemble_board_page(project)
    if names:
        write_and_exit(project, document, names, out)
    colour = is_colour_wanted()
    click.echo(render_page(document, colour=colour), color=colour)
