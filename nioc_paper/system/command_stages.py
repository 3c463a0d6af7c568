"""Stages of a command: what it does now, for a progress bar, and where its time went, for `--timings`.

Imported by every command, so neither dataclasses nor msgspec.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple


class StageTime(NamedTuple):
    """A stage, with the seconds of the clock at which it began and ended."""

    name: str
    began: float
    ended: float


_STARTED = time.perf_counter()
_TIMES: list[StageTime] = []
_LISTENERS: list[Callable[[str], object]] = []
_CURRENT = threading.local()


def begin(name: str) -> None:
    """Begin a stage of this thread; the one before ends."""
    end()
    _CURRENT.stage = name, time.perf_counter()
    for listener in _LISTENERS:
        listener(name)


def end() -> None:
    """End the current stage of this thread, if any."""
    name, began = getattr(_CURRENT, "stage", ("", 0.0))
    if name:
        _TIMES.append(StageTime(name, began, time.perf_counter()))
        del _CURRENT.stage


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Do the body as a stage."""
    begin(name)
    try:
        yield
    finally:
        end()


@contextmanager
def listening(listener: Callable[[str], object]) -> Iterator[None]:
    """Call a function with the name of each stage that begins in the body."""
    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)


def times() -> list[StageTime]:
    """Return the stages that have ended in this process, and those that were added."""
    return [*_TIMES]


def add(stage_times: Iterable[StageTime]) -> None:
    """Add the stages of another process of this machine."""
    _TIMES.extend(stage_times)


def forget() -> None:
    """Forget all stages, in a copy of the process."""
    _TIMES.clear()
    _LISTENERS.clear()
    _CURRENT.__dict__.clear()


def timings_table() -> str:
    """Return the stages as lines, with the seconds until each began and those it took; then all processor time.

    Stages run beside each other, so their seconds may add up to more than there were.
    """
    end()
    rows = sorted(_TIMES, key=lambda stage_time: stage_time.began)
    lines = [f"{row.began - _STARTED:9.2f}  {row.ended - row.began:9.2f}  {row.name}" for row in rows]
    used = os.times()
    total = (
        f"{time.perf_counter() - _STARTED:.2f} s in all; of the processor {used.user + used.system:.2f} s here, "
        f"{used.children_user + used.children_system:.2f} s in processes that have ended"
    )
    return "\n".join(["begins, s   takes, s  stage", *lines, total])
