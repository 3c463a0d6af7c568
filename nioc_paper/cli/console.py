"""Output that commands share: findings, commits, notices and errors of usage."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TextIO

import click

from nioc_paper.model import Diagnostic
from nioc_paper.system.terminal import is_colour_wanted, window_width


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
    from nioc_paper.report.findings.terminal import TerminalView

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
