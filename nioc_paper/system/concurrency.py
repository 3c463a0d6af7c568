"""All work that runs beside other work: in threads, in a copy of this process, or in idle time.

With `NIOC_PLAIN=1` nothing runs beside anything: the same outputs, later.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import cache, partial
from importlib import import_module
from typing import Generic, NoReturn, TypeVar

from nioc_paper.system import command_stages
from nioc_paper.system.interrupts import INTERRUPTING
from nioc_paper.system.scratch import remove_open_folders

T = TypeVar("T")
U = TypeVar("U")
_WAKE_SECONDS = 0.2
"""Longest time until a waiting main thread handles a signal."""
_SET_SIGNAL_AT_PARENTS_END = 1
"""The option of `prctl`."""


def is_plain() -> bool:
    """Return whether the user has switched all speed code off."""
    return os.environ.get("NIOC_PLAIN", "0") != "0"


def core_count() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def noop(*_: object) -> None:
    """Do nothing; the default callback."""


# --- idle time --------------------------------------------------------------------------------------------------------


class _IdleValue(Generic[T]):
    """Value of work that is done once: in idle time, or when the value is asked for."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work, self._values, self._lock = work, list[T](), threading.RLock()

    def __call__(self) -> T:
        with self._lock:
            if not self._values:
                self._values.append(self._work())
            return self._values[0]


_IDLE_WORK: deque[_IdleValue[object]] = deque()


def soon(work: Callable[[], T]) -> Callable[[], T]:
    """Return a function that gives the value of work, computed the next time that some thread waits for others."""
    value = _IdleValue(work)
    if not is_plain():
        _IDLE_WORK.append(value)  # type: ignore[arg-type]
    return value


def import_soon(*modules: str) -> None:
    """Import modules the next time that some thread waits for others."""
    for name in modules:
        soon(partial(import_module, name))


# --- threads ----------------------------------------------------------------------------------------------------------


class StoppedError(Exception):
    """Work was not finished, because the work that waits for it has failed elsewhere."""


class _ParallelRun:
    """A call of `running`: its errors, and the outer call, if it is made in a thread of one."""

    def __init__(self, outer: _ParallelRun | None) -> None:
        self.outer = outer
        self.errors: list[BaseException] = []

    def is_stopped(self) -> bool:
        """Return whether no further job may start."""
        return bool(self.errors) or (self.outer is not None and self.outer.is_stopped())


_CURRENT_RUN: ContextVar[_ParallelRun | None] = ContextVar("_CURRENT_RUN", default=None)
"""Run that this thread works for; None if it works for none."""


def raise_if_stopped() -> None:
    """Raise StoppedError if the run that this thread works for is stopped. Call it before and during long work."""
    current_run = _CURRENT_RUN.get()
    if current_run and current_run.is_stopped():
        raise StoppedError


def start_thread(work: Callable[[], T]) -> Callable[[], T]:
    """Start work in a thread; call the result to wait for its value or exception.

    Like those of `running`, the thread ends with an interrupted program. It belongs to the run of its caller.
    """
    results: list[T] = []
    errors: list[BaseException] = []
    current_run = _CURRENT_RUN.get()

    def run() -> None:
        _CURRENT_RUN.set(current_run)
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def wait() -> T:
        _join([thread])
        for error in errors:
            raise error
        return results[0]

    return wait


def _join(threads: Iterable[threading.Thread]) -> None:
    """Wait until threads end, and do idle work as long as one lives.

    The kernel may give a signal to any thread, and Python handles it when the main thread wakes: without a timeout an
    interrupted build went on until LibreOffice had ended (one interrupt in ten).
    """
    threads = [*threads]
    while _IDLE_WORK and any(thread.is_alive() for thread in threads):
        with contextlib.suppress(Exception):  # it comes again when the value is asked for
            _IDLE_WORK.popleft()()
    for thread in threads:
        while thread.is_alive():
            thread.join(_WAKE_SECONDS)


