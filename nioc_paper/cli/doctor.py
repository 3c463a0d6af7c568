"""`doctor`: whether this machine has everything that the tool uses."""

from __future__ import annotations

import sys

import click

from nioc_paper import __version__
from nioc_paper.app.machine import examine_machine
from nioc_paper.cli.exit_codes import ERRORS, OK
from nioc_paper.cli.options import AppCommand


@click.command(cls=AppCommand)
def doctor() -> None:
    """Show what is installed and what is missing, with the command that installs it."""
    machine = examine_machine(__version__)
    click.echo("\n".join(machine.lines))
    if machine.install_commands:
        click.echo("\n  ".join(["\nTo install what is missing:", *machine.install_commands]))
    else:
        click.echo("\nnothing is missing")
    sys.exit(OK if machine.is_sufficient else ERRORS)
