"""Send a chapter to reviewers: who gets it, one Word file each, and the note in the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nioc_paper.app.errors import RequestError, require_none
from nioc_paper.app.gates import require_chapter, require_committed_sources, require_no_suggestions
from nioc_paper.app.own_commits import OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.app.sendings.export import WrittenSending, resolve_recipients, write_sendings
from nioc_paper.app.sendings.ledger_commits import save_ledger
from nioc_paper.app.stages import ShowStages
from nioc_paper.model import Paper, Reviews, Sending
from nioc_paper.review.exchange import ledger


@dataclass(frozen=True, slots=True)
class PlannedSendings:
    """A chapter that may be sent, and its sendings; nothing is written yet."""

    project: Project
    paper: Paper
    commits: OwnCommits
    reviews: Reviews
    """Ledger of the chapter."""
    sendings: Sequence[Sending]

    def write_files(self, folder: Path, show_stages: ShowStages) -> Iterator[WrittenSending]:
        """Write the file of each sending to a folder, and yield it once it is on disk."""
        return write_sendings(self.project, self.paper, self.reviews, self.sendings, folder, show_stages)

    def note_in_ledger(self) -> str:
        """Write and commit who was sent what. Returns as `OwnCommits.commit`."""
        names = ", ".join(self.paper.display_name(sending.to) for sending in self.sendings)
        updated = self.reviews.replace(sendings=(*self.reviews.sendings, *self.sendings))
        return save_ledger(self.project, self.commits, updated, f"Send '{self.reviews.chapter}' to {names}")


def plan_sendings(
    project: Project, chapter: str, to: Sequence[str], due: date | None, *, wants_commit: bool
) -> PlannedSendings:
    """Plan a sending to each recipient. Raises AppError if the chapter cannot be sent, or a recipient is unknown."""
    loaded = project.load()
    paper = loaded.paper
    target = require_chapter(paper, chapter)
    people = resolve_recipients(paper, target, to)
    require_none(loaded.errors())
    require_no_suggestions(paper, chapter)
    on = project.today(paper)
    if due and due < on:
        raise RequestError(f"--due {due} has passed: today is {on}")
    commit = require_committed_sources(project.root, target)
    commits = OwnCommits(project, is_wanted=wants_commit)
    reviews = ledger.find_reviews(paper.reviews, chapter)
    first = len(reviews.sendings) + 1
    sendings = [Sending(number=first + n, to=who, on=on, due=due, commit=commit) for n, who in enumerate(people)]
    return PlannedSendings(project, paper, commits, reviews, sendings)
