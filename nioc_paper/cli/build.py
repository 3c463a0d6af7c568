"""`build`: the paper in its forms."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

import click

from nioc_paper.app.outputs import BuildRequest, BuildResult, parse_formats
from nioc_paper.app.outputs import build as build_outputs
from nioc_paper.app.project import Project
from nioc_paper.app.replay import CommandRecord, OutputRecorder
from nioc_paper.cli.console import progress_bar, report_written
from nioc_paper.cli.exit_codes import ERRORS
from nioc_paper.cli.options import (
    AppCommand,
    ChapterParam,
    audience_options,
    chapter_option,
    formats_option,
    out_option,
    with_dated_project,
)
from nioc_paper.model import OutputOptions
from nioc_paper.program import command_line


@click.command(cls=AppCommand)
@formats_option("pdf,docx,html,epub")
@chapter_option("One chapter only, with the numbers it has in the paper.")
@click.option("--brief", type=ChapterParam(), metavar="ID", help="A policy brief of a chapter, on two pages.")
@click.option("--comments", is_flag=True, help="The comments of reviewers with their answers, as a table.")
@click.option("--review-copy", "review", is_flag=True, help="A draft for comments, with numbered paragraphs and lines.")
@audience_options
@click.option("--final", is_flag=True, help="Make the final paper, if all its conditions are met.")
@click.option("--print-edition", is_flag=True, help="The PDF for a printer: chapters on right pages, room to cut.")
@click.option("--whole", is_flag=True, help="Lay out the PDF in one pass: slower, for comparison.")
@out_option()
@with_dated_project
@click.pass_obj
def build(
    record: CommandRecord | None,
    /,
    project: Project,
    formats: str,
    chapter: str | None,
    brief: str | None,
    comments: bool,
    whole: bool,
    out: Path | None,
    **options: Any,
) -> None:
    """Make the paper in dist/. Nothing is made while there are errors."""
    from nioc_paper.render.engines import start_engines

    names = parse_formats(formats)
    out = out or project.writable_path("dist")
    request = BuildRequest(chapter, brief, comments, OutputOptions(**options))
    # Trees have no cycles; collecting garbage takes longer than building them.
    gc.disable()
    with start_engines(names, in_one=whole, needs_pages=not (brief or comments)) as engines:
        result = build_outputs(project, request, names, out, engines=engines, show_stages=progress_bar)
        report = _report_build(project, result, chapter or brief or "")
    if len(result.written.files) < len(names):
        sys.exit(ERRORS)
    if record:
        _save_run(record, project, result, report, out / "manifest.json")


def _report_build(project: Project, result: BuildResult, chapter: str) -> OutputRecorder:
    """Show the files of a build and the number of warnings, in the paper or a chapter. Returns what was shown."""
    echo = OutputRecorder()
    report_written(project, result.written, echo)
    command = command_line(f"check {chapter}".strip())
    warning_text = "1 warning; see it" if result.warnings == 1 else f"{result.warnings} warnings; see them"
    if result.warnings:
        echo(f"{warning_text} with: {command}", err=True)
    elif not result.written.findings:
        echo("no warnings", err=True)
    return echo


def _save_run(
    record: CommandRecord, project: Project, result: BuildResult, report: OutputRecorder, manifest: Path
) -> None:
    zone, files = project.time_zone(result.paper).key, result.written.files
    # Builds of other documents may change the manifest.
    record.save(zone, report, inputs=result.paper.inputs, outputs=files, must_exist=[manifest])
