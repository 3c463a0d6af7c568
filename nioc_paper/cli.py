"""The command line: arguments, the order of the stages, the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from nioc_paper import __version__
from nioc_paper.model import Diagnostic, Paper, Severity

OK, ERRORS, USAGE, OURS, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: well; errors found; used wrongly; our own fault; interrupted."""


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
    for folder in (start, *start.parents):
        if (folder / "paper" / "paper.yaml").exists():
            return folder
    raise click.UsageError(
        "no paper here: there is no paper/paper.yaml in this folder or above (start one: nioc new paper DIR)"
    )


def load_paper(root: Path) -> tuple[Paper, list[Diagnostic]]:
    """The paper and what reading it found."""
    from nioc_paper.cache import Cache
    from nioc_paper.load import load

    found: list[Diagnostic] = []
    return load(root, found.append, Cache(root / ".cache" / "nioc")), found


def zone_of(paper: Paper) -> ZoneInfo:
    """The paper's time zone; UTC when its name is not known."""
    try:
        return ZoneInfo(paper.settings.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def today_in(paper: Paper, today: date | None) -> date:
    """The day given, or the day it is where the paper is due."""
    return today or datetime.now(zone_of(paper)).date()


def lines_of(root: Path) -> Callable[[str], Sequence[str]]:
    """A reader of source lines for findings; files that cannot be read have none."""

    def lines(path: str) -> Sequence[str]:
        try:
            return (root / path).read_text(encoding="utf-8", errors="replace").splitlines()
        except (OSError, ValueError):
            return ()

    return lines


today_option = click.option("--today", type=Day(), metavar="DAY", help="Act as if it were this day (YYYY-MM-DD).")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nioc")
def nioc() -> None:
    """Make one paper out of many people's chapters: checked, dated and printed."""


@nioc.command()
@click.argument("paths", nargs=-1)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--format", "form", type=click.Choice(["short", "full", "json"]), default="short", show_default=True)
@today_option
def check(paths: tuple[str, ...], strict: bool, form: str, today: date | None) -> None:
    """Report everything that is wrong, with its place and what to do. PATHS limit what is shown."""
    from nioc_paper.check import check as run
    from nioc_paper.report.findings import FORMATS

    root = root_of(Path.cwd())
    paper, reading = load_paper(root)
    found = [d for d in run(paper, today_in(paper, today), reading) if shown(d, root, paths)]
    click.echo(FORMATS[form](found, lines_of(root)))
    worst = max((d.severity for d in found), default=Severity.INFO)
    sys.exit(ERRORS if worst >= (Severity.WARNING if strict else Severity.ERROR) else OK)


def shown(diagnostic: Diagnostic, root: Path, paths: Sequence[str]) -> bool:
    """Whether a finding is about one of the paths asked for; every one is when none was."""
    file = (root / diagnostic.place.path).resolve()
    return not paths or any(file.is_relative_to(Path(p).resolve()) for p in paths)


@nioc.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Say what RULE wants, with a bad and a good example."""
    from nioc_paper.check import explanations
    from nioc_paper.model import nearest

    known = explanations()
    if rule not in known:
        raise click.UsageError(f"no rule is called '{rule}'; {nearest(rule, known) or 'nioc explain --help'}")
    click.echo(f"{rule}\n\n{known[rule]}")


@nioc.command()
@click.option("--who", is_flag=True, help="Who owes what, by when.")
@click.option("--chapter", metavar="ID", help="One chapter only.")
@click.option("--format", "form", type=click.Choice(["text", "md", "json"]), default="text", show_default=True)
@today_option
def status(who: bool, chapter: str | None, form: str, today: date | None) -> None:
    """Say whether the deadline holds, and where every chapter stands."""
    from nioc_paper import git
    from nioc_paper.progress import progress
    from nioc_paper.report.status import FORMS, View

    root = root_of(Path.cwd())
    paper, _ = load_paper(root)
    known_chapter(paper, chapter)
    state = progress(paper, git.history(root, zone_of(paper)), today_in(paper, today))
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    view = View(who=who, chapter=next((c for c in state.chapters if c.id == chapter), None), colour=colour)
    click.echo(FORMS[form](state, view), color=colour)


def known_chapter(paper: Paper, chapter: str | None) -> None:
    """Stop at a chapter that is not in the paper."""
    from nioc_paper.model import nearest

    ids = [c.id for c in paper.chapters]
    if chapter and chapter not in ids:
        raise click.UsageError(f"no chapter is called '{chapter}'; {nearest(chapter, ids)}")


@nioc.command()
@click.option(
    "--to", "formats", metavar="FORMATS", default="pdf,docx,html,epub", show_default=True, help="What to make."
)
@click.option("--chapter", metavar="ID", help="One chapter only, with the numbers it has in the paper.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist]")
@today_option
def build(formats: str, chapter: str | None, out: Path | None, today: date | None) -> None:
    """Make the paper in dist/. Nothing is made while there are errors."""
    from nioc_paper.check import check as run
    from nioc_paper.report.findings import FORMATS

    root, names = root_of(Path.cwd()), known_formats(formats)
    paper, reading = load_paper(root)
    known_chapter(paper, chapter)
    found = run(paper, today_in(paper, today), reading)
    errors = [d for d in found if d.severity == Severity.ERROR]
    if errors:
        click.echo(FORMATS["short"](errors, lines_of(root)), err=True)
        click.echo("nothing was made: mend the errors above first", err=True)
        sys.exit(ERRORS)
    made = make(root, paper, chapter, names, out or root / "dist")
    warnings = sum(d.severity == Severity.WARNING for d in found)
    click.echo(f"{warnings} warnings; see them with: nioc check" if warnings else "no warnings", err=True)
    sys.exit(OK if len(made) == len(names) else ERRORS)


def known_formats(formats: str) -> list[str]:
    """The formats asked for, each known."""
    from nioc_paper.render import WRITERS

    names = list(dict.fromkeys(n.strip() for n in formats.split(",") if n.strip()))
    for name in names:
        if name not in WRITERS:
            raise click.UsageError(f"'{name}' is no format; formats are: {', '.join(WRITERS)}")
    return names


def make(root: Path, paper: Paper, chapter: str | None, names: Sequence[str], out: Path) -> list[Path]:
    """Assemble and render; says what was made, and every finding of the engines."""
    from nioc_paper import git
    from nioc_paper.assemble import assemble, only
    from nioc_paper.render import BusyError, render
    from nioc_paper.report.findings import FORMATS
    from nioc_paper.report.stages import stages

    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    document = assemble(paper, git.history(root, zone_of(paper)), int(epoch) if epoch.isdigit() else None)
    document = only(document, chapter) if chapter else document
    found: list[Diagnostic] = []
    try:
        with stages(len(names) + 1) as stage:
            made = render(document, names, out, root / "templates", found.append, stage)
    except BusyError:
        raise click.ClickException(f"another build is writing to {out}; wait for it to end") from None
    except OSError as error:
        raise click.ClickException(f"cannot write to {out}: {error.strerror}; what was there is unharmed") from error
    if found:
        click.echo(FORMATS["short"](found, lines_of(root)), err=True)
    for file in made:
        click.echo(f"{os.path.relpath(file)}  {file.stat().st_size / 1e6:.1f} MB")
    return made


def main() -> None:
    """Run `nioc`. Whatever goes wrong inside is our fault, and said in one line."""
    try:
        nioc(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.UsageError as error:
        error.show()
        sys.exit(USAGE)
    except click.ClickException as error:
        error.show()
        sys.exit(ERRORS)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.exit(OK)
    except Exception as error:  # the last place that can keep a traceback from an author
        if "NIOC_DEBUG" in os.environ:
            raise
        click.echo(f"nioc: our fault: {type(error).__name__}: {error} (NIOC_DEBUG=1 shows where)", err=True)
        sys.exit(OURS)
