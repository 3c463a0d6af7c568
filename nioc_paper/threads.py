"""Work that waits for other processes, done side by side."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def begun(work: Callable[[], T]) -> Callable[[], T]:
    """Work that begins now; what is returned waits until it is done, and gives what it gave or raises what it raised.

    Like those of `side_by_side` its thread ends with a program that is interrupted.
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def end() -> T:
        thread.join()
        for error in failed:
            raise error
        return done[0]

    return end


def nothing(*_: object) -> None:
    """Do nothing: where something may be done meanwhile, or somebody told."""


def side_by_side(
    work: Callable[[int, T], None], jobs: Iterable[T], count: int, meanwhile: Callable[[], object] = nothing
) -> None:
    """Do some work for each job, in their order, `count` at a time; `work` is told which of them it is, from 0.

    What it raises is raised here, when the others are done. Threads of a pool would hold up a program that is
    interrupted; these end with it. `meanwhile` is done here, while they work.
    """
    waiting: queue.SimpleQueue[T] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    failed: list[BaseException] = []

    def run(place: int) -> None:
        while not failed:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                work(place, job)
            except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
                failed.append(error)

    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(count)]
    for thread in threads:
        thread.start()
    meanwhile()
    for thread in threads:
        thread.join()
    for error in failed:
        raise error


def mapped(work: Callable[[T], U], jobs: Iterable[T]) -> list[U]:
    """What some work gives for each job, in their order; as many are done at a time as there are cores."""
    given = [*jobs]
    made: dict[int, U] = {}

    def one(_: int, at: int) -> None:
        made[at] = work(given[at])

    side_by_side(one, range(len(given)), cores())
    return [made[at] for at in range(len(given))]
