"""Format progress for a terminal, as Markdown, and as JSON.

The first line of every form for people answers the director's question: will the deadline hold, and if not, why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from json import dumps
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict
from rich.console import RenderableType

from nioc_paper.model import ChapterProgress, Health, Obligation, OpenBranch, Progress, Status, format_count, long_date
from nioc_paper.program_name import command_line
from nioc_paper.report.rich_output import facts_grid, new_table, plain_text, render_parts
from nioc_paper.report.status.chapter_table import HEALTH_STYLES, chapter_table
from nioc_paper.report.terminal_escaping import printable_line
from nioc_paper.wording import progress_text
from nioc_paper.wording.progress_text import LabelledText, LabelledTexts


def status_headline(progress: Progress) -> str:
    """Return the paper's headline; of a plan that is over, with what to do about it."""
    command = command_line(f"status --today {progress.sample_day}")
    advice = f" Set a new deadline in paper/timeline.yaml, or see a day of the plan: {command}"
    is_overdue = progress.is_over and progress.health is not Health.DONE
    return progress_text.progress_headline(progress) + advice * is_overdue


class View(Struct, frozen=True):
    """Selection of progress, and the terminal for it."""

    obligations_only: bool = False
    """Show obligations instead of chapters."""
    chapter: ChapterProgress | None = None
    """Show this chapter only, with its obligations."""
    width: int = 80
    """Columns of the terminal."""
    colour: bool = False
    """Whether the terminal shows colours; health is always in words too."""
    wait_for_errors: Callable[[], Sequence[tuple[Status, int]]] = tuple
    """Returns statuses from the least advanced on, with the errors that wait for the chapters there; none if not
    counted."""
    branches: Sequence[OpenBranch] = ()
    """Branches that are not merged."""

    @property
    def shows_obligations(self) -> bool:
        """Whether obligations are shown instead of chapters."""
        return self.obligations_only or self.chapter is not None

    def title(self, progress: Progress) -> str:
        """Return the headline."""
        if self.chapter:
            return f"{self.chapter.title}: {progress_text.describe_health(self.chapter)}"
        return status_headline(progress)

    def facts(self, progress: Progress) -> LabelledTexts:
        """Return the facts above the table."""
        if self.chapter:
            return progress_text.chapter_facts(self.chapter)
        if self.obligations_only:
            return []
        return [*progress_text.progress_facts(progress), *self._waiting_errors(), *self._open_branches(progress)]

    def _waiting_errors(self) -> LabelledTexts:
        """Return the errors now and in the statuses that bring more; nothing if there are none at all."""
        most, texts = -1, list[str]()
        for status, count in self.wait_for_errors():
            if count > most:
                most, texts = count, [*texts, f"{count} in {status.title}" if texts else f"{count} now"]
        return [LabelledText("Errors", "; ".join(texts))] if most > 0 else []

    def _open_branches(self, progress: Progress) -> LabelledTexts:
        """Return the branches that are not merged, with the chapters that they change."""
        names = {chapter.path: chapter.id for chapter in progress.chapters}
        texts = []
        for branch in self.branches:
            counts = (f"{names.get(p, p)}: {format_count(n, 'sentence')}" for p, n in branch.sentences.items())
            age = format_count(max((progress.today - branch.changed_on).days, 0), "day")
            texts.append(f"{', '.join(counts)} on branch {branch.name}, not merged for {age}")
        return [LabelledText("Branches", "; ".join(texts))] if texts else []

    def shown_obligations(self, progress: Progress) -> tuple[Obligation, ...]:
        """Return the obligations of the selection."""
        return tuple(o for o in progress.obligations if self.chapter is None or o.chapter == self.chapter.id)


WHOLE_PAPER: Final = View()
"""The whole paper at 80 columns without colour."""


# --- Markdown ---------------------------------------------------------------------------------------------------------


def format_markdown(progress: Progress, view: View = WHOLE_PAPER) -> str:
    """Return progress in GitHub's Markdown, for the summary of a run, a page or a newsletter."""
    parts = [f"**{_escape_markdown(view.title(progress))}**"]
    parts.append("\n".join(f"- {name}: {_escape_markdown(value)}" for name, value in view.facts(progress)))
    if view.shows_obligations:
        parts.append(_obligation_table(progress, view.shown_obligations(progress)))
    elif progress.chapters:
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
        parts.append(_pipe_table(("Chapter", "Lead", "Status", "Due", "Words", "Health"), rows))
    return "\n\n".join(part for part in parts if part) + "\n"


def _obligation_table(progress: Progress, owes: Iterable[Obligation]) -> str:
    rows = [
        (who.name, progress_text.describe_obligation(progress, o), progress_text.format_obligation_date(progress, o))
        for who, obligations in progress_text.group_by_party(owes)
        for o in obligations
    ]
    return _pipe_table(("Who", "Owes", "By"), rows) if rows else "There are no open obligations."


