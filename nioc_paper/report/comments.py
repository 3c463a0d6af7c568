"""Format the points of reviewers: each with its place, its replies and its answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nioc_paper.model import Comment, Paper, Place, ReviewPoint, Unmerged, format_count, long_date
from nioc_paper.report.printable import printable_text


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
        yield from _comment_lines(paper, point)
    elif isinstance(point, Unmerged):
        yield from (f"  was: {point.sent}", f"  now: {point.got}", f"  not merged: {point.why}")
    if point.answer:
        because = f": {point.answer.reason}" if point.answer.reason else ""
        yield f"  {point.answer.disposition}, {paper.display_name(point.answer.by)}{because}"
    else:
        yield "  open"


def _comment_lines(paper: Paper, comment: Comment) -> Iterator[str]:
    if comment.quote:
        yield f"  on: {_indent(comment.quote)}"
    yield f"  {_indent(comment.text)}"
    yield from (f"  {paper.display_name(reply.by)}: {_indent(reply.text)}" for reply in comment.replies)
    if comment.resolved and not comment.answer:
        yield "  settled in Word"


def _indent(text: str) -> str:
    return text.replace("\n", "\n  ")
