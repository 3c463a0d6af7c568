"""Work that waits for other processes, done side by side."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


def core_count() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start_thread(work: Callable[[], T]) -> Callable[[], T]:
    """Work that begins now; what is returned waits until it is done, and gives what it gave or raises what it raised.

    Like those of `side_by_side` its thread ends with a program that is interrupted.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def wait() -> T:
        thread.join()
        for error in errors:
            raise error
        return results[0]

    return wait


def noop(*_: object) -> None:
    """Do nothing: where something may be done meanwhile, or somebody told."""


def run_parallel(
    work: Callable[[int, T], None], jobs: Iterable[T], thread_count: int, while_waiting: Callable[[], object] = noop
) -> None:
    """Do some work for each job, in their order, `count` at a time; `work` is told which of them it is, from 0.

    What it raises is raised here, when the others are done. Threads of a pool would hold up a program that is
    interrupted; these end with it. `meanwhile` is done here, while they work.
    """
    pending: queue.SimpleQueue[T] = queue.SimpleQueue()
    for job in jobs:
        pending.put(job)
    errors: list[BaseException] = []

    def run(worker_index: int) -> None:
        while not errors:
            try:
                job = pending.get_nowait()
            except queue.Empty:
                return
            try:
                work(worker_index, job)
            except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
                errors.append(error)

    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(thread_count)]
    for thread in threads:
        thread.start()
    while_waiting()
    for thread in threads:
        thread.join()
    for error in errors:
        raise error


def parallel_map(work: Callable[[T], U], jobs: Iterable[T]) -> list[U]:
    """What some work gives for each job, in their order; as many are done at a time as there are cores."""
    inputs = [*jobs]
    results: dict[int, U] = {}

    def run_one(_: int, index: int) -> None:
        results[index] = work(inputs[index])

    run_parallel(run_one, range(len(inputs)), core_count())
    return [results[at] for at in range(len(inputs))]
