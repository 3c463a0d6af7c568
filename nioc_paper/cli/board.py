"""`board`: one page that answers what a board asks."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import click

from nioc_paper.app.snapshots import load_snapshot
from nioc_paper.cli.build import parse_formats, read_source_date_epoch, write_outputs
from nioc_paper.cli.common import load_progress, require_root, resolve_time_zone, today_option, writable_path
from nioc_paper.cli.exit_codes import ERRORS, OK
from nioc_paper.domain.changes import PaperDiff, compare_papers
from nioc_paper.model import Document, Paper


@click.command(short_help="Show one page for the board.")
@click.option("--to", "formats", metavar="FORMATS", help="Make files of it instead: pdf,docx,html,epub.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to put them. [default: dist]")
@today_option
def board(formats: str | None, out: Path | None, today: date | None) -> None:
    """Say on one page whether the date holds, what moved since the last meeting, and what needs a decision."""
    from nioc_paper.report.terminal_page import render_page

    root = require_root(Path.cwd())
    names = [] if formats is None else parse_formats(formats)
    document = load_board_page(root, today)
    if names:
        output_files = write_outputs(root, document, names, out or writable_path(root, "dist"))
        sys.exit(OK if len(output_files) == len(names) else ERRORS)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    click.echo(render_page(document, colour=colour), color=colour)


def load_board_page(root: Path, today: date | None) -> Document:
    """The page for the board on a day, errors or not."""
    from nioc_paper.assemble.documents.board import build_board_page as assemble_board

    paper, history, state = load_progress(root, today)
    diff = diff_since(root, paper, state.last_meeting) if state.last_meeting else None
    return assemble_board(paper, history, state, diff, read_source_date_epoch())


def diff_since(root: Path, paper: Paper, day: date) -> PaperDiff | None:
    """What is another in the paper than it was at the end of a day; None where git does not know."""
    from nioc_paper.system import git

    commit = git.commit_at_end_of_day(root, day.isoformat(), resolve_time_zone(paper))
    return compare_papers(load_snapshot(root, commit), paper) if commit else None
