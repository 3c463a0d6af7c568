"""`clean`: forget what was kept to be quick."""

from __future__ import annotations

from pathlib import Path

import click

from nioc_paper.cli.common import open_findings_cache, require_root


@click.command()
def clean() -> None:
    """Forget what is kept in .cache/ to make builds quick. Outputs stay; the next build takes longer."""
    freed_bytes = open_findings_cache(require_root(Path.cwd()))[0].clear()
    click.echo(f"{freed_bytes / 1e6:.1f} MB forgotten")
