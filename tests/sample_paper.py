"""The full paper of the tests: everything that a paper can have, read and assembled once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from nioc_paper.assemble import assemble
from nioc_paper.load import load
from nioc_paper.model import Document, History, Paper

FULL = Path(__file__).parent / "papers" / "full"


@cache
def full() -> Paper:
    return load(FULL, lambda _: None)


@cache
def document() -> Document:
    return assemble(full(), History())
