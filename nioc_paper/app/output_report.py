"""Lines on outputs that were written: findings of engines, notices, and files with their sizes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from nioc_paper.model import Diagnostic, format_size
from nioc_paper.program import command_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nioc_paper.app.outputs import BuildResult, WrittenOutputs
    from nioc_paper.app.replay import OutputRecorder
    from nioc_paper.app.site import SiteResult


def report_build(result: BuildResult, chapter: str, echo: OutputRecorder) -> None:
    """Show the files of a build and the number of warnings, in the paper or a chapter."""
    _report_notices(result.errors, (), echo)
    report_written(result.written, echo)
    command = command_line(f"check --errors-first {chapter}".strip())
    warning_text = "1 warning; see it" if result.warnings == 1 else f"{result.warnings} warnings; see them"
    if result.warnings:
        echo(f"{warning_text} with: {command}", err=True)
    elif not (result.written.findings or result.errors):
        echo("no warnings", err=True)


def report_written(written: WrittenOutputs, echo: OutputRecorder) -> None:
    """Show findings and notices on standard error, and the files with their sizes."""
    echo.replayable &= written.is_replayable
    _report_notices(written.findings, written.notices, echo)
    for file in written.files:
        echo(describe_file(file))


def report_site(folder: Path, result: SiteResult, echo: OutputRecorder) -> None:
    """Show findings and notices on standard error, and the folder of the site with its size."""
    _report_notices(result.findings, result.notices, echo)
    if not result.is_written:
        echo("nothing was written", err=True)
        return
    size = sum(file.stat().st_size for file in result.files) / 1e6
    echo(f"{os.path.relpath(folder)}/index.html  {len(result.files)} files, {size:.1f} MB")


def describe_file(file: Path) -> str:
    """Return the path of a file from the working folder, and its size."""
    return f"{os.path.relpath(file)}  {format_size(file.stat().st_size)}"


def _report_notices(findings: Sequence[Diagnostic], notices: Sequence[str], echo: OutputRecorder) -> None:
    if findings:
        from nioc_paper.report.findings import FORMATS  # late: most outputs have none

        echo(FORMATS["short"](findings, lambda _: ()), err=True)
    for notice in notices:
        echo(notice, err=True)
