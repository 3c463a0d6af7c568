"""Send a chapter to reviewers: who gets it, one Word file each, and the note in the ledger."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.app.build_request import write_files
from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import AppError, RequestError, require_none
from nioc_paper.app.message_drafts import Cover, write_covers
from nioc_paper.app.preconditions import require_chapter, require_committed_sources, require_no_suggestions
from nioc_paper.app.project import Project
from nioc_paper.app.sendings.ledger_commits import file_slug, save_ledger
from nioc_paper.assemble import assemble_chapter
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.domain.quoted_words import Quotations
from nioc_paper.model import (
    AUDIENCES,
    Chapter,
    Comment,
    Diagnostic,
    Document,
    History,
    OutputOptions,
    Paper,
    Reviews,
    Sending,
    Severity,
    Templates,
    slugify,
    spelling_hint,
)
from nioc_paper.ooxml.package import Package
from nioc_paper.render import write
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.context import Engines, RenderContext
from nioc_paper.report.findings.line_formats import format_short
from nioc_paper.review.docx import docx_comments
from nioc_paper.review.exchange import ledger, sent_docx
from nioc_paper.review.exchange.today_merge import find_person_id
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.command_stages import stage
from nioc_paper.system.files import replace_file
from nioc_paper.system.terminal import progress_bar
from nioc_paper.wording import ENGLISH, wording_for


def send_chapter(
    project: Project, chapter: str, to: Sequence[str], due: date | None, out: Path | None, *, mail: bool
) -> Iterator[str]:
    """Make a Word file of a chapter for each recipient, and note it in the ledger; yield a line on each file and draft.

    The project keeps a notice if not everybody may read all of the file.

    Raises AppError if the chapter cannot be sent, or a recipient is unknown.
    """
    paper, reviews, sendings = _plan_sendings(project, chapter, to, due)
    commits, covers = OwnCommits(project), list[Cover]()
    target, names = require_chapter(paper, chapter), [paper.display_name(sending.to) for sending in sendings]
    with progress_bar(len(sendings)):
        for sending, name in zip(sendings, names, strict=True):
            with stage(name):
                made = export_sending(paper, chapter, sending, project.templates, reviews.comments, cache=project.cache)
            files = {f"{chapter}-{file_slug(sending.to)}-{sending.id}.docx": made.data}
            (file,) = write_files(files, out or project.writable_path("dist", "review"))
            covers.append(Cover(sending.to, due, file, ["remind_file"]))
            yield f"{os.path.relpath(file)}  for {name}"
    yield from write_covers(project, paper, "send", covers, target.front.title or "") if mail else ()
    project.commit_lines.append(ENGLISH[f"holds_{made.marking}"] if made.marking else "")
    updated = reviews.replace(sendings=(*reviews.sendings, *sendings))
    message, text_paths = f"Send '{chapter}' to {', '.join(names)}", [*_keep_text(project, target, sendings)]
    project.commit_lines.append(save_ledger(commits, updated, message, paper, text_paths))


def _keep_text(project: Project, chapter: Chapter, sendings: Sequence[Sending]) -> Iterator[str]:
    """Write a chapter's text beside the ledger if the sendings have its hash, and yield its path."""
    for source in {sending.source for sending in sendings if sending.source}:
        path = ledger.SENT_TEXT_PATH.format(chapter.id, source)
        replace_file(project.writable_path(path), ledger.mark_lines(chapter.text).encode())
        yield path


def _plan_sendings(
    project: Project, chapter: str, to: Sequence[str], due: date | None
) -> tuple[Paper, Reviews, list[Sending]]:
    """Return the paper, the ledger of a chapter, and its new sendings; nothing is written."""
    loaded = project.load()
    paper, target = loaded.paper, require_chapter(loaded.paper, chapter)
    people = _resolve_recipients(paper, target, to)
    require_none(loaded.errors())
    require_no_suggestions(paper, chapter)
    on = project.today(paper)
    if due and due < on:
        raise RequestError(f"--due {due} has passed: today is {on}")
    commit, reviews = require_committed_sources(project.root, target), ledger.find_reviews(paper.reviews, chapter)
    used_ids = {sending.id for sending in reviews.sendings}
    text_hash = hashlib.sha256(target.text.encode("utf-8", "surrogateescape")).hexdigest()
    source, status = text_hash if paper.settings.record_files else None, target.front.status or None
    ids = {who: ledger.make_id((chapter, who, on, due, commit), used_ids) for who in people}
    common = Sending(id="", to="", on=on, due=due, commit=commit, source=source, status=status)
    return paper, reviews, [common.replace(id=new_id, to=who) for who, new_id in ids.items()]