@contextlib.contextmanager
def running(work: Callable[[int, T], None], jobs: Iterable[T], thread_count: int) -> Iterator[None]:
    """Run work for each job in order, in `thread_count` threads, beside the body; wait for them at its end.

    `work` gets the index of its thread and the job. After an exception, of a job or of the body, no further job starts,
    and runs within these jobs are stopped. The first exception is raised when the running jobs have ended. Raises
    StoppedError if this run is stopped by an outer one. Threads of a pool would delay an interrupted program; these end
    with it.
    """
    pending: queue.SimpleQueue[T] = queue.SimpleQueue()
    for job in jobs:
        pending.put(job)
    run = _ParallelRun(_CURRENT_RUN.get())
    threads = [
        threading.Thread(target=_run_pending, args=(partial(work, index), pending, run), daemon=True)
        for index in range(thread_count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    except Exception as failure:  # noqa: BLE001 - raised when the threads have ended
        run.errors.append(failure)
    _join(threads)
    for error in run.errors:
        raise error
    if run.is_stopped():
        raise StoppedError


def _run_pending(work: Callable[[T], None], pending: queue.SimpleQueue[T], run: _ParallelRun) -> None:
    """Run work for the next pending job, until none is left or the run is stopped."""
    _CURRENT_RUN.set(run)
    while not run.is_stopped():
        try:
            job = pending.get_nowait()
        except queue.Empty:
            return
        try:
            work(job)
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            run.errors.append(error)


def run_parallel(work: Callable[[int, T], None], jobs: Iterable[T], thread_count: int) -> None:
    """Run work for each job in order, in `thread_count` threads, as `running` does."""
    with running(work, jobs, thread_count):
        pass


def parallel_map(work: Callable[[T], U], jobs: Iterable[T]) -> list[U]:
    """Return the results for each job in order, with one job more at a time than there are cores: most wait."""
    results: dict[int, U] = {}

    def run_one(_: int, numbered: tuple[int, T]) -> None:
        results[numbered[0]] = work(numbered[1])

    run_parallel(run_one, enumerate(jobs), core_count() + 1)
    return [results[number] for number in sorted(results)]


# --- copies of the process --------------------------------------------------------------------------------------------


def can_copy() -> bool:
    """Return whether `start_process` can use another core now."""
    has_core = sys.platform == "linux" and core_count() > 1
    return has_core and threading.active_count() == 1 and not is_plain()


def start_process(work: Callable[[], T]) -> Callable[[], T]:
    """Start work in a copy of this process, so that it computes on another core; call the result to wait for its value.

    The value is copied, and nothing else that the work changes in memory. The work runs here, when it is waited for, if
    there is no other core, if another thread runs, which may hold a lock at the time of the copy, if the system has no
    room for a copy, or if the copy ends without a value.
    """
    copy = _start_copy(work) if can_copy() else None
    if copy is None:
        return work
    read_copy = cache(partial(_read_copy, *copy))

    def wait() -> T:
        try:
            value: T
            value, times = pickle.loads(read_copy())  # noqa: S301 - written by our own copy
        except Exception:  # noqa: BLE001 - the end of a copy may cut its value anywhere
            return work()
        command_stages.add(times)
        return value

    return wait


def _start_copy(work: Callable[[], object]) -> tuple[int, int] | None:
    """Start a copy of this process that sends the value of work. Returns its id and the pipe; None without room."""
    try:
        reader, writer = os.pipe()
    except OSError:
        return None
    try:
        parent, child = os.getpid(), os.fork()
    except OSError:
        os.close(reader)
        os.close(writer)
        return None
    if child == 0:
        os.close(reader)  # so that the copy ends if nobody waits for it: its pipe has no reader then
        _end_with(parent)
        _IDLE_WORK.clear()  # this process does it
        _send_value(work, writer)
    os.close(writer)
    return child, reader


def _end_with(parent: int) -> None:
    """Let the kernel kill this copy when the thread ends that has made it: the main one, for no other runs."""
    import ctypes  # late: only copies need it

    with contextlib.suppress(OSError, AttributeError):  # not Linux
        ctypes.CDLL(None).prctl(_SET_SIGNAL_AT_PARENTS_END, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _read_copy(child: int, reader: int) -> bytes:
    """Return all that a copy sends, and wait for its end."""
    with os.fdopen(reader, "rb") as file:
        data = file.read()
    with contextlib.suppress(ChildProcessError):  # with SIGCHLD ignored, the kernel has removed it
        os.waitpid(child, 0)
    return data


def _send_value(work: Callable[[], object], writer: int) -> NoReturn:
    """Write the value of work to a pipe, and the times of its stages; end this process.

    Signals that its parent ignores stay ignored.
    """
    try:
        for signal_number in INTERRUPTING:
            if signal.getsignal(signal_number) is not signal.SIG_IGN:
                signal.signal(signal_number, signal.SIG_DFL)
        command_stages.forget()
        value = work()
        with os.fdopen(writer, "wb") as file:
            file.write(pickle.dumps((value, command_stages.times())))
    finally:
        remove_open_folders()  # the exit below calls no handlers
        os._exit(0)
