"""`site`: the paper as a website."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from nioc_paper.app.outputs import parse_formats
from nioc_paper.app.project import Project
from nioc_paper.app.replay import CommandRecord, OutputRecorder
from nioc_paper.app.site import SiteRequest, SiteResult, publish_site
from nioc_paper.cli.console import progress_bar, report_notices
from nioc_paper.cli.exit_codes import ERRORS
from nioc_paper.cli.options import AppCommand, out_option, readers_option, with_dated_project
from nioc_paper.model import OutputOptions


@click.command(cls=AppCommand)
@readers_option
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
@click.pass_obj
def site(
    record: CommandRecord | None,
    /,
    project: Project,
    audience: str,
    downloads: str,
    redline: Path | None,
    out: Path | None,
) -> None:
    """Make a website of the paper in dist/site/: static files that work on any server, and without one."""
    echo = OutputRecorder()
    formats = [] if downloads == "none" else parse_formats(downloads)
    target = out or project.writable_path("dist", "site")
    request = SiteRequest(target, formats, redline, OutputOptions(audience=audience))
    result = publish_site(project, request, progress_bar)
    _report_site(project, target, result, echo)
    if not result.is_written:
        sys.exit(ERRORS)
    if record:
        inputs = [*result.paper.inputs, *([str(redline.resolve())] if redline else [])]
        record.save(project.time_zone(result.paper).key, echo, inputs=inputs, outputs=result.files)


def _report_site(project: Project, target: Path, result: SiteResult, echo: OutputRecorder) -> None:
    """Show findings and notices on standard error, and the folder of the site with its size."""
    report_notices(project, result, echo)
    if not result.is_written:
        echo("nothing was written", err=True)
        return
    size = sum(file.stat().st_size for file in result.files) / 1e6
    echo(f"{os.path.relpath(target)}/index.html  {len(result.files)} files, {size:.1f} MB")
