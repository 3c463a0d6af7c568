"""Points of reviewers: comments, and changes to apply by hand; selected, located and answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import RequestError
from nioc_paper.app.preconditions import load_with_ledgers, require_chapter, validate_chapter_option
from nioc_paper.app.project import Project
from nioc_paper.app.sendings.ledger_commits import save_ledger
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.domain.quoted_words import Quotations
from nioc_paper.model import (
    Answer,
    Chapter,
    Comment,
    Paper,
    Place,
    ReviewPoint,
    Reviews,
    Unmerged,
    format_count,
    long_date,
)
from nioc_paper.model.record import Day
from nioc_paper.model.reviews import CommentKind, Disposition
from nioc_paper.program_name import command_line
from nioc_paper.report.terminal_escaping import printable_text
from nioc_paper.review.docx.docx_comments import split_kind
from nioc_paper.review.exchange import ledger
from nioc_paper.review.exchange.sent_docx import hash_text
from nioc_paper.review.exchange.today_merge import find_person_id
from nioc_paper.review.merge.text_edits import shorten_change
from nioc_paper.system import git


def list_points(project: Project, chapter: str | None, by: str | None, kind: str | None, *, is_unanswered: bool) -> str:
    """Return the points of a chapter, a person and a kind, a few lines each; None selects all.

    Raises RequestError for an unknown chapter.
    """
    paper = load_with_ledgers(project)
    validate_chapter_option(paper, chapter)
    author = None if by is None else find_person_id(paper, by)
    selected = [
        (reviews, point)
        for reviews, point in ledger.iter_points(paper.reviews)
        if chapter in (None, reviews.chapter) and author in (None, point.by)
        if kind is None or (isinstance(point, Comment) and point.kind == kind)
        if not (is_unanswered and point.answer)
    ]
    return format_comments(paper, list(_locate_points(paper, selected)))


def answer_point(
    project: Project, id: str, disposition: Disposition, because: str | None, by: str | None, applied_by: str | None
) -> ReviewPoint:
    """Answer the point with an id; `by` is who decided, by default the editor, `applied_by` the commit that applied it.

    Returns it; raises RequestError.
    """
    paper, reviews, point = _load_point(project, id)
    if disposition != "accept" and not (because or "").strip():
        raise RequestError("give the reason: --because REASON; the author of the comment will read it")
    if not (who := find_person_id(paper, by or "") or paper.settings.editor):
        raise RequestError("paper.yaml names no editor; say who decided: --by PERSON")
    commit = git.resolve_commit(project.root, applied_by) if applied_by else None
    if applied_by and commit is None:
        raise RequestError(f"git knows no commit '{applied_by}'")
    commit = commit if disposition.startswith("accept") else None
    answer = Answer(disposition=disposition, reason=because, by=who, on=project.today(paper), commit=commit)
    subject = f"Answer comment {point.id} on '{reviews.chapter}'"
    _save(project, paper, ledger.replace_point(reviews, point.replace(answer=answer)), subject)
    return point


class NewComment(Struct, frozen=True):
    """A comment that did not come in a Word file: by mail, or on the telephone."""

    chapter: str
    by: str
    """Id or name of the person."""
    text: str
    quote: str = ""
    """The words that it is about; empty for the chapter as a whole."""
    on: Day | None = None
    """The day on which it was made; None for today."""
    sending: str | None = None


def add_comment(project: Project, new: NewComment) -> Comment:
    """Add a comment to the ledger of a chapter, and return it.

    Raises RequestError for an unknown chapter, and for a quotation that the chapter does not have.
    """
    paper = load_with_ledgers(project)
    chapter = require_chapter(paper, new.chapter)
    reviews, by = ledger.find_reviews(paper.reviews, chapter.id), find_person_id(paper, new.by)
    words, (kind, text) = " ".join(new.quote.split()), split_kind(new.text)
    new_id = ledger.make_id((chapter.id, by, new.on, words, text), ledger.point_ids(paper.reviews))
    on, sending = new.on or project.today(paper), new.sending
    comment = Comment(id=new_id, by=by, on=on, sending=sending, quote=words, text=text, kind=kind)
    if words and Quotations(chapter, sensitivity_level).locate(comment) is None:
        raise RequestError(f"{chapter.path} does not have these words: '{words}'; quote a few of one sentence")
    _save(project, paper, reviews.replace(comments=(*reviews.comments, comment)), f"Note a comment on '{chapter.id}'")
    return comment


def set_kind(project: Project, reference: str, kind: CommentKind) -> ReviewPoint:
    """Set the kind of the comment with an id, and return it."""
    paper, reviews, point = _load_point(project, reference)
    if not isinstance(point, Comment):
        raise RequestError(f"{point.id} is a change to apply by hand, not a comment")
    subject = f"Call comment {point.id} on '{reviews.chapter}' {kind}"
    _save(project, paper, ledger.replace_point(reviews, point.replace(kind=kind)), subject)
    return point


def _load_point(project: Project, reference: str) -> tuple[Paper, Reviews, ReviewPoint]:
    """Return the paper, a point by its id, and the ledger that holds it. Raises RequestError for none, or several."""
    paper = load_with_ledgers(project)
    points = list(ledger.iter_points(paper.reviews))
    matches = ledger.match_id([point for _, point in points], reference)
    if len(matches) == 1:
        return paper, next(reviews for reviews, point in points if point is matches[0]), matches[0]
    if not matches:
        raise RequestError(f"no comment has the id '{reference}'; to see them: {command_line('comments')}")
    listed = "; ".join(f"{p.place('id')}: {p.id} by {paper.display_name(p.by)}" for p in matches)
    raise RequestError(f"'{reference}' is not one comment: {listed}; write a longer id, or give one another id there")


def _save(project: Project, paper: Paper, reviews: Reviews, subject: str) -> None:
    """Write and commit a ledger."""
    project.commit_lines.append(save_ledger(OwnCommits(project), reviews, subject, paper))


def _locate_points(paper: Paper, points: Sequence[tuple[Reviews, ReviewPoint]]) -> Iterator[tuple[Place, ReviewPoint]]:
    """Yield points with the places of their quotes; the start of the chapter if a quote is gone."""
    chapter_ids = {reviews.chapter for reviews, _ in points}
    chapters_today = {c.id: Quotations(c, sensitivity_level) for c in paper.chapters if c.id in chapter_ids}
    for reviews, point in points:
        chapter = chapters_today.get(reviews.chapter)
        place = (_find_line(chapter.chapter, point) or chapter.locate(point)) if chapter else None
        yield place or Place(chapter.chapter.path if chapter else f"reviews/{reviews.chapter}.yaml"), point


def _find_line(chapter: Chapter, point: ReviewPoint) -> Place | None:
    """Return the line at which a change goes, as `receive` gave it; None if the chapter has no such line any more."""
    if not isinstance(point, Unmerged) or point.line is None:
        return None
    lines = [n for n, text in enumerate(chapter.text.splitlines(), 1) if hash_text(text.strip()) == point.line_hash]
    return Place(chapter.path, min(lines, key=lambda n: abs(n - (point.line or 0)))) if lines else None


# --- points of reviewers as text --------------------------------------------------------------------------------------


def format_comments(paper: Paper, points: Sequence[tuple[Place, ReviewPoint]]) -> str:
    """Return the points in a few lines each, and the tally."""
    lines = [line for place, point in points for line in _point_lines(paper, place, point)]
    return printable_text("\n".join([*lines, _summary_line([point for _, point in points])]))


def _summary_line(points: Sequence[ReviewPoint]) -> str:
    comments = sum(isinstance(r, Comment) for r in points)
    changes = len(points) - comments
    parts = [format_count(comments, "comment")] if comments or not changes else []
    parts += [f"{format_count(changes, 'change')} to apply by hand"] if changes else []
    return f"{' and '.join(parts)}, {sum(r.answer is not None for r in points)} answered"


def _point_lines(paper: Paper, place: Place, point: ReviewPoint) -> Iterator[str]:
    kind = point.kind if isinstance(point, Comment) else "change"
    on = f", {long_date(point.on)}" if point.on else ""
    yield f"{place}: {point.id} {kind}, {paper.display_name(point.by)}{on}"
    if isinstance(point, Comment):
        if point.quote:
            yield f"  on: {_indent(point.quote)}"
        yield f"  {_indent(point.text)}"
        yield from (f"  {paper.display_name(reply.by)}: {_indent(reply.text)}" for reply in point.replies)
        if point.resolved and not point.answer:
            yield "  settled in Word"
    elif isinstance(point, Unmerged):
        before, after = (text.replace("¶", "\n      ") for text in shorten_change(point.sent, point.got))
        yield from (f"  was: {before}", f"  now: {after}", f"  not merged: {point.why}")
    if point.answer:
        because = f": {point.answer.reason}" if point.answer.reason else ""
        yield f"  {point.answer.disposition}, {paper.display_name(point.answer.by)}{because}"
    else:
        yield "  open"


def _indent(text: str) -> str:
    return text.replace("\n", "\n  ")
