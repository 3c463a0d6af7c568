"""Registers of sendings to reviewers, and of their comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nioc_paper.export.table import CellValue, ExportSource, Register
from nioc_paper.model import AUDIENCES, Answer, Comment, Sending


class CommentRow(NamedTuple):
    """A comment, and the title of its chapter."""

    chapter_title: str
    comment: Comment

    @property
    def answer(self) -> Answer | None:
        """Answer to the comment; None if it is open."""
        return self.comment.answer


class SendingRow(NamedTuple):
    """A sending, and the title of its chapter."""

    chapter_title: str
    sending: Sending


def _is_internal(source: ExportSource) -> bool:
    return source.document.copy.audience == AUDIENCES[-1]


def _reviewer_name(source: ExportSource, who: str) -> str:
    return source.paper.named_reviewer(who, is_internal=_is_internal(source)) or "a reviewer"


def _comment_rows(source: ExportSource) -> Iterator[CommentRow]:
    for chapter in source.paper.chapters:
        for comment in source.paper.comments(chapter.id):
            yield CommentRow(chapter.front.title, comment)


def _sending_rows(source: ExportSource) -> Iterator[SendingRow]:
    """Yield the sendings. Only colleagues may know who was asked."""
    for chapter in source.paper.chapters if _is_internal(source) else ():
        for reviews in (r for r in source.paper.reviews if r.chapter == chapter.id):
            yield from (SendingRow(chapter.front.title, sending) for sending in reviews.sendings)


def _reply_texts(source: ExportSource, row: CommentRow) -> list[str]:
    return [f"{_reviewer_name(source, r.by)}: {r.text}" for r in row.comment.replies]


def _answered_by(source: ExportSource, row: CommentRow) -> CellValue:
    return _reviewer_name(source, row.answer.by) if row.answer else None


COMMENTS: Register[CommentRow] = Register(
    _comment_rows,
    {
        "Id": lambda _, row: row.comment.id,
        "Chapter": lambda _, row: row.chapter_title,
        "Kind": lambda _, row: row.comment.kind,
        "By": lambda source, row: _reviewer_name(source, row.comment.by),
        "On": lambda _, row: row.comment.on,
        "About": lambda _, row: row.comment.quote,
        "Comment": lambda _, row: row.comment.text,
        "Replies": _reply_texts,
        "Answer": lambda _, row: row.answer.disposition if row.answer else "open",
        "Reason": lambda _, row: row.answer.reason if row.answer else None,
        "Answered by": _answered_by,
        "Answered on": lambda _, row: row.answer.on if row.answer else None,
        "Commit": lambda _, row: row.answer.commit if row.answer else None,
        "Sensitivity": lambda _, row: row.comment.sensitivity,
    },
    frozenset({"Commit", "Sensitivity"}),
)
SENDINGS: Register[SendingRow] = Register(
    _sending_rows,
    {
        "Chapter": lambda _, row: row.chapter_title,
        "Id": lambda _, row: row.sending.id,
        "To": lambda source, row: source.paper.display_name(row.sending.to),
        "Sent": lambda _, row: row.sending.on,
        "Due": lambda _, row: row.sending.due,
        "Returned": lambda _, row: row.sending.returned,
        "Commit": lambda _, row: row.sending.commit,
    },
)
