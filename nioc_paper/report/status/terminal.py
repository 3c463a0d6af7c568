"""Format progress for a terminal. Rich is imported late: `check` must start without it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from nioc_paper.model import Health, Obligation, Progress
from nioc_paper.report.status.chapter_table import HEALTH_STYLES, chapter_table
from nioc_paper.report.status.view import WHOLE_PAPER, View
from nioc_paper.wording import progress_text

if TYPE_CHECKING:
    from rich.console import RenderableType


def format_text(progress: Progress, view: View = WHOLE_PAPER) -> str:
    """Return progress for a terminal: at 80 columns and without colour as plain as with them."""
    from nioc_paper.report.rich_text import render_parts

    render = partial(render_parts, width=view.width, colour=view.colour)
    table = render(_tables(progress, view))  # first: meanwhile the errors are counted
    return "\n".join(text for text in (render(_heading(progress, view)), table) if text.strip())


def _heading(progress: Progress, view: View) -> Iterable[RenderableType]:
    from nioc_paper.report.rich_text import facts_grid, plain_text

    yield plain_text(view.title(progress), HEALTH_STYLES[view.health(progress)])
    facts = view.facts(progress)
    if facts:
        yield facts_grid((name, plain_text(value)) for name, value in facts)


def _tables(progress: Progress, view: View) -> Iterable[RenderableType]:
    if view.shows_obligations:
        yield _obligation_table(progress, view.shown_obligations(progress))
    elif progress.chapters:
        yield chapter_table(progress, view.width)


def _obligation_table(progress: Progress, owes: Iterable[Obligation]) -> RenderableType:
    from nioc_paper.report.rich_text import new_table, plain_text

    table = new_table((("Who", 20), ("Owes", 36), ("By", 20)), leading=1)
    for who, obligations in progress_text.group_by_party(owes):
        for i, owed in enumerate(obligations):
            style = HEALTH_STYLES[Health.LATE] if (owed.slip or 0) > 0 else ""
            name = plain_text(who.name if i == 0 else "", "bold")
            table.add_row(
                name,
                plain_text(progress_text.describe_obligation(progress, owed)),
                plain_text(progress_text.format_obligation_date(progress, owed), style),
            )
    return table if table.row_count else plain_text("There are no open obligations.")
