"""Start and end of this process: streams, garbage collection, signals and threads."""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, NoReturn

from nioc_paper.system.interrupts import INTERRUPTING, raise_at_signals
from nioc_paper.system.processes import ignore_without_inheriting

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def prepare() -> None:
    """Set up standard streams, garbage collection, threads and signals."""
    _open_missing_streams()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        file = io.BufferedWriter(_Output(stream.fileno(), "w", closefd=False))
        setattr(sys, name, io.TextIOWrapper(file, stream.encoding, stream.errors, None, stream.line_buffering))
    # Trees are many small objects without cycles: collecting garbage by default takes a third of a check.
    gc.set_threshold(500_000)
    # Switch threads often, so that readers start pandoc without delay.
    sys.setswitchinterval(0.0005)
    raise_at_signals()
    ignore_without_inheriting(*INTERRUPTING)


def _open_missing_streams() -> None:
    """Open the null device for standard streams that the caller has closed, as in `nioc status >&-`.

    Otherwise the next files that are opened get their descriptors.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            stream = open(os.devnull, mode, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115, PTH123
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)  # it would be closed without a reference


class _Output(io.FileIO):
    """Output of a command, which does its work and has its exit code also if the reader of that has gone.

    Another fault, such as a full disk, is raised once: what is left is written again at the end of Python.
    """

    is_read = True

    def write(self, data: ReadableBuffer, /) -> int:
        if self.is_read:
            try:
                return super().write(data)
            except OSError as error:
                self.is_read = False
                if not isinstance(error, BrokenPipeError):
                    raise
        return memoryview(data).nbytes


def is_output_read() -> bool:
    """Return whether standard output still has a reader."""
    return getattr(getattr(sys.stdout, "buffer", None), "raw", _Output).is_read


def wait_for_threads() -> None:
    """Wait up to five seconds for threads that still read: Python may crash at exit while they are in a library."""
    end = time.monotonic() + 5
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(max(0, end - time.monotonic()))


def exit_without_threads(code: int) -> NoReturn:
    """Exit after the functions that clean up.

    The rest of Python's exit is left out: it would end threads within the code of compiled modules, which abort the
    process then (in one of fifty interrupted builds).
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):  # closed by their reader
                stream.flush()
        atexit._run_exitfuncs()  # noqa: SLF001 - Python has no public name for it
    finally:
        os._exit(code)
