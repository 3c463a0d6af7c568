"""Board page, and newsletter of a month: the paper at its start and end, and the editor's note."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from nioc_paper.app.build_request import read_source_date_epoch
from nioc_paper.app.errors import RequestError
from nioc_paper.app.message_drafts import find_contacts, write_drafts
from nioc_paper.app.preconditions import find_blockers, require_unblocked
from nioc_paper.app.project import Project
from nioc_paper.assemble.documents.board import build_board_page
from nioc_paper.assemble.documents.newsletter import Month, build_newsletter
from nioc_paper.check import check
from nioc_paper.domain.paper_diff import PaperDiff, compare_papers
from nioc_paper.load import SETTINGS_PATH, toolchain_hash
from nioc_paper.load.chapter import load_note
from nioc_paper.load.load_context import LoadContext, PaperFiles
from nioc_paper.model import Chapter, Decisions, Diagnostic, Document, FrontMatter, OutputOptions, Paper, Party
from nioc_paper.model.register_files import main_path
from nioc_paper.render import write
from nioc_paper.render.context import RenderContext
from nioc_paper.report.reminders import Letter
from nioc_paper.system import git

_NOTE_PATH = "paper/newsletter/{}.md"


def assemble_newsletter(project: Project, month: date | None, options: OutputOptions) -> Document | str:
    """Assemble the newsletter of the month of a day, by default the current one; or return why there is none.

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
    news, history = _load_month(project, paper, first, options), project.history(paper)
    known_paper = project.without_later_records(paper)
    newsletter = build_newsletter(known_paper, history, news, note, read_source_date_epoch(), options)
    name = first.isoformat()[:7]
    return newsletter or f"nothing changed in {name}: no newsletter, unless there is a {_NOTE_PATH.format(name)}"


def draft_newsletter(project: Project, document: Document) -> Iterator[str]:
    """Write the draft of a message with a newsletter, for all contacts that get it; yields as `write_drafts`."""
    contacts = find_contacts(project, project.load().paper, needed=True)
    text = write.render_bytes("txt", document, RenderContext(project.templates, lambda _: None, project.cache))
    copies = tuple(contact.address for contact in contacts.values() if contact.newsletter)
    letter = Letter(Party(None, document.title), document.title, (text or b"").decode(), copies=copies)
    yield from write_drafts(project, "newsletter", [letter], contacts)


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
    context = LoadContext(PaperFiles(project.root), project.cache, load_findings.append).for_paper(paper)
    if (chapter := load_note(context, path, front)) is None:
        return None, load_findings
    chapter = replace(chapter, language=settings.language)
    with_note = replace(paper, chapters=(*paper.chapters, chapter))
    findings = check(with_note, project.today(paper), load_findings, project.cache, toolchain_hash())
    return chapter, [d for d in findings if d.place.path == path]


def _load_month(project: Project, paper: Paper, first: date, options: OutputOptions) -> Month:
    """Return the month that starts on a day, with the paper at its start and end as far as git knows them."""
    zone, last = project.time_zone(paper), first.replace(day=monthrange(first.year, first.month)[1])
    today = project.today(paper)
    until = today if today < last else None
    end = git.commit_at_end_of_day(project.root, until or last, zone)
    day_before = first - timedelta(days=1) if first > date.min else None
    begin, since = git.commit_at_end_of_day(project.root, day_before, zone) if day_before else None, None
    # An earlier commit of the repository may be older than the paper: all of it would be new.
    if end and (first_commit := git.find_first_commit(project.root, SETTINGS_PATH, zone)) and first_commit[1] >= first:
        begin, since = first_commit
    if not end or not begin:
        return Month(first, last, reported_until=until)
    before, after = _load_readable(project, (begin, end), options)
    return Month(first, last, before, after, since, until)


def _load_readable(project: Project, commits: Sequence[str], options: OutputOptions) -> Iterator[Paper]:
    """Yield the paper in commits without files that are not for an audience, or unread, in one of them.

    An unread key may have withheld a file. A file left out of one paper alone would be news.
    """
    loaded = [project.at(commit) for commit in commits]
    broken = {main_path(d.place.path) for each in loaded for d in find_blockers(project, each, each.errors(), options)}
    for paper in (each.paper for each in loaded):
        decisions = Decisions() if "paper/registers/decisions.yaml" in broken else paper.decisions_file
        chapters = tuple(c for c in paper.chapters if c.path not in broken)
        yield replace(paper, chapters=chapters, decisions_file=decisions)


# --- the page for the board -------------------------------------------------------------------------------------------


def assemble_board_page(project: Project) -> Document:
    """Assemble the page for the board, whatever errors the paper has."""
    status = project.status(in_paper_language=True)
    paper, last_meeting = status.paper, status.progress.last_meeting
    diff = diff_since(project, paper, last_meeting) if last_meeting else None
    return build_board_page(paper, status.history, status.progress, diff, read_source_date_epoch())


def diff_since(project: Project, paper: Paper, day: date) -> PaperDiff | None:
    """Compare the paper with the one at the end of a day. Returns None if git has no paper of that time."""
    zone = project.time_zone(paper)
    commit = git.commit_at_end_of_day(project.root, day, zone)
    first_commit = git.find_first_commit(project.root, SETTINGS_PATH, zone)
    is_known = commit and first_commit and first_commit[1] <= day
    return compare_papers(project.at(commit).paper, paper) if commit and is_known else None
