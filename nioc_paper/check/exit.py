"""The exit test of a stage: what keeps a chapter from its next status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from nioc_paper.check import check
from nioc_paper.model import Chapter, Diagnostic, Paper, Severity


def with_status(paper: Paper, chapter: Chapter, status: str) -> Paper:
    """The paper as it would be with another status of a chapter."""
    moved = replace(chapter, front=chapter.front.model_copy(update={"status": status}))
    return replace(paper, chapters=tuple(moved if c is chapter else c for c in paper.chapters))


def in_the_way(
    paper: Paper, chapter: Chapter, status: str, today: date, reading: Iterable[Diagnostic]
) -> list[Diagnostic]:
    """The errors that a chapter's file would have with a status; none when it may move."""
    found = check(with_status(paper, chapter, status), today, reading)
    return [d for d in found if d.place.path == chapter.path and d.severity == Severity.ERROR]
