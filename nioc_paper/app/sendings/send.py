"""Send a chapter to reviewers: who gets it, one Word file each, and the note in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct

from nioc_paper.app.errors import RequestError, require_none
from nioc_paper.app.gates import require_chapter, require_committed_sources, require_no_suggestions
from nioc_paper.app.own_commits import OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.app.sendings.export_word import export_sending
from nioc_paper.app.sendings.ledger_commits import file_slug, save_ledger
from nioc_paper.app.source_files import write_source
from nioc_paper.model import Chapter, Paper, Reviews, Sending, slugify, spelling_hint
from nioc_paper.review.exchange import ledger
from nioc_paper.review.exchange.incoming import find_person_id
from nioc_paper.system.files import replace_file
from nioc_paper.system.stages import stage
from nioc_paper.wording import ENGLISH


class WrittenSending(Struct, frozen=True):
    """A sending whose file is on disk."""

    file: Path
    sending: Sending
    notice: str
    """A sentence on passages that not everybody may read; empty if the file has none."""


class PlannedSendings(Struct, frozen=True):
    """A chapter that may be sent, and its sendings; nothing is written yet."""

    project: Project
    paper: Paper
    commits: OwnCommits
    reviews: Reviews
    """Ledger of the chapter."""
    sendings: Sequence[Sending]

    def write_files(self, folder: Path) -> Iterator[WrittenSending]:
        """Write the file of each sending to a folder, and yield it once it is on disk."""
        for sending in self.sendings:
            with stage(self.paper.display_name(sending.to)):
                written = self._write_file(sending, folder)
            yield written

    def _write_file(self, sending: Sending, folder: Path) -> WrittenSending:
        """Write the file of a sending."""
        chapter, templates = self.reviews.chapter, self.project.templates
        sending_file = export_sending(self.paper, chapter, sending, templates, self.reviews.comments)
        file = folder / f"{chapter}-{file_slug(sending.to)}-{sending.id}.docx"
        replace_file(file, sending_file.data)
        notice = ENGLISH[f"holds_{sending_file.marking}"] if sending_file.marking else ""
        return WrittenSending(file, sending, notice)

    def note_in_ledger(self) -> str:
        """Write and commit who was sent what. Returns the line of `OwnCommits.commit`."""
        names = ", ".join(self.paper.display_name(sending.to) for sending in self.sendings)
        updated = self.reviews.replace(sendings=(*self.reviews.sendings, *self.sendings))
        message = f"Send '{self.reviews.chapter}' to {names}"
        return save_ledger(self.project, self.commits, updated, message, self.paper, [*self._keep_text()])

    def _keep_text(self) -> Iterator[str]:
        """Write the chapter's text beside the ledger if the sendings have its hash, and yield its path."""
        chapter = require_chapter(self.paper, self.reviews.chapter)
        for source in {sending.source for sending in self.sendings if sending.source}:
            path = ledger.SENT_TEXT_PATH.format(chapter.id, source)
            write_source(self.project, path, chapter.text)
            yield path


def plan_sendings(
    project: Project, chapter: str, to: Sequence[str], due: date | None, *, wants_commit: bool
) -> PlannedSendings:
    """Plan a sending to each recipient. Raises AppError if the chapter cannot be sent, or a recipient is unknown."""
    loaded = project.load()
    paper = loaded.paper
    target = require_chapter(paper, chapter)
    people = _resolve_recipients(paper, target, to)
    require_none(loaded.errors())
    require_no_suggestions(paper, chapter)
    on = project.today(paper)
    if due and due < on:
        raise RequestError(f"--due {due} has passed: today is {on}")
    commit = require_committed_sources(project.root, target)
    commits = OwnCommits(project, is_wanted=wants_commit)
    reviews = ledger.find_reviews(paper.reviews, chapter)
    used_ids = {sending.id for sending in reviews.sendings}
    source = hashlib.sha256(target.text.encode("utf-8", "surrogateescape")).hexdigest()
    sendings = [
        Sending(
            id=ledger.make_id((chapter, who, on, due, commit), used_ids),
            to=who,
            on=on,
            due=due,
            commit=commit,
            source=source if paper.settings.record_files else None,
            status=target.front.status or None,
        )
        for who in people
    ]
    return PlannedSendings(project, paper, commits, reviews, sendings)


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
