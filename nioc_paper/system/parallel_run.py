"""Runs of parallel work, and the end of those that nobody waits for any more.

Imported by every command: the standard library's data classes would take a fifth of a replay.
"""

from __future__ import annotations

from contextvars import ContextVar


class StoppedError(Exception):
    """Work was not finished, because the work that waits for it has failed elsewhere."""


class ParallelRun:
    """A call of `run_parallel`: its errors, and the call in one of whose threads it is, if any."""

    def __init__(self, outer: ParallelRun | None) -> None:
        self.outer = outer
        self.errors: list[BaseException] = []

    def is_stopped(self) -> bool:
        """Return whether no further job may start."""
        return bool(self.errors) or (self.outer is not None and self.outer.is_stopped())


CURRENT_RUN: ContextVar[ParallelRun | None] = ContextVar("CURRENT_RUN", default=None)
"""Run that this thread works for."""


def raise_if_stopped() -> None:
    """Raise StoppedError if the run that this thread works for is stopped. Call it before what takes long."""
    current_run = CURRENT_RUN.get()
    if current_run and current_run.is_stopped():
        raise StoppedError
