"""The month of a newsletter: the paper at its start and end, and the editor's note."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from msgspec.structs import replace

from nioc_paper.app.errors import RequestError
from nioc_paper.app.gates import require_unblocked
from nioc_paper.app.outputs import read_source_date_epoch
from nioc_paper.app.project import Project
from nioc_paper.assemble.documents.monthly_news import Month
from nioc_paper.assemble.documents.newsletter import build_newsletter
from nioc_paper.check import check
from nioc_paper.load import SETTINGS_PATH, toolchain_hash
from nioc_paper.load.chapter import load_note
from nioc_paper.load.load_context import LoadContext
from nioc_paper.load.paper_files import PaperFiles
from nioc_paper.model import Chapter, Decisions, Diagnostic, Document, FrontMatter, OutputOptions, Paper, Severity
from nioc_paper.system import git

_NOTE_PATH = "paper/newsletter/{}.md"


def assemble_newsletter(project: Project, month: date | None, options: OutputOptions) -> Document:
    """Assemble the newsletter of the month of a day, by default the current one.

    Raises RequestError for a month to come, BlockedError if the paper or the editor's note has errors.
    """
    loaded = project.load()
    paper, day = loaded.paper, project.today(loaded.paper)
    first = (month or day).replace(day=1)
    if first > day:
        raise RequestError(f"{first.isoformat()[:7]} is in the future: today is {day}")
    note, note_findings = _load_editor_note(project, paper, first)
    with_note = replace(paper, chapters=(*paper.chapters, *([note] if note else [])))
    require_unblocked(project, replace(loaded, paper=with_note), note_findings, options)
    news, history = _load_month(project, paper, first), project.history(paper)
    known_paper = project.without_later_records(paper)
    return build_newsletter(known_paper, history, news, note, read_source_date_epoch(), options)


def _load_editor_note(project: Project, paper: Paper, month: date) -> tuple[Chapter | None, list[Diagnostic]]:
    """Return the editor's note for a month and its findings; None if there is no note, or it cannot be read."""
    name = month.isoformat()[:7]
    path = _NOTE_PATH.format(name)
    if not (project.root / path).exists():
        return None, []
    load_findings: list[Diagnostic] = []
    settings = paper.settings
    status = settings.statuses[0].id if settings.statuses else ""
    front = FrontMatter(id=f"newsletter-{name}", title="Newsletter", category="front", status=status)
    context = LoadContext(PaperFiles(project.root), project.cache, load_findings.append, paper.facts)
    chapter = load_note(context, path, front)
    if chapter is None:
        return None, load_findings
    chapter = replace(chapter, language=settings.language)
    with_note = replace(paper, chapters=(*paper.chapters, chapter))
    findings = check(with_note, project.today(paper), load_findings, project.cache, toolchain_hash())
    return chapter, [d for d in findings if d.place.path == path]


def _load_month(project: Project, paper: Paper, first: date) -> Month:
    """Return the month that starts on a day, with the paper at its start and end as far as git knows them."""
    zone, last = project.time_zone(paper), first.replace(day=monthrange(first.year, first.month)[1])
    today = project.today(paper)
    until = today if today < last else None
    end = git.commit_at_end_of_day(project.root, (until or last).isoformat(), zone)
    begin, since = _commit_before(project, paper, first), None
    # An earlier commit of the repository may be older than the paper: all of it would be new.
    if end and (first_commit := git.find_first_commit(project.root, SETTINGS_PATH, zone)) and first_commit[1] >= first:
        begin, since = first_commit
    if not end or not begin:
        return Month(first, last, reported_until=until)
    after = _load_readable(project, end)
    before = after if begin == end else _load_readable(project, begin)
    return Month(first, last, before, after, since, until)


def _commit_before(project: Project, paper: Paper, first: date) -> str | None:
    """Return the last commit before a day."""
    if first == date.min:
        return None
    day_before = (first - timedelta(days=1)).isoformat()
    return git.commit_at_end_of_day(project.root, day_before, project.time_zone(paper))


def _load_readable(project: Project, commit: str) -> Paper:
    """Return the paper in a commit without files that have errors: an unread key may have withheld them."""
    findings: list[Diagnostic] = []
    paper = project.at(commit, findings.append)
    broken = {d.place.path for d in findings if d.severity is Severity.ERROR}
    readable = replace(paper, chapters=tuple(c for c in paper.chapters if c.path not in broken))
    if "paper/registers/decisions.yaml" in broken:
        readable = replace(readable, decisions_file=Decisions())
    return readable
