"""Shared state of the functions that read one text of a paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper.load.paper_files import PaperFiles
from nioc_paper.model import Fact, Reporter
from nioc_paper.system.cache import Cache


class Problem(NamedTuple):
    """A problem, and a hint how to solve it."""

    message: str
    hint: str


class LoadContext(Struct, frozen=True):
    """Files and facts of the paper, cache, and receiver of the findings."""

    files: PaperFiles
    cache: Cache
    report: Reporter
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """Register of facts by id: charts, data files and alternative texts refer to them."""
    language: str = "en"
    """Language of the paper as a tag."""

    def reporting_to(self, report: Reporter) -> LoadContext:
        """Return this context with another receiver of the findings."""
        return replace(self, report=report)
