"""What was sent to reviewers, and what they said, as tables."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.export.table import CellValue, ExportSource, Register
from nioc_paper.model import AUDIENCES, Answer, Comment, Sending

CommentRow = tuple[str, Comment]
SendingRow = tuple[str, Sending]


def _is_internal(source: ExportSource) -> bool:
    return source.document.copy.audience == AUDIENCES[-1]


def _reviewer_name(source: ExportSource, who: str) -> str:
    """Who said it; a name that no register allows to be printed is for colleagues only."""
    return source.paper.display_name(who) if _is_internal(source) or who in source.paper.people else "a reviewer"


def _comment_rows(source: ExportSource) -> Iterator[CommentRow]:
    for chapter in source.paper.chapters:
        for comment in source.paper.comments(chapter.id):
            yield chapter.front.title, comment


def _sending_rows(source: ExportSource) -> Iterator[SendingRow]:
    """Who was asked is for colleagues only."""
    for chapter in source.paper.chapters if _is_internal(source) else ():
        for reviews in (r for r in source.paper.reviews if r.chapter == chapter.id):
            yield from ((chapter.front.title, sending) for sending in reviews.sendings)


def _reply_texts(source: ExportSource, row: CommentRow) -> list[str]:
    return [f"{_reviewer_name(source, r.by)}: {r.text}" for r in row[1].replies]


def _answer(row: CommentRow) -> Answer | None:
    return row[1].answer


def _answered_by(source: ExportSource, row: CommentRow) -> CellValue:
    answer = _answer(row)
    return _reviewer_name(source, answer.by) if answer else None


COMMENTS = Register(
    _comment_rows,
    {
        "Number": lambda _, row: row[1].number,
        "Chapter": lambda _, row: row[0],
        "Kind": lambda _, row: row[1].kind,
        "By": lambda source, row: _reviewer_name(source, row[1].by),
        "On": lambda _, row: row[1].on,
        "About": lambda _, row: row[1].quote,
        "Comment": lambda _, row: row[1].text,
        "Replies": _reply_texts,
        "Answer": lambda _, row: a.disposition if (a := _answer(row)) else "open",
        "Reason": lambda _, row: a.reason if (a := _answer(row)) else None,
        "Answered by": _answered_by,
        "Answered on": lambda _, row: a.on if (a := _answer(row)) else None,
        "Commit": lambda _, row: a.commit if (a := _answer(row)) else None,
        "Sensitivity": lambda _, row: row[1].sensitivity,
    },
    frozenset({"Commit", "Sensitivity"}),
)
SENDINGS = Register(
    _sending_rows,
    {
        "Chapter": lambda _, row: row[0],
        "Number": lambda _, row: row[1].number,
        "To": lambda source, row: source.paper.display_name(row[1].to),
        "Sent": lambda _, row: row[1].on,
        "Due": lambda _, row: row[1].due,
        "Returned": lambda _, row: row[1].returned,
        "Commit": lambda _, row: row[1].commit,
    },
)
