"""`build`: the paper in its formats."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

import click

from nioc_paper.app.build import DEFAULT_FORMATS
from nioc_paper.app.build import build as build_outputs
from nioc_paper.app.build_request import BuildRequest, parse_formats, running_engines
from nioc_paper.app.project import Project
from nioc_paper.cli.command_table import ERRORS
from nioc_paper.cli.console import show_build, show_note
from nioc_paper.cli.options import (
    CHAPTER,
    AppCommand,
    audience_options,
    chapter_option,
    formats_option,
    out_option,
    with_dated_project,
)
from nioc_paper.model import OutputOptions
from nioc_paper.system.terminal import progress_bar


@click.command(cls=AppCommand)
@formats_option(DEFAULT_FORMATS)
@chapter_option("One chapter only, with the numbers it has in the paper.")
@click.option("--brief", type=CHAPTER, metavar="ID", help="A policy brief of a chapter, on two pages.")
@click.option("--comments", is_flag=True, help="The comments of reviewers with their answers, as a table.")
@click.option("--review-copy", "review", is_flag=True, help="A draft for comments, with numbered paragraphs and lines.")
@audience_options
@click.option("--final", is_flag=True, help="Make the final paper, if all its conditions are met.")
@click.option("--print-edition", is_flag=True, help="The PDF for a printer: chapters on right pages, room to cut.")
@click.option("--whole", is_flag=True, help="Lay out the PDF in one pass: slower, for comparison.")
@out_option()
@with_dated_project
def build(
    project: Project,
    formats: str,
    chapter: str | None,
    brief: str | None,
    comments: bool,
    whole: bool,
    out: Path | None,
    **options: Any,
) -> None:
    """Make the paper in dist/. An error that would make it false, unsafe or open to the wrong readers stops it."""
    names, out = parse_formats(formats), out or project.writable_path("dist")
    request = BuildRequest(chapter, brief, comments, OutputOptions(**options))
    # Trees have no cycles; collecting garbage takes longer than building them.
    gc.disable()
    needs_pages = not (brief or comments)
    # Load, assemble, citations: three steps more than formats.
    with running_engines(names, needs_pages=needs_pages, in_one_pass=whole) as engines, progress_bar(len(names) + 3):
        result = build_outputs(project, request, names, out, engines=engines)
    show_build(result, chapter or brief or "")
    written = {file.suffix for file in result.written.files}
    if missing := [name for name in names if f".{name}" not in written]:
        show_note(f"not written: {', '.join(missing)}; correct the errors above first")
    if missing or result.errors or result.written.has_errors:
        sys.exit(ERRORS)
