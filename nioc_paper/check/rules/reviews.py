"""Rules about reviewers' comments and changes."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.model import DELETION, INSERTION, Paper
from nioc_paper.program import command_line
from nioc_paper.tree.suggestions import REMARK

_MESSAGES = {
    INSERTION: "suggested insertion: '{}'",
    DELETION: "suggested deletion: '{}'",
    REMARK: "suggested remark: '{}'",
}


def open_comment(paper: Paper) -> Iterator[Finding]:
    """Every critical or major comment is answered.

    Bad: a comment of the kind `critical` in reviews/bridges.yaml without an answer
    Good: nioc comments answer k7fq2m reject --because "the survey counts two"
    """
    for reviews in paper.reviews:
        for index, comment in enumerate(reviews.comments):
            if comment.is_blocking:
                message = f"the {comment.kind} comment {comment.id} by {paper.display_name(comment.by)} is not answered"
                answer = command_line(f"comments answer {comment.id}")
                hint = f"answer it: {answer} accept, accept-in-part, reject or defer"
                yield Finding(reviews.place("comments", index, "text"), message, hint)


def open_suggestion(paper: Paper) -> Iterator[Finding]:
    """Every suggestion in a chapter is taken up or dropped; until then, it is not printed.

    Bad: The country has {~~many~>few~~} bridges.
    Good: The country has few bridges.
    """
    for chapter in paper.chapters:
        for suggestion in chapter.suggestions:
            hint = "accept it or drop it, and delete its marks"
            yield Finding(suggestion.place, _MESSAGES[suggestion.kind].format(suggestion.text), hint)


def rejected_without_reason(paper: Paper) -> Iterator[Finding]:
    """Every comment that is not accepted as it is has a reason: its author will read it.

    Bad: answer: {disposition: reject, by: ada-north}
    Good: answer: {disposition: reject, by: ada-north, reason: the survey counts two}
    """
    for reviews in paper.reviews:
        for name, points in (("comments", reviews.comments), ("unmerged", reviews.unmerged)):
            for index, point in enumerate(points):
                answer = point.answer
                if answer and answer.disposition != "accept" and not (answer.reason or "").strip():
                    message = f"the answer to comment {point.id} is '{answer.disposition}', without a reason"
                    place = reviews.place(name, index, "answer", "disposition")
                    yield Finding(place, message, "write why, under 'reason'")


def unmerged_change(paper: Paper) -> Iterator[Finding]:
    """Every change of a reviewer is in the text, or somebody has said why not.

    Bad: a change in reviews/bridges.yaml, under `unmerged`, without an answer
    Good: nioc comments answer hd53ax accept, once it was applied by hand
    """
    for reviews in paper.reviews:
        for index, change in enumerate(reviews.unmerged):
            if change.answer is None:
                message = f"the change {change.id} by {paper.display_name(change.by)} is not merged: {change.why}"
                answer = command_line(f"comments answer {change.id}")
                hint = f"apply it by hand or leave it, and answer it: {answer} accept or reject"
                yield Finding(reviews.place("unmerged", index, "got"), message, hint)
