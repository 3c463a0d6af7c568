"""Runs of parallel work, and their stop when the work that waits for them has failed.

Imported by every command: `dataclasses` or msgspec would take a fifth of a replay.
"""

from __future__ import annotations

from contextvars import ContextVar


class StoppedError(Exception):
    """Work was not finished, because the work that waits for it has failed elsewhere."""


class ParallelRun:
    """A call of `run_parallel`: its errors, and the outer call, if it is made in a thread of one."""

    def __init__(self, outer: ParallelRun | None) -> None:
        self.outer = outer
        self.errors: list[BaseException] = []

    def is_stopped(self) -> bool:
        """Return whether no further job may start."""
        return bool(self.errors) or (self.outer is not None and self.outer.is_stopped())


CURRENT_RUN: ContextVar[ParallelRun | None] = ContextVar("CURRENT_RUN", default=None)
"""Run that this thread works for; None if it works for none."""


def raise_if_stopped() -> None:
    """Raise StoppedError if the run that this thread works for is stopped. Call it before and during long work."""
    current_run = CURRENT_RUN.get()
    if current_run and current_run.is_stopped():
        raise StoppedError
