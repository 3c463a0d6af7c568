"""What reviewers said, as text: each remark with its place, what was said to it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nioc_paper.model import Comment, Paper, Place, Remark, Unmerged, count, long_date
from nioc_paper.report.printable import printable


def listing(paper: Paper, remarks: Sequence[tuple[Place, Remark]]) -> str:
    """Remarks in a few lines each, and the tally."""
    lines = [line for place, remark in remarks for line in _lines(paper, place, remark)]
    return printable("\n".join([*lines, _tally([remark for _, remark in remarks])]), keep="\n")


def _tally(remarks: Sequence[Remark]) -> str:
    comments = sum(isinstance(r, Comment) for r in remarks)
    changes = len(remarks) - comments
    said = [count(comments, "comment")] if comments or not changes else []
    said += [f"{count(changes, 'change')} to be worked in by hand"] if changes else []
    return f"{' and '.join(said)}, {sum(r.answer is not None for r in remarks)} answered"


def _lines(paper: Paper, place: Place, remark: Remark) -> Iterator[str]:
    kind = remark.kind if isinstance(remark, Comment) else "change"
    on = f", {long_date(remark.on)}" if remark.on else ""
    yield f"{place}: {remark.number} {kind}, {paper.name(remark.by)}{on}"
    if isinstance(remark, Comment):
        yield from _comment(paper, remark)
    elif isinstance(remark, Unmerged):
        yield from (f"  was: {remark.sent}", f"  now: {remark.got}", f"  not put in: {remark.why}")
    if remark.answer:
        because = f": {remark.answer.reason}" if remark.answer.reason else ""
        yield f"  {remark.answer.disposition}, {paper.name(remark.answer.by)}{because}"
    else:
        yield "  open"


def _comment(paper: Paper, comment: Comment) -> Iterator[str]:
    if comment.quote:
        yield f"  on: {_indented(comment.quote)}"
    yield f"  {_indented(comment.text)}"
    yield from (f"  {paper.name(reply.by)}: {_indented(reply.text)}" for reply in comment.replies)
    if comment.resolved and not comment.answer:
        yield "  settled in Word"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
