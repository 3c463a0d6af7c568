"""Format progress in GitHub's Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nioc_paper.model import Obligation, Progress, long_date
from nioc_paper.report.printable import printable_line
from nioc_paper.report.status.view import WHOLE_PAPER, View
from nioc_paper.wording import progress_text


def format_markdown(progress: Progress, view: View = WHOLE_PAPER) -> str:
    """Return progress in GitHub's Markdown, for the summary of a run, a page or a newsletter."""
    parts = [f"**{_escape_markdown(view.title(progress))}**"]
    parts.append("\n".join(f"- {name}: {_escape_markdown(value)}" for name, value in view.facts(progress)))
    if view.shows_obligations:
        parts.append(_obligation_table(progress, view.shown_obligations(progress)))
    elif progress.chapters:
        parts.append(_chapter_table(progress))
    return "\n\n".join(part for part in parts if part) + "\n"


def _chapter_table(progress: Progress) -> str:
    rows = [
        (
            c.title,
            progress_text.format_leads(c),
            c.status.title,
            long_date(c.due) if c.due else "–",
            progress_text.format_length(c),
            progress_text.describe_health(c),
        )
        for c in progress.chapters
    ]
    return _pipe_table(("Chapter", "Lead", "Status", "Due", "Words", "Health"), rows)


def _obligation_table(progress: Progress, owes: Iterable[Obligation]) -> str:
    people = progress_text.group_by_party(owes)
    rows = [
        (who.name, progress_text.describe_obligation(progress, o), progress_text.format_obligation_date(progress, o))
        for who, obligations in people
        for o in obligations
    ]
    return _pipe_table(("Who", "Owes", "By"), rows) if rows else "There are no open obligations."


def _pipe_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(_escape_markdown(cell) for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escape_markdown(words: str) -> str:
    """Return words with Markdown's signs escaped."""
    return re.sub(r"([\\`*_\[\]<>|~$&#])", r"\\\1", printable_line(words))
