"""`redline`: the changes between two versions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nioc_paper.app.comparison import RedlineRequest, build_redline, resolve_revisions
from nioc_paper.app.outputs import parse_formats
from nioc_paper.app.project import Project
from nioc_paper.cli.console import show_findings, write_and_exit
from nioc_paper.cli.options import (
    AppCommand,
    audience_options,
    chapter_option,
    formats_option,
    out_option,
    with_project,
)
from nioc_paper.cli.progress_bar import progress_bar
from nioc_paper.model import Diagnostic, OutputOptions


@click.command(cls=AppCommand)
@click.argument("versions", metavar="OLD..NEW")
@chapter_option("One chapter only.")
@formats_option("docx,pdf,html")
@audience_options
@out_option()
@with_project
def redline(
    project: Project, versions: str, chapter: str | None, formats: str, audience: str, out: Path | None
) -> None:
    """Make the paper with the changes between OLD and NEW: commits, tags or days. Without NEW, the last commit."""

    def warn(findings: Sequence[Diagnostic], sentence: str) -> None:
        show_findings(project.root, findings)
        click.echo(sentence, err=True)

    names = parse_formats(formats)
    old, new = resolve_revisions(project, versions, project.load().paper)
    request = RedlineRequest(old, new, chapter, OutputOptions(audience=audience))
    write_and_exit(project, build_redline(project, request, warn, progress_bar), names, out)
