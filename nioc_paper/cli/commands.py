"""The commands, and what becomes of one that is used wrongly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import click

from nioc_paper import __version__
from nioc_paper.app.replay import CommandRecord
from nioc_paper.cli.exit_codes import ERRORS, INTERRUPTED, OK, USAGE
from nioc_paper.system import git
from nioc_paper.system.files import find_root

COMMANDS: Mapping[str, str] = {
    "check": "check",
    "explain": "check",
    "status": "status",
    "calendar": "reminders",
    "remind": "reminders",
    "board": "board",
    "newsletter": "newsletter",
    "build": "build",
    "site": "site",
    "serve": "serve",
    "export": "export",
    "move": "move",
    "approve": "approve",
    "send": "send",
    "receive": "receive",
    "comments": "comments",
    "redline": "redline",
    "new": "new",
    "clean": "clean",
    "lsp": "editors",
    "schema": "editors",
}
"""The commands, and the module that each is in."""


class _LazyCommands(Mapping[str, click.Command]):
    """COMMANDS, each imported when it is asked for: no command waits for what another one needs."""

    def __getitem__(self, name: str) -> click.Command:
        command: click.Command = getattr(import_module(f"nioc_paper.cli.{COMMANDS[name]}"), name)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


@click.group(commands=_LazyCommands(), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nioc")
def nioc() -> None:
    """Make one paper out of many people's chapters: checked, dated and printed."""


def run(record: CommandRecord | None) -> int:
    """Run the command of the command line, which may remember what it said; the exit code."""
    try:
        nioc(standalone_mode=False, prog_name="nioc", obj=record)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        error.show()
        return ERRORS
    except click.Abort:
        return INTERRUPTED
    finally:
        if git.REFUSAL_REASONS:
            from nioc_paper.cli.console import show_findings

            root = find_root(Path.cwd()) or Path.cwd()
            show_findings(root, git.refusal_findings(root))
    return OK
