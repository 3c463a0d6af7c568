"""Progress for a terminal. Rich is imported where it is used: `check` must start without it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import StringIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nioc_paper import phrases
from nioc_paper.model import Health, Owed, Progress
from nioc_paper.phrases import Facts
from nioc_paper.report.printable import clean
from nioc_paper.report.status.view import PAPER, View

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

STYLES: Final[Mapping[Health, str]] = MappingProxyType(
    {
        Health.DONE: "dim",
        Health.ON_TRACK: "green",
        Health.DUE: "cyan",
        Health.AT_RISK: "yellow",
        Health.LATE: "bold red",
    }
)


def text(progress: Progress, view: View = PAPER) -> str:
    """Progress for a terminal: at 80 columns and without colour as plain as with them."""
    from rich.console import Console

    out = StringIO()
    # An empty environment: what the terminal can do is the caller's to say, not COLUMNS' or FORCE_COLOR's.
    console = Console(
        file=out,
        width=view.width,
        force_terminal=view.colour,
        color_system="standard" if view.colour else None,
        legacy_windows=False,
        _environ={},
    )
    for part in _parts(progress, view):
        console.print(part)
        console.print()
    lines = out.getvalue().rstrip().splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _parts(progress: Progress, view: View) -> Iterable[RenderableType]:
    yield _cell(view.title(progress), STYLES[view.health(progress)])
    found = view.facts(progress)
    if found:
        yield _grid(found)
    if view.debts:
        yield _debts(progress, view.owes(progress))
    elif progress.chapters:
        yield _chapters(progress)


def _cell(words: str, style: str = "") -> Text:
    """Text that is only text: no markup, no control characters."""
    from rich.text import Text

    return Text(clean(words), style)


def _table(*columns: tuple[str, int]) -> Table:
    """A table whose columns share the width in the proportions given, which are their widths at 80 columns."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, expand=True, leading=1, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for title, ratio in columns:
        table.add_column(title, ratio=ratio, overflow="fold")
    return table


def _grid(pairs: Facts) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(name, _cell(value))
    return grid


def _chapters(progress: Progress) -> Table:
    from rich.text import Text

    table = _table(("Chapter", 19), ("Status", 10), ("Due", 12), ("Words", 9), ("Health", 24))
    for c in progress.chapters:
        secret = "" if c.sensitivity == "public" else f", {c.sensitivity}"
        chapter = Text("\n").join((_cell(c.title, "bold"), _cell(f"{phrases.leads(c)}{secret}")))
        health = _cell(phrases.verdict(c), STYLES[c.health])
        table.add_row(chapter, _cell(c.status.title), _cell(phrases.due(c)), _cell(phrases.length(c)), health)
    return table


def _debts(progress: Progress, owes: Iterable[Owed]) -> RenderableType:
    table = _table(("Who", 20), ("Owes", 36), ("By", 20))
    for who, debts in phrases.by_person(owes):
        for i, owed in enumerate(debts):
            style = STYLES[Health.LATE] if (owed.slip or 0) > 0 else ""
            name = _cell(who.name if i == 0 else "", "bold")
            table.add_row(name, _cell(phrases.debt(progress, owed)), _cell(phrases.by_when(owed), style))
    return table if table.row_count else _cell("Nobody owes anything.")
