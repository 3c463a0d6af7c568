"""Output of commands: findings, lines on files that were written, and a progress bar."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from nioc_paper.app.errors import BlockedError
from nioc_paper.app.project import Project
from nioc_paper.app.replay import OutputRecorder
from nioc_paper.model import Diagnostic
from nioc_paper.program import program_in
from nioc_paper.system.files import find_root

if TYPE_CHECKING:
    from nioc_paper.app.outputs import WrittenOutputs
    from nioc_paper.app.site import SiteResult


def is_colour_wanted(stream: TextIO | None = None) -> bool:
    """Return whether a stream, by default standard output, is a terminal that may show colours."""
    return (stream or sys.stdout).isatty() and "NO_COLOR" not in os.environ


def terminal_width() -> int:
    """Return the columns of standard output; 80 if it is not a terminal, so that files do not depend on a window."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 80


def format_findings(root: Path, findings: Sequence[Diagnostic]) -> str:
    """Return findings, a line each."""
    from nioc_paper.report.findings import FORMATS

    return FORMATS["short"](findings, Project(root).source_lines)


def show_findings(root: Path, findings: Sequence[Diagnostic]) -> None:
    """Show findings on standard error: grouped at a terminal, otherwise a line each."""
    if findings and sys.stderr.isatty():
        from nioc_paper.report.findings.terminal import TerminalView, format_terminal

        view = TerminalView(shutil.get_terminal_size().columns, is_colour_wanted(sys.stderr), errors_first=False)
        click.echo(format_terminal(findings, view), err=True)
    elif findings:
        click.echo(format_findings(root, findings), err=True)


def show_commit(line: str) -> None:
    """Show the commit of a command, or the reason why there is none: on standard error, as it is not a result."""
    if line:
        click.echo(line, err=True)


def show_started(folder: Path, commit: str | None, *, wants_commit: bool) -> None:
    """Show the repository of a new paper, or the reason why it has none, and the next command."""
    if commit:
        click.echo(f"in a git repository of its own, with a commit: {commit[:10]}")
    elif wants_commit:
        click.echo("without a git repository: git is missing, or the folder is in a repository already")
    click.echo(f"try: cd {shlex.quote(str(folder))} && {program_in(folder)} check")


def show_blocked(error: BlockedError) -> None:
    """Show the findings that block a use case, and its message."""
    show_findings(find_root(Path.cwd()) or Path.cwd(), error.findings)
    click.echo(str(error), err=True)


def report_written(project: Project, written: WrittenOutputs, echo: OutputRecorder) -> None:
    """Show findings and notices on standard error, and the files with their sizes."""
    echo.replayable &= written.is_replayable
    report_notices(project, written, echo)
    for file in written.files:
        echo(f"{os.path.relpath(file)}  {format_size(file.stat().st_size)}")


def report_notices(project: Project, result: WrittenOutputs | SiteResult, echo: OutputRecorder) -> None:
    """Show the findings of the engines, and notices, on standard error."""
    if result.findings:
        echo(format_findings(project.root, result.findings), err=True)
    for notice in result.notices:
        echo(notice, err=True)


def format_size(count: int) -> str:
    """Return a number of bytes in kB, or in MB from a tenth of one on."""
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{max(count / 1000, 0.1):.1f} kB"


@contextlib.contextmanager
def progress_bar(count: int) -> Iterator[Callable[[str], None]]:
    """Show a progress bar if standard error is a terminal.

    Yields a function to call with the name of each of `count` stages.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task, started_count = bar.add_task("loading", total=count), 0

        def show_stage(name: str) -> None:
            nonlocal started_count
            bar.update(task, description=name, completed=started_count)
            started_count += 1

        yield show_stage
