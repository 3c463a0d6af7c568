"""Start and end of this process: streams, garbage collection, signals and threads."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import threading
import time
from typing import NoReturn

from nioc_paper.system.interrupts import INTERRUPTING, raise_at_signals
from nioc_paper.system.processes import ignore_without_inheriting


def prepare() -> None:
    """Set up standard streams, garbage collection, threads and signals."""
    _open_missing_streams()
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


def discard_output() -> None:
    """Send standard output nowhere: Python flushes it at exit, and must not fail again if its reader is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
