"""`newsletter`: what changed in a month."""

from __future__ import annotations

import sys
from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nioc_paper.cli.common import history_of, inside, load_paper, memory_of, root_of, today_in, today_option, zone_of
from nioc_paper.cli.exits import ERRORS, OK
from nioc_paper.cli.gates import in_the_way, refuse
from nioc_paper.cli.outputs import known_formats, timestamp_given, written
from nioc_paper.cli.past import paper_at
from nioc_paper.model import AUDIENCES, Chapter, Copy, Decisions, Diagnostic, Document, FrontMatter, Paper, Severity

if TYPE_CHECKING:
    from nioc_paper.assemble.told import Month

NOTE = "paper/newsletter/{}.md"


class MonthOf(click.ParamType[date]):
    """A month on the command line, as its first day."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """YYYY-MM to a date."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(f"{value}-01")
        except ValueError:
            self.fail(f"'{value}' is no month; write YYYY-MM", param, ctx)


@click.command(short_help="Write what changed in a month.")
@click.option("--month", type=MonthOf(), metavar="MONTH", help="Which month, YYYY-MM. [default: the one it is]")
@click.option("--to", "formats", metavar="FORMATS", default="html,docx,md,txt", show_default=True, help="What to make.")
@click.option(
    "--audience", type=click.Choice(AUDIENCES), default=AUDIENCES[0], show_default=True, help="Who may read it."
)
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist]")
@today_option
def newsletter(month: date | None, formats: str, audience: str, out: Path | None, today: date | None) -> None:
    """Write a newsletter: what changed in a month, and what is next. paper/newsletter/YYYY-MM.md is put before it."""
    from nioc_paper.render import LETTER

    root, names, copy = root_of(Path.cwd()), known_formats(formats, LETTER), Copy(audience=audience)
    paper, reading = load_paper(root)
    day = today_in(paper, today)
    first = (month or day).replace(day=1)
    if first > day:
        raise click.UsageError(f"{first.isoformat()[:7]} has not begun: today is {day}")
    note, found = note_of(root, paper, first, day)
    told = replace(paper, chapters=(*paper.chapters, *([note] if note else [])))
    refuse(root, in_the_way(root, told, reading, found, copy, day), copy)
    made = written(
        root, letter_of(root, paper, month_of(root, paper, first, day), note, copy), names, out or inside(root, "dist")
    )
    sys.exit(OK if len(made) == len(names) else ERRORS)


def letter_of(root: Path, paper: Paper, month: Month, note: Chapter | None, copy: Copy) -> Document:
    """The newsletter of a month."""
    from nioc_paper.assemble.newsletter import newsletter as assembled

    return assembled(paper, history_of(root, paper), month, note, timestamp_given(), copy)


# --- what the editor wrote --------------------------------------------------------------------------------------------


def note_of(root: Path, paper: Paper, month: date, today: date) -> tuple[Chapter | None, list[Diagnostic]]:
    """The editor's note for a month, if there is one, and the errors in it."""
    from nioc_paper.cache import Cache
    from nioc_paper.check import check
    from nioc_paper.load.chapter import note

    name = month.isoformat()[:7]
    path = NOTE.format(name)
    if not (root / path).exists():
        return None, []
    found: list[Diagnostic] = []
    settings = paper.settings
    status = settings.statuses[0].id if settings.statuses else ""
    front = FrontMatter(id=f"newsletter-{name}", title="Newsletter", category="front", status=status)
    chapter = note(root, path, front, Cache.of(root), found.append)
    if chapter is None:
        return None, found
    chapter = replace(chapter, language=settings.language)
    wrong = check(replace(paper, chapters=(*paper.chapters, chapter)), today, found, *memory_of(root))
    return chapter, [d for d in wrong if d.place.path == path and d.severity is Severity.ERROR]


# --- what git knows ---------------------------------------------------------------------------------------------------


def month_of(root: Path, paper: Paper, first: date, today: date) -> Month:
    """A month of the paper, as far as git knows it."""
    from nioc_paper import git
    from nioc_paper.assemble.told import Month
    from nioc_paper.load import SETTINGS

    zone, last = zone_of(paper), first.replace(day=monthrange(first.year, first.month)[1])
    until = today if today < last else None
    end = git.commit_on(root, (until or last).isoformat(), zone)
    begin = git.commit_on(root, (first - timedelta(days=1)).isoformat(), zone) if first > date.min else None
    known = git.first_commit(root, SETTINGS, zone)
    since = None
    if end and not begin and known:
        begin, since = known
    if not end or not begin:
        return Month(first, last, until=until)
    after = past(root, end)
    before = after if begin == end else past(root, begin)
    return Month(first, last, before, after, since, until)


def past(root: Path, commit: str) -> Paper:
    """The paper as it was in a commit. What had an error is left out: a key that was not read may have hidden it."""
    found: list[Diagnostic] = []
    paper = paper_at(root, commit, found.append)
    broken = {d.place.path for d in found if d.severity is Severity.ERROR}
    kept = replace(paper, chapters=tuple(c for c in paper.chapters if c.path not in broken))
    if "paper/registers/decisions.yaml" in broken:
        kept = replace(kept, decisions_file=Decisions())
    return kept
