"""Format the chapters for a terminal: a line each from 100 columns on, two lines each below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from rich.text import Text

from nioc_paper.model import ChapterProgress, Health, Progress, short_date
from nioc_paper.report.rich_output import plain_text
from nioc_paper.wording import progress_text

HEALTH_STYLES: Final[Mapping[Health, str]] = MappingProxyType(
    {
        Health.DONE: "dim",
        Health.ON_TRACK: "green",
        Health.DUE: "cyan",
        Health.AT_RISK: "yellow",
        Health.LATE: "bold red",
    }
)
HEALTH_SIGNS: Final[Mapping[Health, str]] = MappingProxyType(
    {Health.DONE: "✓", Health.ON_TRACK: "→", Health.DUE: "•", Health.AT_RISK: "!", Health.LATE: "✗"}
)
_ONE_LINE: Final = 100
"""Columns from which a chapter has one line."""
_MIN_TITLE: Final = 24
_MAX_HEALTH: Final = 46
"""Columns of the health beside which other columns are shown; it grows into those that are left."""
_ONE_LINE_ORDER: Final = ("health", "stage", "due", "bar", "status", "lead", "title", "health", "length")
"""Columns by importance; a second mention gives a column the width that it would like to have."""
_TWO_LINE_ORDER: Final = ("stage", "due", "bar", "status", "length", "title")
_BAR: Final = 6
_EIGHTHS: Final = ("", *"▏▎▍▌▋▊▉")
_NEAR_DAYS: Final = 180
"""Days within which a date needs no year."""


class _StatusColumn(NamedTuple):
    head: str
    cells: tuple[Text, ...]
    """One for each chapter."""
    is_repeated: bool = False
    """Whether it says the same in equal rows."""

    @property
    def width(self) -> int:
        return max(cell.cell_len for cell in (*self.cells, plain_text(self.head)))


def chapter_table(progress: Progress, width: int) -> Text:
    """Return the chapters in their order. A row repeats nothing that the row above it says of status and health."""
    one_line = width >= _ONE_LINE
    columns = _fit(_columns(progress), width, _ONE_LINE_ORDER if one_line else _TWO_LINE_ORDER)
    lines = [_join((plain_text(column.head, "bold") for column, _ in columns), columns), plain_text("─" * width)]
    previous = None
    for number, chapter in enumerate(progress.chapters):
        repeats = previous is not None and _state(previous) == _state(chapter)
        cells = (plain_text('"', "dim") if repeats and c.is_repeated else c.cells[number] for c, _ in columns)
        lines.append(_join(cells, columns))
        if not one_line and not repeats:
            lines.append(_crop(_second_line(chapter), width))
        previous = chapter
    return Text("\n").join(lines)


def _second_line(chapter: ChapterProgress) -> Text:
    """Return the health of a chapter, its leads, and its audience if it is not for all."""
    parts = [progress_text.format_leads(chapter)] if chapter.leads else []
    parts += [chapter.sensitivity] if chapter.sensitivity != "public" else []
    return plain_text("  ").append_text(_health(chapter)).append_text(plain_text("".join(f" · {p}" for p in parts)))


def _columns(progress: Progress) -> dict[str, _StatusColumn]:
    """Return all columns by name, from left to right."""

    def column(head: str, cell: Callable[[ChapterProgress], Text], *, is_repeated: bool = False) -> _StatusColumn:
        return _StatusColumn(head, tuple(cell(chapter) for chapter in progress.chapters), is_repeated)

    return {
        "title": column("Chapter", lambda c: plain_text(c.title, "bold")),
        "lead": column("Lead", lambda c: plain_text(_lead(c)), is_repeated=True),
        "stage": column("Status", lambda c: plain_text(_dots([*progress.by_status], c.status.id)), is_repeated=True),
        "status": column("", lambda c: plain_text(c.status.title), is_repeated=True),
        "due": column("Due", lambda c: plain_text(_due(c, progress.today)), is_repeated=True),
        "bar": column("Words", lambda c: plain_text(_bar(c))),
        "length": column("", lambda c: plain_text(progress_text.format_length(c))),
        "health": column("Health", _health, is_repeated=True),
    }


def _fit(columns: Mapping[str, _StatusColumn], width: int, order: Iterable[str]) -> list[tuple[_StatusColumn, int]]:
    """Return the columns that fit, with their widths: the title, then those of the order, each if it still fits."""
    title = min(width, columns["title"].width, _MIN_TITLE)
    left, widths = width - title, {"title": title}
    for name in order:
        if name in widths:
            more = min(left, max(columns[name].width - widths[name], 0))
            widths[name], left = widths[name] + more, left - more
        elif (needed := min(columns[name].width, _MAX_HEALTH)) < left:
            widths[name], left = needed, left - needed - 1
    return [(column, widths[name]) for name, column in columns.items() if name in widths]


def _join(cells: Iterable[Text], columns: Sequence[tuple[_StatusColumn, int]]) -> Text:
    return plain_text(" ").join(_crop(cell, width) for cell, (_, width) in zip(cells, columns, strict=True))


def _crop(text: Text, width: int) -> Text:
    """Return the text padded or cut to a number of cells: letters of other scripts take two or none."""
    cropped = text.copy()
    cropped.truncate(width, overflow="ellipsis", pad=True)
    return cropped


def _state(chapter: ChapterProgress) -> tuple[str, ...]:
    """Return the texts by which rows are equal."""
    return (chapter.status.id, str(chapter.due), progress_text.describe_health(chapter), _lead(chapter))


def _lead(chapter: ChapterProgress) -> str:
    leads = progress_text.format_leads(chapter)
    return leads if chapter.sensitivity == "public" else f"{leads}, {chapter.sensitivity}"


def _health(chapter: ChapterProgress) -> Text:
    words = f"{HEALTH_SIGNS[chapter.health]} {progress_text.describe_health(chapter)}"
    return plain_text(words, HEALTH_STYLES[chapter.health])


def _dots(statuses: Sequence[str], status: str) -> str:
    """Return a dot for each status, full up to the chapter's own; none is full for an unknown status."""
    reached = statuses.index(status) + 1 if status in statuses else 0
    return "●" * reached + "○" * (len(statuses) - reached)


def _due(chapter: ChapterProgress, today: date) -> str:
    if chapter.due is None:
        return "–"
    day = short_date(chapter.due)
    return day if abs((chapter.due - today).days) < _NEAR_DAYS else f"{day} {chapter.due.year}"


def _bar(chapter: ChapterProgress) -> str:
    """Return the share of the target as a bar; empty without a target."""
    if not chapter.target:
        return ""
    full, eighths = divmod(min(chapter.words * _BAR * 8 // chapter.target, _BAR * 8), 8)
    return f"{'█' * full}{_EIGHTHS[eighths]}".ljust(_BAR, "·")