def _resolve_recipients(paper: Paper, chapter: Chapter, to: Sequence[str]) -> list[str]:
    """Return the ids or names of those who get a chapter: the ones given, by id or name; by default its reviewers.

    Raises RequestError for an unknown id, or if there is nobody.
    """
    requested = list(dict.fromkeys(find_person_id(paper, who) for who in to))
    for who in requested:
        if who not in paper.people and who == slugify(who):
            hint = spelling_hint(who, paper.people) or "for a person who is not listed, write the full name"
            raise RequestError(f"nobody in contributors.yaml is called '{who}'; {hint}")
    reviewers = [*chapter.people_in_role("reviewer")]
    if not requested and not reviewers:
        raise RequestError(f"'{chapter.id}' has no reviewer; name one in its front matter, or give --to PERSON")
    return requested or reviewers


# --- the Word file of a sending: a chapter as it was in a commit, marked up for review --------------------------------


class SendingFile(Struct, frozen=True):
    """The Word file of a sending."""

    data: bytes
    marking: str
    """The narrowest audience of any part of it: limited, restricted; empty if everybody may read it."""


def require_sent_chapter(paper: Paper, chapter: str) -> Chapter:
    """Return a chapter of an earlier paper. Raises AppError if it has none with this id."""
    for each in paper.chapters:
        if each.id == chapter:
            return each
    raise AppError(f"the paper had no chapter '{chapter}' when this was sent")


def export_sending(
    paper: Paper,
    chapter: str,
    sending: Sending,
    templates: Templates,
    comments: Sequence[Comment] = (),
    *,
    for_reader: bool = True,
    cache: Cache = NO_CACHE,
) -> SendingFile:
    """Return the Word file of a sending, with comments; the same bytes whenever it is made from the same paper.

    One that is not `for_reader` but for a comparison is not compressed, and has no drawings.
    """
    document = _assemble_sending(paper, chapter, sending)
    package = Package(render_docx(document, templates, cache, draws=for_reader))
    sent, words = require_sent_chapter(paper, chapter), wording_for(paper.settings.language, paper.settings.own_words)
    editor = paper.settings.editor or next(iter(sent.leads), paper.settings.publisher or "")  # gets the file back
    guidance = [words[f"review_{name}"] for name in ("edit", "locked", "comment", "kinds")]
    instructions = sent_docx.format_instructions(paper, guidance, chapter, sending, editor, words)
    accent = read_theme(templates)["accent"].lstrip("#")
    sent_docx.prepare_for_review(package, sent_docx.make_origin(paper, chapter, sending), instructions, accent)
    docx_comments.write_comments(package, comments, paper, words)
    quotations = Quotations(sent, sensitivity_level)
    level = max([document.marking, *(quotations.level(comment, if_gone=0) for comment in comments)])
    return SendingFile(package.save(document.timestamp, compressed=for_reader), AUDIENCES[level] if level else "")


def _assemble_sending(paper: Paper, chapter: str, sending: Sending) -> Document:
    """Assemble the chapter alone, dated by the sending, with the bookmarks that identify its passages."""
    moment = int(datetime.combine(sending.on, time(), UTC).timestamp())
    history = History(commit=sending.commit, committed_on=sending.on, timestamp=moment)
    marked_paper = sent_docx.with_bookmarks(paper, {require_sent_chapter(paper, chapter).id: 0})
    document = assemble_chapter(marked_paper, history, chapter, copy=OutputOptions(review=True))
    return replace(document, form="brief", commit="", contents=(), figures=(), tables=(), recommendations=())


def render_docx(document: Document, templates: Templates, cache: Cache, *, draws: bool = True) -> bytes:
    """Return the Word file of a document, without page numbers. Raises AppError if it cannot be made."""
    findings: list[Diagnostic] = []
    context = RenderContext(templates, findings.append, cache, Engines(numbers_pages=False, draws=draws))
    if (data := write.render_bytes("docx", document, context)) is None:
        errors = [d for d in findings if d.severity == Severity.ERROR]
        raise AppError("the Word file was not made:\n" + format_short(errors))
    return data
