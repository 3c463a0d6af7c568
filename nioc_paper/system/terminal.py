"""The terminal: its colours and width, and a progress bar."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from typing import TextIO

from nioc_paper.system import command_stages


def is_colour_wanted(stream: TextIO | None = None) -> bool:
    """Return whether a stream, by default standard output, is a terminal that may show colours."""
    return (stream or sys.stdout).isatty() and "NO_COLOR" not in os.environ


def window_width() -> int:
    """Return the columns of the window; 80 without one."""
    return shutil.get_terminal_size().columns


def output_width() -> int:
    """Return the columns of standard output; 80 if it is not a terminal, so that files do not depend on a window."""
    return window_width() if sys.stdout.isatty() else 80


@contextlib.contextmanager
def progress_bar(count: int) -> Iterator[None]:
    """Show a progress bar over the stages of the body, about `count`, if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task, started_count = bar.add_task("loading", total=count), 0

        def show_stage(name: str) -> None:
            nonlocal started_count
            bar.update(task, description=name, completed=min(started_count, count))
            started_count += 1

        with command_stages.listening(show_stage):
            yield
