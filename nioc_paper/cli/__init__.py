"""The command line: options, output, exit codes. One module for each group of commands."""

from __future__ import annotations

import gc
import os
import sys

from nioc_paper.cli.command_table import ERRORS, INTERNAL_ERROR, INTERRUPTED
from nioc_paper.extensions import extensions_by_package
from nioc_paper.program_name import program_file
from nioc_paper.system import command_stages, process_lifecycle, scratch
from nioc_paper.system.failure_message import describe_failure


def main() -> None:
    """Run `nioc`. An unexpected exception is reported in one line as an internal error."""
    process_lifecycle.prepare()
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        process_lifecycle.exit_without_threads(INTERRUPTED)
    except Exception as error:  # authors see no tracebacks
        if "NIOC_DEBUG" in os.environ:
            raise
        code = _report_failure(error)
        process_lifecycle.wait_for_threads()
        sys.exit(code)
    finally:
        # No garbage collection at exit: it takes a tenth of a check.
        gc.freeze()


def _run() -> int:
    command_stages.begin("start")
    from nioc_paper.cli.lazy_commands import run  # late: its packages may be missing, which is reported

    scratch.remove_temporary_folders()
    code = run()
    if code == INTERRUPTED:
        process_lifecycle.exit_without_threads(INTERRUPTED)
    return code


def _report_failure(error: Exception) -> int:
    cause = describe_failure(error)
    names = ", ".join(extensions_by_package("rules", "formats", "importers").values())
    others = f"; an installed extension may be the cause ({names})" if names else ""
    message = cause or f"internal error: {type(error).__name__}: {error}{others} (NIOC_DEBUG=1 shows where)"
    sys.stderr.write(f"{program_file()}: {message}\n")  # click may be missing
    sys.stderr.flush()
    return ERRORS if cause else INTERNAL_ERROR
