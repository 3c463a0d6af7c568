"""What was sent to reviewers, and what they said, as tables."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.export.table import Given, Register, Value
from nioc_paper.model import AUDIENCES, Answer, Comment, Sending

Said = tuple[str, Comment]
Sent = tuple[str, Sending]


def _inside(given: Given) -> bool:
    return given.document.copy.audience == AUDIENCES[-1]


def _name(given: Given, who: str) -> str:
    """Who said it; a name that no register allows to be printed is for colleagues only."""
    return given.paper.name(who) if _inside(given) or who in given.paper.people else "a reviewer"


def _comments(given: Given) -> Iterator[Said]:
    for chapter in given.paper.chapters:
        for comment in given.paper.comments(chapter.id):
            yield chapter.front.title, comment


def _sendings(given: Given) -> Iterator[Sent]:
    """Who was asked is for colleagues only."""
    for chapter in given.paper.chapters if _inside(given) else ():
        for reviews in (r for r in given.paper.reviews if r.chapter == chapter.id):
            yield from ((chapter.front.title, sending) for sending in reviews.sendings)


def _replies(given: Given, row: Said) -> list[str]:
    return [f"{_name(given, r.by)}: {r.text}" for r in row[1].replies]


def _answer(row: Said) -> Answer | None:
    return row[1].answer


def _answered_by(given: Given, row: Said) -> Value:
    answer = _answer(row)
    return _name(given, answer.by) if answer else None


COMMENTS = Register(
    _comments,
    {
        "Number": lambda _, row: row[1].number,
        "Chapter": lambda _, row: row[0],
        "Kind": lambda _, row: row[1].kind,
        "By": lambda given, row: _name(given, row[1].by),
        "On": lambda _, row: row[1].on,
        "About": lambda _, row: row[1].quote,
        "Comment": lambda _, row: row[1].text,
        "Replies": _replies,
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
    _sendings,
    {
        "Chapter": lambda _, row: row[0],
        "Number": lambda _, row: row[1].number,
        "To": lambda given, row: given.paper.name(row[1].to),
        "Sent": lambda _, row: row[1].on,
        "Due": lambda _, row: row[1].due,
        "Returned": lambda _, row: row[1].returned,
        "Commit": lambda _, row: row[1].commit,
    },
)
