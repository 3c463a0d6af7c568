"""`site`: the paper as a website."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nioc_paper.app.build_request import parse_formats
from nioc_paper.app.doctor import require_extra
from nioc_paper.app.project import Project
from nioc_paper.app.site import publish_site
from nioc_paper.cli.command_table import ERRORS
from nioc_paper.cli.console import show_site
from nioc_paper.cli.options import AppCommand, out_option, public_audience_option, with_dated_project
from nioc_paper.model import OutputOptions
from nioc_paper.program_name import command_line
from nioc_paper.system import processes
from nioc_paper.system.terminal import progress_bar


@click.command(cls=AppCommand)
@public_audience_option
@click.option(
    "--downloads", metavar="FORMATS", default="pdf,docx,epub", show_default=True, help="Formats to offer, or none."
)
@click.option(
    "--redline",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A redline to offer, for the same readers.",
)
@out_option("Folder of the site. [default: dist/site]")
@with_dated_project
def site(project: Project, audience: str, downloads: str, redline: Path | None, out: Path | None) -> None:
    """Make a website of the paper in dist/site/: static files that work on any server, and without one."""
    formats = [] if downloads == "none" else parse_formats(downloads)
    target = out or project.writable_path("dist", "site")
    with progress_bar(len(formats) + 6):
        result = publish_site(project, target, formats, redline, OutputOptions(audience=audience))
    show_site(target, result)
    if not result.files or result.has_errors:
        sys.exit(ERRORS)


# --- `serve` ----------------------------------------------------------------------------------------------------------


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
            processes.start("browser", processes.python_command("webbrowser", address))

    try:
        run(project, port, announce)
    except OSError as error:
        reason = f"port {port} cannot be used: {error.strerror}; choose another with --port"
        raise click.ClickException(reason) from error
    click.echo(f"\nThe preview has ended. To start it again: {command_line('serve')}")
