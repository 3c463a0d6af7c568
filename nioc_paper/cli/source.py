"""`source`: list the sources of the paper, and add new ones."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from nioc_paper.app.project import Project
from nioc_paper.app.sources import add_sources, list_sources, read_new_sources
from nioc_paper.cli.options import CHAPTER, PATH, AppGroup, commit_options, turn_to_change, with_project


@click.group(cls=AppGroup)
def source() -> None:
    """List the sources of the paper, and add new ones."""


@source.command("list", short_help="List sources, with the chapters that cite them.")
@click.argument("words", nargs=-1)
@click.option("--uncited", is_flag=True, help="Only sources that no chapter cites.")
@click.option("--unverified", is_flag=True, help="Only sources that are not verified.")
@click.option("--cited-in", "chapter", type=CHAPTER, metavar="CHAPTER", help="Only sources that this chapter cites.")
@with_project
def list_(project: Project, words: Sequence[str], uncited: bool, unverified: bool, chapter: str | None) -> None:
    """List the sources of all files by key, each with its place and the chapters that cite it.

    With WORDS, only sources that have all of them in their key, authors, title or place.
    """
    click.echo("\n".join(list_sources(project, words, chapter, uncited=uncited, unverified=unverified)) or "no source")


@source.command(short_help="Add sources from BibTeX, RIS or CSL-JSON.")
@click.argument("file", type=click.Path(allow_dash=True), default="-")
@click.option("--key", metavar="KEY", help="Its key. [default: that of the entry]")
@click.option("--copy", metavar="FILE", type=PATH, help="A file to keep in paper/sources/ as its copy.")
@commit_options
@with_project
def add(project: Project, file: str, key: str | None, copy: Path | None) -> None:
    """Add the sources in FILE, or in what is pasted into the terminal, to the paper. Nothing is fetched."""
    references = read_new_sources(project, file, sys.stdin, key)
    with turn_to_change(project.root):
        click.echo("\n".join(add_sources(project, references, copy)))
