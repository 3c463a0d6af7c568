"""Output that commands share: findings and commits."""

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


def show_commit(line: str) -> None:
    """Show the commit of a command, or the reason why there is none: on standard error, as it is not a result."""
    if line:
        click.echo(line, err=True)
