"""`serve`: the paper in a browser while it is written."""

from __future__ import annotations

import os

import click

from nioc_paper.app.machine import require_extra
from nioc_paper.app.project import Project
from nioc_paper.cli.options import AppCommand, with_dated_project
from nioc_paper.program import command_line
from nioc_paper.system import processes


@click.command(cls=AppCommand)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    default=8700,
    show_default=True,
    help="0 chooses any free port.",
)
@click.option("--open", "opening", is_flag=True, help="Open the browser.")
@with_dated_project
def serve(project: Project, port: int, opening: bool) -> None:
    """Serve the paper as a site to this machine, and change its pages in place whenever a file changes."""
    with require_extra("serve", "the preview"):
        from nioc_paper.serve import serve as run

    def announce(address: str) -> None:
        click.echo(f"{address}  (Ctrl-C ends it)")
        if opening:
            # In a process with another working folder: a browser may obey what it finds there.
            command = processes.python_command("webbrowser", address)
            processes.start(command, env={**os.environ, "PATH": processes.search_path()})

    try:
        run(project, port, announce)
    except OSError as error:
        reason = f"port {port} cannot be used: {error.strerror}; choose another with --port"
        raise click.ClickException(reason) from error
    click.echo(f"\nThe preview has ended. To start it again: {command_line('serve')}")
