"""Work that starts in a copy of the process, before the modules that wait for it are imported."""

from __future__ import annotations

from collections.abc import Callable

from nioc_paper.system.concurrency import can_copy, start_process

_STARTED: dict[str, Callable[[], object]] = {}
"""Functions that wait for work, by its name."""


def start_early(name: str, work: Callable[[], object]) -> None:
    """Start work under a name if there is a core for it."""
    if can_copy():
        _STARTED[name] = start_process(work)


def take_early_work(name: str) -> Callable[[], object] | None:
    """Return the function that waits for work, and forget it. Returns None if there is none under this name."""
    return _STARTED.pop(name, None)
