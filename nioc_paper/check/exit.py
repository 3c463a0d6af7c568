"""The exit test of a stage: what keeps a chapter from its next status, and a paper from being final."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from nioc_paper.check import check
from nioc_paper.check.final import NEEDS
from nioc_paper.check.kept import Memory
from nioc_paper.model import Chapter, Diagnostic, Paper, Place, Severity


def with_status(paper: Paper, chapters: Iterable[Chapter], status: str) -> Paper:
    """The paper as it would be with another status of some chapters."""
    moved = {c.path: replace(c, front=c.front.changed(status=status)) for c in chapters}
    return replace(paper, chapters=tuple(moved.get(c.path, c) for c in paper.chapters))


def in_the_way(
    paper: Paper, chapter: Chapter, status: str, today: date, reading: Iterable[Diagnostic]
) -> list[Diagnostic]:
    """The errors that a chapter would have with a status, and the comments that hold it; none when it may move."""
    found = check(with_status(paper, [chapter], status), today, reading)
    own = {chapter.path, *(r.path for r in paper.reviews if r.chapter == chapter.id)}
    return [
        replace(d, severity=Severity.ERROR)
        for d in found
        if d.place.path in own and (d.severity == Severity.ERROR or d.rule == "open-comment")
    ]


def before_final(
    paper: Paper,
    uncommitted: Sequence[str] | None,
    today: date,
    reading: Iterable[Diagnostic],
    memory: Memory,
    code: str,
) -> list[Diagnostic]:
    """Everything that keeps a paper from being final: what it lacks, and every error and warning of a final text.

    `uncommitted` are the files that no commit has as they are; None where git cannot tell.
    """
    last = paper.settings.statuses[-1].id if paper.settings.statuses else ""
    found = check(with_status(paper, paper.chapters, last), today, reading, memory, code)
    lacks = [
        Diagnostic(place, rule, message, Severity.ERROR, hint)
        for rule, need in NEEDS
        for place, message, hint, _ in need(paper)
    ]
    return sorted({*lacks, *_uncommitted(uncommitted), *(d for d in found if d.severity >= Severity.WARNING)})


def _uncommitted(uncommitted: Sequence[str] | None) -> list[Diagnostic]:
    rule, hint = "uncommitted-change", "commit it: a final paper can be made again from its commit"
    if uncommitted is None:
        message = "git has no commit of this paper, or cannot tell what was changed since"
        return [Diagnostic(Place("paper/paper.yaml"), rule, message, hint=hint)]
    return [Diagnostic(Place(path), rule, "the file is in no commit as it is", hint=hint) for path in uncommitted]
