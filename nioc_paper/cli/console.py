"""Output that commands share: findings, commits, notices, files that were written, and errors of usage."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from nioc_paper.model import Diagnostic, format_size
from nioc_paper.program_name import command_line
from nioc_paper.system.terminal import is_colour_wanted, window_width

if TYPE_CHECKING:
    from nioc_paper.app.build_request import BuildResult, WrittenOutputs


def format_for(
    stream: TextIO,
    findings: Sequence[Diagnostic],
    form: str | None = None,
    *,
    errors_first: bool = False,
    lines: Callable[[str], Sequence[str]] = lambda _: (),
) -> str:
    """Return findings for a stream: by default grouped at a terminal, otherwise a line each."""
    from nioc_paper.report.findings import format_findings  # late: `check` imports it while pandoc reads
    from nioc_paper.report.findings.line_formats import TerminalView

    view = TerminalView(window_width(), is_colour_wanted(stream), errors_first)
    return format_findings(findings, form or ("terminal" if stream.isatty() else "short"), view, lines)


def show_findings(findings: Sequence[Diagnostic]) -> None:
    """Show findings on standard error, if there are any."""
    if findings:
        click.echo(format_for(sys.stderr, findings), err=True)


def show_warning(findings: Sequence[Diagnostic], sentence: str) -> None:
    """Show findings, and what follows from them, on standard error."""
    show_findings(findings)
    click.echo(sentence, err=True)


def show_note(line: str) -> None:
    """Show a line that is no result on standard error, if there is one: the commit of a command, or a notice."""
    if line:
        click.echo(line, err=True)


# --- files that were written ------------------------------------------------------------------------------------------


def show_build(result: BuildResult, chapter: str) -> None:
    """Show the files of a build and the number of warnings, in the paper or a chapter."""
    _show_notices(result.errors)
    show_written(result.written)
    command = command_line(f"check --errors-first {chapter}".strip())
    warning_text = "1 warning; see it" if result.warnings == 1 else f"{result.warnings} warnings; see them"
    if result.warnings:
        show_note(f"{warning_text} with: {command}")
    elif not (result.written.findings or result.errors):
        show_note("no warnings")


def show_written(written: WrittenOutputs) -> None:
    """Show findings and notices on standard error, and the files with their sizes."""
    _show_notices(written.findings, written.notices)
    for file in written.files:
        click.echo(describe_file(file))


def show_site(folder: Path, result: WrittenOutputs) -> None:
    """Show findings and notices on standard error, and the folder of the site with its size."""
    _show_notices(result.findings, result.notices)
    if not result.files:
        show_note("nothing was written")
        return
    size = sum(file.stat().st_size for file in result.files) / 1e6
    click.echo(f"{os.path.relpath(folder)}/index.html  {len(result.files)} files, {size:.1f} MB")


def describe_file(file: Path) -> str:
    """Return the path of a file from the working folder, and its size."""
    return f"{os.path.relpath(file)}  {format_size(file.stat().st_size)}"


def _show_notices(findings: Sequence[Diagnostic], notices: Sequence[str] = ()) -> None:
    if findings:
        click.echo(format_for(sys.stderr, findings, "short"), err=True)
    for notice in notices:
        click.echo(notice, err=True)


# --- errors of usage --------------------------------------------------------------------------------------------------


def show_error(error: click.ClickException) -> None:
    """Show an error, with the usage of its command below it if that is wrong; a group alone shows its help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return
    click.echo(f"Error: {error.format_message()}", err=True)
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context:
        pieces = " ".join(context.command.collect_usage_pieces(context))
        click.echo(f"Usage: {context.command_path} {pieces}\nFor help: {context.command_path} --help", err=True)
