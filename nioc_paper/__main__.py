"""`nioc` and `python -m nioc_paper`: the command line."""

import os
import signal
import sys

_ON_WINDOWS = "On Windows, nioc runs in WSL, the Windows Subsystem for Linux, or in a container."


def main() -> None:
    """Run the command line. An interrupt during its import ends the process silently: there is nothing to clean up."""
    if os.name == "nt":
        sys.exit(_ON_WINDOWS)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from nioc_paper.cli import main as run_command  # late: its import takes 30 ms

    run_command()


if __name__ == "__main__":  # chart processes import this too
    main()
