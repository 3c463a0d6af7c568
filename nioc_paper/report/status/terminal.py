"""Format progress for a terminal. Rich is imported late: `check` must start without it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import StringIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nioc_paper.model import Health, Obligation, Progress
from nioc_paper.report.printable import printable_line
from nioc_paper.report.status.view import WHOLE_PAPER, View
from nioc_paper.wording import progress_text
from nioc_paper.wording.progress_text import LabelledTexts

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

HEALTH_STYLES: Final[Mapping[Health, str]] = MappingProxyType(
    {
        Health.DONE: "dim",
        Health.ON_TRACK: "green",
        Health.DUE: "cyan",
        Health.AT_RISK: "yellow",
        Health.LATE: "bold red",
    }
)


def format_text(progress: Progress, view: View = WHOLE_PAPER) -> str:
    """Return progress for a terminal: at 80 columns and without colour as plain as with them."""
    from rich.console import Console

    out = StringIO()
    # An empty environment: the caller says what the terminal can do, not COLUMNS or FORCE_COLOR.
    console = Console(
        file=out,
        width=view.width,
        force_terminal=view.colour,
        color_system="standard" if view.colour else None,
        legacy_windows=False,
        _environ={},
    )
    for part in _renderables(progress, view):
        console.print(part)
        console.print()
    lines = out.getvalue().rstrip().splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _renderables(progress: Progress, view: View) -> Iterable[RenderableType]:
    yield _plain_text(view.title(progress), HEALTH_STYLES[view.health(progress)])
    facts = view.facts(progress)
    if facts:
        yield _facts_grid(facts)
    if view.shows_debts:
        yield _debt_table(progress, view.shown_debts(progress))
    elif progress.chapters:
        yield _chapter_table(progress)


def _plain_text(words: str, style: str = "") -> Text:
    """Return plain text: no markup, no control characters."""
    from rich.text import Text

    return Text(printable_line(words), style)


def _new_table(*columns: tuple[str, int]) -> Table:
    """Return a table whose columns share the width in proportion to the given widths, which are those at 80 columns."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, expand=True, leading=1, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for title, ratio in columns:
        table.add_column(title, ratio=ratio, overflow="fold")
    return table


def _facts_grid(pairs: LabelledTexts) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(name, _plain_text(value))
    return grid


def _chapter_table(progress: Progress) -> Table:
    from rich.text import Text

    table = _new_table(("Chapter", 19), ("Status", 10), ("Due", 12), ("Words", 9), ("Health", 24))
    for c in progress.chapters:
        secret = "" if c.sensitivity == "public" else f", {c.sensitivity}"
        chapter = Text("\n").join(
            (_plain_text(c.title, "bold"), _plain_text(f"{progress_text.format_leads(c)}{secret}"))
        )
        health = _plain_text(progress_text.describe_health(c), HEALTH_STYLES[c.health])
        table.add_row(
            chapter,
            _plain_text(c.status.title),
            _plain_text(progress_text.format_due_date(c)),
            _plain_text(progress_text.format_length(c)),
            health,
        )
    return table


def _debt_table(progress: Progress, owes: Iterable[Obligation]) -> RenderableType:
    table = _new_table(("Who", 20), ("Owes", 36), ("By", 20))
    for who, debts in progress_text.group_by_party(owes):
        for i, owed in enumerate(debts):
            style = HEALTH_STYLES[Health.LATE] if (owed.slip or 0) > 0 else ""
            name = _plain_text(who.name if i == 0 else "", "bold")
            table.add_row(
                name,
                _plain_text(progress_text.describe_obligation(progress, owed)),
                _plain_text(progress_text.format_due_in(owed), style),
            )
    return table if table.row_count else _plain_text("Nobody owes anything.")
