"""The command line: arguments, the order of the stages, the exit code. A file for each group of commands."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys

from nioc_paper.app import replay
from nioc_paper.cli.exit_codes import ERRORS, INTERNAL_ERROR, INTERRUPTED, OK
from nioc_paper.system.processes import ignore_without_inheriting

_MACHINE_ERRNOS = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
    errno.EMFILE,
    errno.ENOMEM,
}
"""A full or read-only disk, a file of somebody else: no fault of ours, nor of the paper's."""


def main() -> None:
    """Run `nioc`. Whatever goes wrong inside is our fault, and said in one line."""
    # Closed by whoever started us, as in `nioc status >&-`.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    # Trees are made of many small objects without cycles: looking for some takes a third of a check.
    gc.set_threshold(500_000)
    # What reads a file in one thread waits so long, at every step, while another is busy: pandoc is to start soon.
    sys.setswitchinterval(0.0005)
    # Whoever ends us, or closes the terminal, lets us take away what we have put down, as an interruption does.
    for signal_number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(signal_number) == signal.SIG_DFL:  # not if it is to be ignored, as `nohup` says
            signal.signal(signal_number, signal.default_int_handler)
    ignore_without_inheriting(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # What is left to be said when Python ends has nowhere to go either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
    except Exception as error:  # the last place that can keep a traceback from an author
        if "NIOC_DEBUG" in os.environ:
            raise
        sys.exit(_report_failure(error))
    finally:
        # All goes when we end: to look through it once more for what could go first takes a tenth of a check.
        gc.freeze()


def _run() -> int:
    record = replay.open_record(sys.argv[1:])
    if record and record.replay():
        return OK
    from nioc_paper.cli.commands import run  # late: to say again what was said needs none of it

    return run(record)


def _report_failure(error: Exception) -> int:
    from click import echo

    from nioc_paper.system.pandoc import PandocError

    if isinstance(error, OSError) and error.errno in _MACHINE_ERRNOS:
        echo(f"nioc: the machine refuses: {error.strerror}: {error.filename or 'standard output'}", err=True)
        return ERRORS
    if isinstance(error, PandocError):
        lines = error.detail.splitlines() or ["no reason given"]
        echo(f"nioc: pandoc gives no result ({error.reason}): {lines[0][:200]}", err=True)
        return ERRORS
    echo(f"nioc: our fault: {type(error).__name__}: {error} (NIOC_DEBUG=1 shows where)", err=True)
    return INTERNAL_ERROR
