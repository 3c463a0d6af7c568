"""Parallel work: in threads if it waits for other processes, in a copy of this process if it computes."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import NoReturn, TypeVar

from nioc_paper.system.interrupts import INTERRUPTING
from nioc_paper.system.parallel_run import CURRENT_RUN, ParallelRun, StoppedError
from nioc_paper.system.scratch import remove_open_folders

T = TypeVar("T")
U = TypeVar("U")
_EARLY_WORK: dict[str, Callable[[], object]] = {}
"""Functions that wait for work that was started early, by its name."""
_WAKE_SECONDS = 0.2
"""Longest time until a waiting main thread handles a signal."""


def core_count() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start_thread(work: Callable[[], T]) -> Callable[[], T]:
    """Start work in a thread; call the result to wait for its value or exception.

    Like those of `run_parallel`, the thread ends with an interrupted program. It belongs to the run of its caller.
    """
    results: list[T] = []
    errors: list[BaseException] = []
    current_run = CURRENT_RUN.get()

    def run() -> None:
        CURRENT_RUN.set(current_run)
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def wait() -> T:
        _join(thread)
        for error in errors:
            raise error
        return results[0]

    return wait


def _join(thread: threading.Thread) -> None:
    """Wait until a thread ends.

    The kernel may give a signal to any thread, and Python handles it when the main thread wakes: without a timeout an
    interrupted build went on until LibreOffice had ended (one interrupt in ten).
    """
    while thread.is_alive():
        thread.join(_WAKE_SECONDS)


def can_copy() -> bool:
    """Return whether `start_process` can use another core now."""
    return sys.platform == "linux" and core_count() > 1 and threading.active_count() == 1


def start_process(work: Callable[[], T], niceness: int = 0) -> Callable[[], T]:
    """Start work in a copy of this process, so that it computes on another core; call the result to wait for its value.

    The value is copied, and nothing else that the work changes in memory. The work runs here, when it is waited for, if
    there is no other core, if another thread runs, which may hold a lock at the time of the copy, if the system has no
    room for a copy, or if the copy ends without a value. A copy with a niceness leaves the cores to others.
    """
    copy = _start_copy(work, niceness) if can_copy() else None
    if copy is None:
        return work
    read_copy = cache(partial(_read_copy, *copy))

    def wait() -> T:
        try:
            value: T = pickle.loads(read_copy())  # noqa: S301 - written by our own copy
        except Exception:  # noqa: BLE001 - the end of a copy may cut its value anywhere
            return work()
        return value

    return wait


def start_early(name: str, work: Callable[[], object]) -> None:
    """Start work under a name if there is a core for it, before the modules that wait for it are imported."""
    if can_copy():
        _EARLY_WORK[name] = start_process(work)


def take_early_work(name: str) -> Callable[[], object] | None:
    """Return the function that waits for work, and forget it. Returns None if there is none under this name."""
    return _EARLY_WORK.pop(name, None)


def _start_copy(work: Callable[[], object], niceness: int) -> tuple[int, int] | None:
    """Start a copy of this process that sends the value of work. Returns its id and the pipe; None without room."""
    try:
        reader, writer = os.pipe()
    except OSError:
        return None
    try:
        child = os.fork()
    except OSError:
        os.close(reader)
        os.close(writer)
        return None
    if child == 0:
        os.close(reader)  # so that the copy ends if nobody waits for it: its pipe has no reader then
        os.nice(niceness)
        _send_value(work, writer)
    os.close(writer)
    return child, reader


def _read_copy(child: int, reader: int) -> bytes:
    """Return all that a copy sends, and wait for its end."""
    with os.fdopen(reader, "rb") as file:
        data = file.read()
    with contextlib.suppress(ChildProcessError):  # with SIGCHLD ignored, the kernel has removed it
        os.waitpid(child, 0)
    return data


def _send_value(work: Callable[[], object], writer: int) -> NoReturn:
    """Write the value of work to a pipe and end this process. Signals that its parent ignores stay ignored."""
    try:
        for signal_number in INTERRUPTING:
            if signal.getsignal(signal_number) is not signal.SIG_IGN:
                signal.signal(signal_number, signal.SIG_DFL)
        with os.fdopen(writer, "wb") as file:
            file.write(pickle.dumps(work()))
    finally:
        remove_open_folders()  # the exit below calls no handlers
        os._exit(0)


def noop(*_: object) -> None:
    """Do nothing; the default callback."""


def run_parallel(
    work: Callable[[int, T], None], jobs: Iterable[T], thread_count: int, while_waiting: Callable[[], object] = noop
) -> None:
    """Run work for each job in order, in `thread_count` threads; `work` gets the index of its thread and the job.

    `while_waiting` runs here meanwhile. After an exception, of a job or of `while_waiting`, no further job starts, and
    runs within these jobs are stopped. The first exception is raised here when the running jobs have ended. Raises
    StoppedError if this run is stopped by an outer one. Threads of a pool would delay an interrupted program; these end
    with it.
    """
    pending: queue.SimpleQueue[T] = queue.SimpleQueue()
    for job in jobs:
        pending.put(job)
    run = ParallelRun(CURRENT_RUN.get())
    threads = [
        threading.Thread(target=_run_pending, args=(partial(work, index), pending, run), daemon=True)
        for index in range(thread_count)
    ]
    for thread in threads:
        thread.start()
    try:
        while_waiting()
    except Exception as failure:  # noqa: BLE001 - raised when the threads have ended
        run.errors.append(failure)
    for thread in threads:
        _join(thread)
    for error in run.errors:
        raise error
    if run.is_stopped():
        raise StoppedError


def _run_pending(work: Callable[[T], None], pending: queue.SimpleQueue[T], run: ParallelRun) -> None:
    """Run work for the next pending job, until none is left or the run is stopped."""
    CURRENT_RUN.set(run)
    while not run.is_stopped():
        try:
            job = pending.get_nowait()
        except queue.Empty:
            return
        try:
            work(job)
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            run.errors.append(error)


def parallel_map(work: Callable[[T], U], jobs: Iterable[T], while_waiting: Callable[[], object] = noop) -> list[U]:
    """Return the results for each job in order, with as many jobs at a time as there are cores.

    `while_waiting` runs here meanwhile.
    """
    inputs = [*jobs]
    results: dict[int, U] = {}

    def run_one(_: int, index: int) -> None:
        results[index] = work(inputs[index])

    run_parallel(run_one, range(len(inputs)), core_count(), while_waiting)
    return [results[index] for index in range(len(inputs))]
