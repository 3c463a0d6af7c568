"""`clean`: forget what was kept to be quick."""

from __future__ import annotations

from pathlib import Path

import click

from nioc_paper.cli.common import memory_of, root_of


@click.command()
def clean() -> None:
    """Forget what is kept in .cache/ to make builds quick. Outputs stay; the next build takes longer."""
    weight = memory_of(root_of(Path.cwd()))[0].clear()
    click.echo(f"{weight / 1e6:.1f} MB forgotten")
