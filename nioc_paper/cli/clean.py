"""`clean`: empty the cache."""

from __future__ import annotations

from pathlib import Path

import click

from nioc_paper.app.project import Project
from nioc_paper.cli.options import AppCommand


@click.command(cls=AppCommand)
def clean() -> None:
    """Delete the cache in .cache/, which makes builds quick. Outputs stay; the next build takes longer."""
    freed_bytes = Project.find(Path.cwd()).cache.clear()
    click.echo(f"{freed_bytes / 1e6:.1f} MB removed")
