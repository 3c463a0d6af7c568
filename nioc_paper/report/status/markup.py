"""Progress in GitHub's Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nioc_paper import phrases
from nioc_paper.model import Owed, Progress
from nioc_paper.report.printable import clean
from nioc_paper.report.status.view import PAPER, View


def markdown(progress: Progress, view: View = PAPER) -> str:
    """Progress in GitHub's Markdown: for a summary of a run, a page, a newsletter."""
    parts = [f"**{_escape(view.title(progress))}**"]
    parts.append("\n".join(f"- {name}: {_escape(value)}" for name, value in view.facts(progress)))
    if view.debts:
        parts.append(_debts(progress, view.owes(progress)))
    elif progress.chapters:
        parts.append(_chapters(progress))
    return "\n\n".join(part for part in parts if part) + "\n"


def _chapters(progress: Progress) -> str:
    rows = [
        (c.title, phrases.leads(c), c.status.title, phrases.due(c), phrases.length(c), phrases.verdict(c))
        for c in progress.chapters
    ]
    return _pipes(("Chapter", "Lead", "Status", "Due", "Words", "Health"), rows)


def _debts(progress: Progress, owes: Iterable[Owed]) -> str:
    people = phrases.by_person(owes)
    rows = [(who.name, phrases.debt(progress, o), phrases.by_when(o)) for who, debts in people for o in debts]
    return _pipes(("Who", "Owes", "By"), rows) if rows else "Nobody owes anything."


def _pipes(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(_escape(cell) for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escape(words: str) -> str:
    """Words that Markdown leaves alone."""
    return re.sub(r"([\\`*_\[\]<>|~$&#])", r"\\\1", clean(words))
