"""Remarks of reviewers: comments, and changes to apply by hand; selected, located and answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nioc_paper.app.errors import RequestError
from nioc_paper.app.gates import require_readable_ledger, validate_chapter_option
from nioc_paper.app.own_commits import OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.app.sendings.ledger_commits import save_ledger
from nioc_paper.model import Answer, Comment, Paper, Place, Remark, Reviews
from nioc_paper.model.reviews import CommentKind, Disposition
from nioc_paper.program import command_line
from nioc_paper.report.comments import format_comments
from nioc_paper.review.exchange import ledger
from nioc_paper.review.exchange.comment_context import QuoteFinder
from nioc_paper.review.exchange.incoming import find_person_id
from nioc_paper.system import git


@dataclass(frozen=True, slots=True)
class RemarkFilter:
    """Filter of the list of remarks; None selects all."""

    chapter: str | None
    by: str | None
    """Id or name of their author."""
    kind: str | None
    is_unanswered: bool

    def select(self, paper: Paper) -> Iterator[tuple[Reviews, Remark]]:
        """Yield the remarks that match, with their ledgers."""
        author = None if self.by is None else find_person_id(paper, self.by)
        for reviews, remark in ledger.iter_remarks(paper.reviews):
            is_selected = (
                self.chapter in (None, reviews.chapter)
                and author in (None, remark.by)
                and (self.kind is None or (isinstance(remark, Comment) and remark.kind == self.kind))
                and not (self.is_unanswered and remark.answer)
            )
            if is_selected:
                yield reviews, remark


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """An answer to a remark, as the command line has it."""

    disposition: Disposition
    because: str | None
    by: str | None
    """The person who decided; None for the editor of the paper."""
    commit: str | None
    """The commit that applied it; None for the last."""


def list_remarks(project: Project, selected: RemarkFilter) -> str:
    """Return the remarks that a filter selects, a few lines each. Raises RequestError for an unknown chapter."""
    loaded = project.load()
    require_readable_ledger(loaded)
    validate_chapter_option(loaded.paper, selected.chapter)
    return format_comments(loaded.paper, list(_locate_remarks(loaded.paper, list(selected.select(loaded.paper)))))


def answer_remark(project: Project, number: int, request: AnswerRequest, *, wants_commit: bool) -> str:
    """Answer the remark with a number. Returns the line of `OwnCommits.commit`; raises RequestError."""
    paper, reviews, remark = _load_remark(project, number)
    if request.disposition != "accept" and not request.because:
        raise RequestError("give the reason: --because REASON; the author of the comment will read it")
    who = request.by or paper.settings.editor
    if not who:
        raise RequestError("paper.yaml names no editor; say who decided: --by PERSON")
    commit = _applied_in(project, request)
    answer = Answer(
        disposition=request.disposition, reason=request.because, by=who, on=project.today(paper), commit=commit
    )
    subject = f"Answer comment {number} on '{reviews.chapter}'"
    return _save_remark(project, reviews, remark.replace(answer=answer), subject, wants_commit=wants_commit)


def set_kind(project: Project, number: int, kind: CommentKind, *, wants_commit: bool) -> str:
    """Set the kind of the comment with a number. Returns the line of `OwnCommits.commit`."""
    _, reviews, remark = _load_remark(project, number)
    if not isinstance(remark, Comment):
        raise RequestError(f"{number} is a change to apply by hand, not a comment")
    subject = f"Call comment {number} on '{reviews.chapter}' {kind}"
    return _save_remark(project, reviews, remark.replace(kind=kind), subject, wants_commit=wants_commit)


def _load_remark(project: Project, number: int) -> tuple[Paper, Reviews, Remark]:
    """Return the paper, a remark by its number, and the ledger that holds it. Raises RequestError if there is none."""
    loaded = project.load()
    require_readable_ledger(loaded)
    for reviews, remark in ledger.iter_remarks(loaded.paper.reviews):
        if remark.number == number:
            return loaded.paper, reviews, remark
    raise RequestError(f"no comment has the number {number}; to see them: {command_line('comments')}")


def _applied_in(project: Project, request: AnswerRequest) -> str | None:
    """Return the commit that applied an accepted remark. Raises RequestError for a commit that git does not know."""
    accepted = request.disposition.startswith("accept")
    commit = git.resolve_commit(project.root, request.commit or "HEAD") if accepted else None
    if request.commit and commit is None:
        raise RequestError(f"git knows no commit '{request.commit}'")
    return commit


def _save_remark(project: Project, reviews: Reviews, remark: Remark, subject: str, *, wants_commit: bool) -> str:
    """Replace a remark in its ledger and commit that."""
    commits = OwnCommits(project, is_wanted=wants_commit)
    return save_ledger(project, commits, ledger.replace_remark(reviews, remark), subject)


def _locate_remarks(paper: Paper, remarks: Sequence[tuple[Reviews, Remark]]) -> Iterator[tuple[Place, Remark]]:
    """Yield remarks with the places of their quotes; the start of the chapter if a quote is gone."""
    chapter_ids = {reviews.chapter for reviews, _ in remarks}
    chapters_today = {c.id: QuoteFinder(c) for c in paper.chapters if c.id in chapter_ids}
    for reviews, remark in remarks:
        chapter = chapters_today.get(reviews.chapter)
        place = chapter.locate(remark) if chapter else None
        yield place or Place(chapter.chapter.path if chapter else f"reviews/{reviews.chapter}.yaml"), remark
