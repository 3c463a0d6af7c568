"""`nioc` and `python -m nioc_paper`: the command line."""

import signal


def main() -> None:
    """Run the command line. An interrupt during its import ends the process silently: there is nothing to clean up."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from nioc_paper.cli import main as run_command  # late: its import takes 30 ms

    run_command()


if __name__ == "__main__":  # chart processes import this too
    main()
