"""Shared state of the functions that read one text of a paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from nioc_paper.load.paper_files import PaperFiles
from nioc_paper.model import Reporter
from nioc_paper.system.cache import Cache


class Problem(NamedTuple):
    """A problem, and a hint how to solve it."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class LoadContext:
    """Files of the paper, cache, and receiver of the findings."""

    files: PaperFiles
    cache: Cache
    report: Reporter

    def reporting_to(self, report: Reporter) -> LoadContext:
        """Return this context with another receiver of the findings."""
        return replace(self, report=report)
