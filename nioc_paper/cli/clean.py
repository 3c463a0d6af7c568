"""`clean`: empty the cache."""

from __future__ import annotations

import click

from nioc_paper.app.project import Project
from nioc_paper.cli.options import AppCommand, with_project


@click.command(cls=AppCommand)
@with_project
def clean(project: Project) -> None:
    """Delete the cache in .cache/, which makes builds quick. Outputs stay; the next build takes longer."""
    click.echo(f"{project.cache.clear() / 1e6:.1f} MB removed")
