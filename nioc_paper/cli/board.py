"""`board`: one page that answers what a board asks."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import click

from nioc_paper.changes import Changes, changes
from nioc_paper.cli.common import inside, root_of, standing, today_option, zone_of
from nioc_paper.cli.exits import ERRORS, OK
from nioc_paper.cli.outputs import known_formats, timestamp_given, written
from nioc_paper.cli.past import paper_at
from nioc_paper.model import Document, Paper


@click.command(short_help="Show one page for the board.")
@click.option("--to", "formats", metavar="FORMATS", help="Make files of it instead: pdf,docx,html,epub.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to put them. [default: dist]")
@today_option
def board(formats: str | None, out: Path | None, today: date | None) -> None:
    """Say on one page whether the date holds, what moved since the last meeting, and what needs a decision."""
    from nioc_paper.report.page import page

    root = root_of(Path.cwd())
    names = [] if formats is None else known_formats(formats)
    document = page_of(root, today)
    if names:
        made = written(root, document, names, out or inside(root, "dist"))
        sys.exit(OK if len(made) == len(names) else ERRORS)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    click.echo(page(document, colour=colour), color=colour)


def page_of(root: Path, today: date | None) -> Document:
    """The page for the board on a day, errors or not."""
    from nioc_paper.assemble.board import board as assembled

    paper, history, state = standing(root, today)
    moved = moved_since(root, paper, state.met) if state.met else None
    return assembled(paper, history, state, moved, timestamp_given())


def moved_since(root: Path, paper: Paper, day: date) -> Changes | None:
    """What is another in the paper than it was at the end of a day; None where git does not know."""
    from nioc_paper import git

    commit = git.commit_on(root, day.isoformat(), zone_of(paper))
    return changes(paper_at(root, commit), paper) if commit else None
