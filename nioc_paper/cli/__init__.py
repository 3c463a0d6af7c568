"""The command line: arguments, the order of the stages, the exit code. A file for each group of commands."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module

import click

from nioc_paper import __version__
from nioc_paper.cli.common import ERRORS, INTERRUPTED, OK, OURS, USAGE

_MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENOMEM}
"""A full or read-only disk, a file of somebody else: no fault of ours, nor of the paper's."""


COMMANDS: Mapping[str, str] = {
    "check": "findings",
    "explain": "findings",
    "status": "progress",
    "calendar": "reminding",
    "remind": "reminding",
    "board": "board",
    "newsletter": "news",
    "build": "outputs",
    "site": "site",
    "serve": "serving",
    "export": "exports",
    "move": "authoring",
    "approve": "signing",
    "send": "reviews",
    "receive": "receiving",
    "comments": "comments",
    "redline": "redline",
    "new": "starting",
    "clean": "cleaning",
    "lsp": "editors",
    "schema": "editors",
}
"""The commands, and the module that each is in."""


class _Commands(Mapping[str, click.Command]):
    """COMMANDS, each imported when it is asked for: no command waits for what another one needs."""

    def __getitem__(self, name: str) -> click.Command:
        command: click.Command = getattr(import_module(f"nioc_paper.cli.{COMMANDS[name]}"), name)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


@click.group(commands=_Commands(), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nioc")
def nioc() -> None:
    """Make one paper out of many people's chapters: checked, dated and printed."""


def main() -> None:
    """Run `nioc`. Whatever goes wrong inside is our fault, and said in one line."""
    # Closed by whoever started us, as in `nioc status >&-`.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    # Trees are made of many small objects without cycles: looking for some takes a third of a check.
    gc.set_threshold(500_000)
    try:
        nioc(standalone_mode=False, prog_name="nioc")
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.UsageError as error:
        error.show()
        sys.exit(USAGE)
    except click.ClickException as error:
        error.show()
        sys.exit(ERRORS)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.exit(OK)
    except Exception as error:  # the last place that can keep a traceback from an author
        if "NIOC_DEBUG" in os.environ:
            raise
        if isinstance(error, OSError) and error.errno in _MACHINE:
            click.echo(f"nioc: the machine refuses: {error.strerror}: {error.filename or 'standard output'}", err=True)
            sys.exit(ERRORS)
        click.echo(f"nioc: our fault: {type(error).__name__}: {error} (NIOC_DEBUG=1 shows where)", err=True)
        sys.exit(OURS)
