"""The commands, and what becomes of one that is used wrongly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import click

from nioc_paper import __version__, git
from nioc_paper.cli.exits import ERRORS, INTERRUPTED, OK, USAGE
from nioc_paper.cli.unchanged import Asked
from nioc_paper.files import paper_around

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


def run(asked: Asked | None) -> int:
    """Run the command of the command line, which may remember what it said; the exit code."""
    try:
        nioc(standalone_mode=False, prog_name="nioc", obj=asked)
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
        if git.REFUSED:
            from nioc_paper.cli.common import show

            root = paper_around(Path.cwd()) or Path.cwd()
            show(root, git.refusals(root))
    return OK
