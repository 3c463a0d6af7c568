"""The command line: options, output, exit codes. One module for each group of commands."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import threading
import time
from typing import NoReturn

from nioc_paper.app import replay
from nioc_paper.cli.exit_codes import ERRORS, INTERNAL_ERROR, INTERRUPTED, OK
from nioc_paper.program import program_file
from nioc_paper.system.interrupts import INTERRUPTING, raise_at_signals
from nioc_paper.system.processes import ignore_without_inheriting


def main() -> None:
    """Run `nioc`. An unexpected exception is reported in one line as an internal error."""
    _prepare_process()
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        _exit_interrupted()
    except BrokenPipeError:
        # Python flushes standard output at exit, and must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
    except Exception as error:  # authors see no tracebacks
        if "NIOC_DEBUG" in os.environ:
            raise
        code = _report_failure(error)
        _wait_for_threads()
        sys.exit(code)
    finally:
        # No garbage collection at exit: it takes a tenth of a check.
        gc.freeze()


def _prepare_process() -> None:
    """Set up standard output, garbage collection, threads and signals."""
    # The caller may have closed it, as in `nioc status >&-`.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    # Trees are many small objects without cycles: collecting garbage by default takes a third of a check.
    gc.set_threshold(500_000)
    # Switch threads often, so that readers start pandoc without delay.
    sys.setswitchinterval(0.0005)
    raise_at_signals()
    ignore_without_inheriting(*INTERRUPTING)


def _run() -> int:
    record = replay.open_record(sys.argv[1:])
    if record and record.replay():
        return OK
    from nioc_paper.cli.commands import run  # late: a replay needs none of it

    code = run(record)
    return _exit_interrupted() if code == INTERRUPTED else code


def _exit_interrupted() -> NoReturn:
    """Exit with 130, as on every interruption, after the functions that clean up.

    The rest of Python's exit is left out: it would end threads within the code of compiled modules, which abort the
    process then (in one of fifty interrupted builds).
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):  # closed by their reader
                stream.flush()
        atexit._run_exitfuncs()  # noqa: SLF001 - Python has no public name for it
    finally:
        os._exit(INTERRUPTED)


def _wait_for_threads() -> None:
    """Wait up to five seconds for threads that still read: Python may crash at exit while they are in a library."""
    end = time.monotonic() + 5
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(max(0, end - time.monotonic()))


def _report_failure(error: Exception) -> int:
    from nioc_paper.system.failures import describe_failure  # late: few runs fail

    cause = describe_failure(error)
    message = cause or f"internal error: {type(error).__name__}: {error} (NIOC_DEBUG=1 shows where)"
    sys.stderr.write(f"{program_file()}: {message}\n")  # click may be missing
    sys.stderr.flush()
    return ERRORS if cause else INTERNAL_ERROR
