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

from nioc_paper.cli.exit_codes import ERRORS
from nioc_paper.model import AUDIENCES, Chapter, Diagnostic, History, Paper, Progress, spelling_hint
from nioc_paper.system.files import find_root

if TYPE_CHECKING:
    from nioc_paper.system.cache import Cache


class DayParam(click.ParamType[date]):
    """A day on the command line."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """YYYY-MM-DD to a date."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is no day; write YYYY-MM-DD", param, ctx)


def require_root(start: Path) -> Path:
    """The paper that a directory is in."""
    if root := find_root(start):
        return root
    raise click.UsageError(
        "no paper here: there is no paper/paper.yaml in this folder or above (start one: nioc new paper DIR)"
    )


def writable_path(root: Path, *names: str) -> Path:
    """Return a path below the paper that may be written. Stops if it leads through a link, which may lead anywhere."""
    path = root
    for part in (part for name in names for part in name.split("/")):
        path /= part
        if path.is_symlink():
            problem = f"{path.relative_to(root)} is a symbolic link: nothing is written there"
            raise click.ClickException(f"{problem}; put a folder in its place")
    return path


def load_paper(root: Path, *preload: str) -> tuple[Paper, list[Diagnostic]]:
    """The paper and what reading it found; modules that are needed next are imported while pandoc reads."""
    from nioc_paper.load import load
    from nioc_paper.system.cache import Cache

    findings: list[Diagnostic] = []
    paper = load(root, findings.append, Cache.for_paper(root), while_waiting=lambda: [*map(import_module, preload)])
    if paper.approvals:
        # Git is asked only where somebody has signed something.
        from nioc_paper.cli.approve import load_approved_hashes

        paper = replace(paper, approved_hashes=load_approved_hashes(root, paper))
    return paper, findings


def check_paper(root: Path, today: date | None) -> tuple[Paper, list[Diagnostic]]:
    """The paper and everything that is wrong with it; what did not change since is not looked at again."""
    paper, load_findings = load_paper(root, "nioc_paper.check", "nioc_paper.report.findings")
    from nioc_paper.check import check

    return paper, check(
        paper, resolve_today(paper, today), [*load_findings, *in_tags(root)], *open_findings_cache(root)
    )


def in_tags(root: Path) -> Iterator[Diagnostic]:
    """Yield the marks in git's tags that nobody reads: outputs list tags as versions."""
    from nioc_paper.check.rules.audience_marks import in_tags
    from nioc_paper.system import git

    return in_tags(git.versions(root))


def open_findings_cache(root: Path) -> tuple[Cache, str]:
    """Where findings are kept, and what stands for the rules as they are now."""
    from nioc_paper.load import toolchain_hash
    from nioc_paper.system.cache import Cache

    return Cache.for_paper(root), toolchain_hash()


def resolve_time_zone(paper: Paper) -> ZoneInfo:
    """The paper's time zone; UTC when its name is not known."""
    try:
        return ZoneInfo(paper.settings.timezone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return ZoneInfo("UTC")


def resolve_today(paper: Paper, today: date | None) -> date:
    """The day given, or the day it is where the paper is due."""
    return today or datetime.now(resolve_time_zone(paper)).date()


def load_history(root: Path, paper: Paper) -> History:
    """What git knows of the paper."""
    from nioc_paper.system import git
    from nioc_paper.system.cache import Cache

    return git.read_history(root, resolve_time_zone(paper), cache=Cache.for_paper(root))


def load_progress(root: Path, today: date | None) -> tuple[Paper, History, Progress]:
    """The paper, what git knows of it, and how it stands on a day."""
    paper, _ = load_paper(root, "nioc_paper.progress", "nioc_paper.report.status", "rich.console", "rich.table")
    from nioc_paper.progress import measure_progress

    history = load_history(root, paper)
    return paper, history, measure_progress(paper, history, resolve_today(paper, today))


def make_line_reader(root: Path) -> Callable[[str], Sequence[str]]:
    """A reader of source lines for findings; files that cannot be read have none."""
    from nioc_paper.load.source_text import MAX_TEXT_BYTES
    from nioc_paper.system import confined

    def read_lines(path: str) -> Sequence[str]:
        try:
            return confined.read_unaudited(root, path, MAX_TEXT_BYTES).decode(errors="replace").splitlines()
        except confined.ConfinedError:
            return ()

    return read_lines


def show_findings(root: Path, findings: Sequence[Diagnostic]) -> None:
    """Show findings on standard error, a line each."""
    from nioc_paper.report.findings import FORMATS

    if findings:
        click.echo(FORMATS["short"](findings, make_line_reader(root)), err=True)


def abort_on(
    root: Path, errors: Sequence[Diagnostic], why: str = "nothing was changed: mend the errors above first"
) -> None:
    """Show what is in the way, if anything is, and stop."""
    if errors:
        show_findings(root, errors)
        click.echo(why, err=True)
        sys.exit(ERRORS)


def require_chapter(paper: Paper, name: str) -> Chapter:
    """The chapter with an id; stops where there is none."""
    chapters = {c.id: c for c in reversed(paper.chapters)}
    if name not in chapters:
        raise click.UsageError(f"no chapter is called '{name}'; {spelling_hint(name, [c.id for c in paper.chapters])}")
    return chapters[name]


def validate_chapter_option(paper: Paper, chapter: str | None) -> None:
    """Stop at a chapter that is not in the paper."""
    if chapter is not None:
        require_chapter(paper, chapter)


today_option = click.option("--today", type=DayParam(), metavar="DAY", help="Act as if it were this day (YYYY-MM-DD).")


def audience_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--audience` and `--public`, for commands that leave out nothing unless they are told for whom a copy is."""
    choice = click.Choice(AUDIENCES)
    public = click.option("--public", is_flag=True, help="The same as --audience public.")
    audience = click.option("--audience", type=choice, default=AUDIENCES[-1], help="Without what is not for these.")
    return audience(public(command))