def _pipe_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(_escape_markdown(cell) for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escape_markdown(words: str) -> str:
    """Return words with Markdown's signs escaped."""
    return re.sub(r"([\\`*_\[\]<>|~$&#])", r"\\\1", printable_line(words))


# --- JSON -------------------------------------------------------------------------------------------------------------


_PLAIN_VALUES = (
    *("title", "today", "start", "deadline", "days_left", "workdays_left"),
    *("slack", "health", "finish", "words", "target", "missing"),
)
"""Values of the progress that programs get as they are."""


def format_json(progress: Progress, view: View = WHOLE_PAPER) -> str:
    """Progress for programs: one shape always, null where nothing is known, dates in ISO 8601, days are working days.

    `title today start deadline days_left` (calendar days) `workdays_left slack` (days until the first chapter is late,
    or minus those by which the latest one is) `health finish worst` (id of a chapter) `headline words target by_health`
    `by_status missing errors` (by status, those that wait for the chapters there) `consultation`, and three lists:

    - `chapters`: `id title path status gate gate_day slip` (days past `gate_day`) `due due_slip` (days past `due`)
      `finish health reason risks words target leads sensitivity open_comments holding approval`; `gate` is an id,
      `leads` a list of `{id, name}`, `id` null for somebody who is not in contributors.yaml;
    - `owes`: `who` (`{id, name}`) `what by slip` (days past `by`) `kind chapter reminder`;
    - `upcoming`: `id title on`. `branches` are those that are not merged, with their changed sentences.

    For one chapter, `chapters` and `owes` hold only that one and what is owed for it. Keys may be added, never renamed.
    """
    out = {name: getattr(progress, name) for name in _PLAIN_VALUES} | {
        "worst": progress.worst.id if progress.worst else None,
        "headline": status_headline(progress),
        "by_health": dict(progress.by_health),
        "by_status": dict(progress.by_status),
        "errors": {status.id: count for status, count in view.wait_for_errors()},
        "branches": [asdict(branch) for branch in view.branches],
        "chapters": [_chapter_values(c) for c in ([view.chapter] if view.chapter else progress.chapters)],
        "owes": [asdict(o) | {"who": asdict(o.who)} for o in view.shown_obligations(progress)],
        "consultation": asdict(progress.consultation) if progress.consultation else None,
        "upcoming": [asdict(u) for u in progress.upcoming],
    }
    return dumps(out, indent=2, default=str) + "\n"


def _chapter_values(chapter: ChapterProgress) -> dict[str, object]:
    return asdict(chapter) | {
        "status": chapter.status.id,
        "gate": chapter.gate.id if chapter.gate else None,
        "leads": [asdict(who) for who in chapter.leads],
    }


# --- format progress for a terminal -----------------------------------------------------------------------------------


def format_text(progress: Progress, view: View = WHOLE_PAPER) -> str:
    """Return progress for a terminal: at 80 columns and without colour as plain as with them."""
    tables: list[RenderableType] = []  # first: meanwhile the errors are counted
    if view.shows_obligations:
        tables.append(_obligations_grid(progress, view.shown_obligations(progress)))
    elif progress.chapters:
        tables.append(chapter_table(progress, view.width))
    health = view.chapter.health if view.chapter else progress.health
    heading: list[RenderableType] = [plain_text(view.title(progress), HEALTH_STYLES[health])]
    if facts := view.facts(progress):
        heading.append(facts_grid((name, plain_text(value)) for name, value in facts))
    return render_parts([*heading, *tables], width=view.width, colour=view.colour)


def _obligations_grid(progress: Progress, owes: Iterable[Obligation]) -> RenderableType:
    table = new_table((("Who", 20), ("Owes", 36), ("By", 20)), leading=1)
    for who, obligations in progress_text.group_by_party(owes):
        for i, owed in enumerate(obligations):
            style = HEALTH_STYLES[Health.LATE] if (owed.slip or 0) > 0 else ""
            table.add_row(
                plain_text(who.name if i == 0 else "", "bold"),
                plain_text(progress_text.describe_obligation(progress, owed)),
                plain_text(progress_text.format_obligation_date(progress, owed), style),
            )
    return table if table.row_count else plain_text("There are no open obligations.")


__all__ = ["STATUS_FORMATS", "View", "format_json", "format_markdown", "format_text"]

STATUS_FORMATS: Final[Mapping[str, Callable[[Progress, View], str]]] = MappingProxyType(
    {"text": format_text, "md": format_markdown, "json": format_json}
)
"""Formats by name on the command line."""
