"""The commands, imported on demand, and their exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from nioc_paper import __version__
from nioc_paper.cli.command_table import COMMAND_GROUPS, DESCRIPTION, ERRORS, INTERRUPTED, OK, USAGE, CommandEntry
from nioc_paper.cli.console import show_error, show_findings
from nioc_paper.program_name import program
from nioc_paper.system import git
from nioc_paper.system.files import find_root

_HELP_MARGIN = 6
"""Columns of the indentation and of the space between a command and its help."""


COMMANDS: Mapping[str, CommandEntry] = {
    name: entry for group in COMMAND_GROUPS.values() for name, entry in group.items()
}


class _LazyCommands(Mapping[str, click.Command]):
    """COMMANDS, each imported on demand: a command needs no import of another one."""

    def __getitem__(self, name: str) -> click.Command:
        entry = COMMANDS[name]
        command: click.Command = getattr(import_module(f"nioc_paper.cli.{entry.module}"), entry.attribute or name)
        command.short_help = entry.short_help or None
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _LazyGroup(click.Group):
    """A group that lists its commands without importing them."""

    def main(self, *args: object, standalone_mode: bool = True, **options: object) -> Any:
        """Run a command. Returns its exit code, or exits with it; an error is printed above the line of usage."""
        run_command: Callable[..., int | None] = super().main
        try:
            # Click returns the code of `Context.exit`, and None for a command that ends otherwise.
            code = run_command(*args, standalone_mode=False, **options) or OK
        except click.UsageError as error:
            show_error(error)
            code = USAGE
        except click.ClickException as error:
            show_error(error)
            code = ERRORS
        except click.Abort as abort:
            if isinstance(abort.__cause__, EOFError):  # of an import: no command reads to the end of its input
                raise abort.__cause__ from None
            code = INTERRUPTED
        if standalone_mode:
            sys.exit(code)
        return code

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click calls it
        """Write a list of commands for each of COMMAND_GROUPS."""
        name_width = max(map(len, COMMANDS))
        for heading, entries in COMMAND_GROUPS.items():
            stubs = {name: click.Command(name, help=e.help, short_help=e.short_help) for name, e in entries.items()}
            limit = formatter.width - name_width - _HELP_MARGIN
            rows = [(f"{name:{name_width}}", stub.get_short_help_str(limit)) for name, stub in stubs.items()]
            with formatter.section(heading):
                formatter.write_dl(rows)


@click.group(
    cls=_LazyGroup,
    commands=_LazyCommands(),
    help=DESCRIPTION,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="nioc_paper")
def nioc() -> None:
    """Run a command of the table."""


def run() -> int:
    """Run the command of the command line, and return the exit code."""
    try:
        code: int = nioc.main(standalone_mode=False, prog_name=program())
    finally:
        if git.REFUSAL_REASONS:
            show_findings(git.refusal_findings(find_root(Path.cwd()) or Path.cwd()))
    return code
