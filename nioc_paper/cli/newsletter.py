"""`newsletter`: what changed in a month."""

from __future__ import annotations

import sys
from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nioc_paper.app.snapshots import load_snapshot
from nioc_paper.cli.build import parse_formats, read_source_date_epoch, write_outputs
from nioc_paper.cli.common import (
    load_history,
    load_paper,
    open_findings_cache,
    require_root,
    resolve_time_zone,
    resolve_today,
    today_option,
    writable_path,
)
from nioc_paper.cli.exit_codes import ERRORS, OK
from nioc_paper.cli.gates import abort_on_blockers, find_blockers
from nioc_paper.model import (
    AUDIENCES,
    Chapter,
    Decisions,
    Diagnostic,
    Document,
    FrontMatter,
    OutputOptions,
    Paper,
    Severity,
)

if TYPE_CHECKING:
    from nioc_paper.assemble.documents.monthly_news import Month

NOTE_PATH = "paper/newsletter/{}.md"


class MonthParam(click.ParamType[date]):
    """A month on the command line, as its first day."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """YYYY-MM to a date."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(f"{value}-01")
        except ValueError:
            self.fail(f"'{value}' is no month; write YYYY-MM", param, ctx)


@click.command(short_help="Write what changed in a month.")
@click.option("--month", type=MonthParam(), metavar="MONTH", help="Which month, YYYY-MM. [default: the one it is]")
@click.option("--to", "formats", metavar="FORMATS", default="html,docx,md,txt", show_default=True, help="What to make.")
@click.option(
    "--audience", type=click.Choice(AUDIENCES), default=AUDIENCES[0], show_default=True, help="Who may read it."
)
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist]")
@today_option
def newsletter(month: date | None, formats: str, audience: str, out: Path | None, today: date | None) -> None:
    """Write a newsletter: what changed in a month, and what is next. paper/newsletter/YYYY-MM.md is put before it."""
    from nioc_paper.render import MAIL_WRITERS

    root, names, copy = require_root(Path.cwd()), parse_formats(formats, MAIL_WRITERS), OutputOptions(audience=audience)
    paper, load_findings = load_paper(root)
    day = resolve_today(paper, today)
    first = (month or day).replace(day=1)
    if first > day:
        raise click.UsageError(f"{first.isoformat()[:7]} has not begun: today is {day}")
    note, note_errors = load_editor_note(root, paper, first, day)
    paper_with_note = replace(paper, chapters=(*paper.chapters, *([note] if note else [])))
    abort_on_blockers(root, find_blockers(root, paper_with_note, load_findings, note_errors, copy, day), copy)
    output_files = write_outputs(
        root,
        assemble_letter(root, paper, load_month(root, paper, first, day), note, copy),
        names,
        out or writable_path(root, "dist"),
    )
    sys.exit(OK if len(output_files) == len(names) else ERRORS)


def assemble_letter(root: Path, paper: Paper, month: Month, note: Chapter | None, copy: OutputOptions) -> Document:
    """The newsletter of a month."""
    from nioc_paper.assemble.documents.newsletter import build_newsletter as assemble_newsletter

    return assemble_newsletter(paper, load_history(root, paper), month, note, read_source_date_epoch(), copy)


# --- what the editor wrote --------------------------------------------------------------------------------------------


def load_editor_note(root: Path, paper: Paper, month: date, today: date) -> tuple[Chapter | None, list[Diagnostic]]:
    """The editor's note for a month, if there is one, and the errors in it."""
    from nioc_paper.check import check
    from nioc_paper.load.chapter import load_note
    from nioc_paper.load.context import LoadContext
    from nioc_paper.load.paper_files import PaperFiles
    from nioc_paper.system.cache import Cache

    name = month.isoformat()[:7]
    path = NOTE_PATH.format(name)
    if not (root / path).exists():
        return None, []
    load_findings: list[Diagnostic] = []
    settings = paper.settings
    status = settings.statuses[0].id if settings.statuses else ""
    front = FrontMatter(id=f"newsletter-{name}", title="Newsletter", category="front", status=status)
    context = LoadContext(PaperFiles(root), Cache.for_paper(root), load_findings.append)
    chapter = load_note(context, path, front)
    if chapter is None:
        return None, load_findings
    chapter = replace(chapter, language=settings.language)
    findings = check(
        replace(paper, chapters=(*paper.chapters, chapter)), today, load_findings, *open_findings_cache(root)
    )
    return chapter, [d for d in findings if d.place.path == path and d.severity is Severity.ERROR]


# --- what git knows ---------------------------------------------------------------------------------------------------


def load_month(root: Path, paper: Paper, first: date, today: date) -> Month:
    """A month of the paper, as far as git knows it."""
    from nioc_paper.assemble.documents.monthly_news import Month
    from nioc_paper.load import SETTINGS_PATH
    from nioc_paper.system import git

    zone, last = resolve_time_zone(paper), first.replace(day=monthrange(first.year, first.month)[1])
    until = today if today < last else None
    end = git.commit_at_end_of_day(root, (until or last).isoformat(), zone)
    begin = git.commit_at_end_of_day(root, (first - timedelta(days=1)).isoformat(), zone) if first > date.min else None
    first_commit = git.find_first_commit(root, SETTINGS_PATH, zone)
    since = None
    if end and not begin and first_commit:
        begin, since = first_commit
    if not end or not begin:
        return Month(first, last, reported_until=until)
    after = load_readable_snapshot(root, end)
    before = after if begin == end else load_readable_snapshot(root, begin)
    return Month(first, last, before, after, since, until)


def load_readable_snapshot(root: Path, commit: str) -> Paper:
    """The paper as it was in a commit. What had an error is left out: a key that was not read may have hidden it."""
    findings: list[Diagnostic] = []
    paper = load_snapshot(root, commit, findings.append)
    broken = {d.place.path for d in findings if d.severity is Severity.ERROR}
    readable = replace(paper, chapters=tuple(c for c in paper.chapters if c.path not in broken))
    if "paper/registers/decisions.yaml" in broken:
        readable = replace(readable, decisions_file=Decisions())
    return readable
