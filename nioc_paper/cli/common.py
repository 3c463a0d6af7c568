"""What the commands share: finding and reading the paper, the day it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from nioc_paper.cli.exits import ERRORS
from nioc_paper.files import paper_around
from nioc_paper.model import AUDIENCES, Chapter, Diagnostic, History, Paper, Progress, nearest

if TYPE_CHECKING:
    from nioc_paper.cache import Cache


class Day(click.ParamType[date]):
    """A day on the command line."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """YYYY-MM-DD to a date."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is no day; write YYYY-MM-DD", param, ctx)


def root_of(start: Path) -> Path:
    """The paper that a directory is in."""
    if root := paper_around(start):
        return root
    raise click.UsageError(
        "no paper here: there is no paper/paper.yaml in this folder or above (start one: nioc new paper DIR)"
    )


def inside(root: Path, *names: str) -> Path:
    """Return a path below the paper that may be written. Stops if it leads through a link, which may lead anywhere."""
    path = root
    for part in (part for name in names for part in name.split("/")):
        path /= part
        if path.is_symlink():
            what = f"{path.relative_to(root)} is a symbolic link: nothing is written there"
            raise click.ClickException(f"{what}; put a folder in its place")
    return path


def load_paper(root: Path, *needed: str) -> tuple[Paper, list[Diagnostic]]:
    """The paper and what reading it found; modules that are needed next are imported while pandoc reads."""
    from nioc_paper.cache import Cache
    from nioc_paper.load import load

    found: list[Diagnostic] = []
    paper = load(root, found.append, Cache.of(root), meanwhile=lambda: [*map(import_module, needed)])
    if paper.approvals:
        # Git is asked only where somebody has signed something.
        from nioc_paper.cli.signing import signed

        paper = replace(paper, signed=signed(root, paper))
    return paper, found


def checked(root: Path, today: date | None) -> tuple[Paper, list[Diagnostic]]:
    """The paper and everything that is wrong with it; what did not change since is not looked at again."""
    paper, reading = load_paper(root, "nioc_paper.check", "nioc_paper.report.findings")
    from nioc_paper.check import check

    return paper, check(paper, today_in(paper, today), [*reading, *in_tags(root)], *memory_of(root))


def in_tags(root: Path) -> Iterator[Diagnostic]:
    """Yield the marks in git's tags that nobody reads: outputs list tags as versions."""
    from nioc_paper import git
    from nioc_paper.check.marks import in_tags

    return in_tags(git.versions(root))


def memory_of(root: Path) -> tuple[Cache, str]:
    """Where findings are kept, and what stands for the rules as they are now."""
    from nioc_paper.cache import Cache
    from nioc_paper.load import means

    return Cache.of(root), means()


def zone_of(paper: Paper) -> ZoneInfo:
    """The paper's time zone; UTC when its name is not known."""
    try:
        return ZoneInfo(paper.settings.timezone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return ZoneInfo("UTC")


def today_in(paper: Paper, today: date | None) -> date:
    """The day given, or the day it is where the paper is due."""
    return today or datetime.now(zone_of(paper)).date()


def history_of(root: Path, paper: Paper) -> History:
    """What git knows of the paper."""
    from nioc_paper import git
    from nioc_paper.cache import Cache

    return git.history(root, zone_of(paper), cache=Cache.of(root))


def standing(root: Path, today: date | None) -> tuple[Paper, History, Progress]:
    """The paper, what git knows of it, and how it stands on a day."""
    paper, _ = load_paper(root, "nioc_paper.progress", "nioc_paper.report.status", "rich.console", "rich.table")
    from nioc_paper.progress import progress

    history = history_of(root, paper)
    return paper, history, progress(paper, history, today_in(paper, today))


def lines_of(root: Path) -> Callable[[str], Sequence[str]]:
    """A reader of source lines for findings; files that cannot be read have none."""
    from nioc_paper.load.text import LIMIT
    from nioc_paper.system import confined

    def lines(path: str) -> Sequence[str]:
        try:
            return confined.read_quietly(root, path, LIMIT).decode(errors="replace").splitlines()
        except confined.ConfinedError:
            return ()

    return lines


def show(root: Path, found: Sequence[Diagnostic]) -> None:
    """Show findings on standard error, a line each."""
    from nioc_paper.report.findings import FORMATS

    if found:
        click.echo(FORMATS["short"](found, lines_of(root)), err=True)


def refuse(
    root: Path, errors: Sequence[Diagnostic], why: str = "nothing was changed: mend the errors above first"
) -> None:
    """Show what is in the way, if anything is, and stop."""
    if errors:
        show(root, errors)
        click.echo(why, err=True)
        sys.exit(ERRORS)


def chapter_called(paper: Paper, name: str) -> Chapter:
    """The chapter with an id; stops where there is none."""
    chapters = {c.id: c for c in reversed(paper.chapters)}
    if name not in chapters:
        raise click.UsageError(f"no chapter is called '{name}'; {nearest(name, [c.id for c in paper.chapters])}")
    return chapters[name]


def known_chapter(paper: Paper, chapter: str | None) -> None:
    """Stop at a chapter that is not in the paper."""
    if chapter is not None:
        chapter_called(paper, chapter)


today_option = click.option("--today", type=Day(), metavar="DAY", help="Act as if it were this day (YYYY-MM-DD).")


def audience_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--audience` and `--public`, for commands that leave out nothing unless they are told for whom a copy is."""
    for_whom = click.Choice(AUDIENCES)
    public = click.option("--public", is_flag=True, help="The same as --audience public.")
    audience = click.option("--audience", type=for_whom, default=AUDIENCES[-1], help="Without what is not for these.")
    return audience(public(command))
