"""Table of the commands, imported on demand, and their exit codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import click

from nioc_paper import __version__
from nioc_paper.app.replay import CommandRecord
from nioc_paper.cli.exit_codes import ERRORS, INTERRUPTED, OK, USAGE
from nioc_paper.system import git
from nioc_paper.system.files import find_root


class CommandEntry(NamedTuple):
    """Module of a command, and its line in `nioc --help`."""

    module: str
    """Module in `nioc_paper.cli`."""
    short_help: str = ""
    help: str = ""
    """First sentence of the command's docstring, if it has no short help; cut to the width of the terminal."""


COMMANDS: Mapping[str, CommandEntry] = {
    "check": CommandEntry("check", help="Report everything that is wrong, with its place and what to do."),
    "explain": CommandEntry("check", "Say what a rule wants, or list the rules."),
    "status": CommandEntry("status", help="Say whether the deadline holds, and where every chapter stands."),
    "calendar": CommandEntry("reminders", "Write the dates for a calendar."),
    "remind": CommandEntry("reminders", "Write letters to those who owe something."),
    "board": CommandEntry("board", "Show one page for the board."),
    "newsletter": CommandEntry("newsletter", "Write what changed in a month."),
    "build": CommandEntry("build", help="Make the paper in dist/."),
    "site": CommandEntry(
        "site", help="Make a website of the paper in dist/site/: static files that work on any server, and without one."
    ),
    "serve": CommandEntry("serve", "Show the paper in a browser while it is written."),
    "export": CommandEntry("export", "Write the registers for a spreadsheet."),
    "move": CommandEntry("move", "Set the status of a chapter."),
    "approve": CommandEntry("approve", "Sign a chapter off."),
    "send": CommandEntry("send", "Make Word files of a chapter for its reviewers."),
    "receive": CommandEntry("receive", "Put what a reviewer changed in Word into the chapter."),
    "comments": CommandEntry("comments", "List what reviewers said, and answer it."),
    "redline": CommandEntry("redline", "Show what changed between two versions."),
    "new": CommandEntry("new", help="Start a paper or a chapter."),
    "clean": CommandEntry("clean", help="Forget what is kept in .cache/ to make builds quick."),
    "lsp": CommandEntry("editors", "Serve an editor, which starts this itself."),
    "schema": CommandEntry("editors", "Print the JSON Schema of a kind of file."),
}


class _LazyCommands(Mapping[str, click.Command]):
    """COMMANDS, each imported on demand: a command needs no import of another one."""

    def __getitem__(self, name: str) -> click.Command:
        entry = COMMANDS[name]
        command: click.Command = getattr(import_module(f"nioc_paper.cli.{entry.module}"), name)
        command.short_help = entry.short_help or None
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _LazyGroup(click.Group):
    """A group that lists its commands without importing them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from COMMANDS."""
        stubs = {name: click.Command(name, help=e.help, short_help=e.short_help) for name, e in COMMANDS.items()}
        click.Group(commands=stubs).format_commands(ctx, formatter)


@click.group(cls=_LazyGroup, commands=_LazyCommands(), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nioc")
def nioc() -> None:
    """Make one paper out of many people's chapters: checked, dated and printed."""


def run(record: CommandRecord | None) -> int:
    """Run the command of the command line, and return the exit code. The command may save its output to the record."""
    try:
        # Click returns the code of `Context.exit`, and None for a command that ends otherwise.
        code: int | None = nioc(standalone_mode=False, prog_name="nioc", obj=record)
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
    return code or OK
