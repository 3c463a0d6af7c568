"""Review ledgers: reviews/CHAPTER.yaml and the files in reviews/CHAPTER/, written by the tool."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, ClassVar, Literal, TypeVar

from msgspec.structs import replace

from nioc_paper.model.record import Day, Limits, Record

CommentKind = Literal["critical", "major", "substantive", "administrative"]
Disposition = Literal["accept", "accept-in-part", "reject", "defer"]
Sensitivity = Literal["public", "limited", "restricted"]
REVIEW_ID = Limits(pattern=r"[a-z0-9]{1,12}", form="an id of small letters and digits")
BLOCKING_KINDS = ("critical", "major")
"""Kinds of comments that hold a chapter at its gate until they are answered."""


class LineChange(Record):
    """Lines of a chapter that a file changed."""

    line: Annotated[int, Limits(least=1)]
    """The first of them in the chapter as it was sent."""
    sent: str = ""
    """The lines as they were sent; nothing if lines are new."""
    got: str = ""
    """The lines in the received file; nothing if they were taken out."""


class Sending(Record):
    """A chapter sent to a reviewer as a Word file."""

    former_keys: ClassVar[Mapping[str, str]] = {"number": "id"}
    id: Annotated[str, replace(REVIEW_ID, unique_in="list", duplicate_kind="comment")]
    """Id in the chapter, made from the sending."""
    to: str
    """Id of a person, or the name of somebody who is not in contributors.yaml."""
    on: Day
    """The day on which it was sent."""
    due: Annotated[Day, Limits(not_before="on")] | None = None
    """The day by which the reviewer is to answer."""
    commit: Annotated[str, Limits(pattern=r"^[0-9a-f]{40}$")]
    """The commit of the paper as it was sent: the received file is compared with that."""
    source: Annotated[str, Limits(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Hash of the chapter's text, which is kept in reviews/CHAPTER/: a squash or a rebase renames the commit."""
    status: Annotated[str, Limits(refers_to="status")] | None = None
    """Status of the chapter when it was sent: a later review asks its reviewers again."""
    returned: Annotated[Day, Limits(not_before="on")] | None = None
    """The day on which it was received; written by hand for a reviewer who answers in another way, or not at all."""
    files: tuple[str, ...] = ()
    """Hashes of the received files: none is received twice."""
    changes: tuple[LineChange, ...] = ()
    """Changes of the received files, to find those that a later file would take back."""
    changed_by: tuple[str, ...] = ()
    """Authors of the changes, as Word names them."""


class Return(Record):
    """A received file, noted in a file of its own."""

    sending: Annotated[str, replace(REVIEW_ID, refers_to="sending")]
    """Id of the sending."""
    on: Day
    """The day on which it was received."""
    files: tuple[str, ...] = ()
    """Hashes of the received files."""
    changes: tuple[LineChange, ...] = ()
    """Changes of the last received file."""
    changed_by: tuple[str, ...] = ()
    """Authors of the changes, as Word names them."""


class Reply(Record):
    """Reply to a comment in Word."""

    by: str
    """Id of a person, or a name as Word has it."""
    on: Day | None = None
    """The day."""
    text: str
    """Text of the comment."""


class Answer(Record):
    """Decision on a comment, or on a change that was not merged."""

    disposition: Disposition
    """Decision."""
    reason: str | None = None
    """Reason; required for all but `accept`."""
    by: str
    """Id of the person who decided."""
    on: Day | None = None
    """The day on which it was decided."""
    commit: str | None = None
    """The commit that applied it."""

    def decides_as(self, other: Answer) -> bool:
        """Return whether it is the same decision, whichever file it is in."""
        return all(getattr(self, name) == getattr(other, name) for name in Answer.names)


class PointAnswer(Answer):
    """Decision on a point, noted in a file of its own."""

    point: Annotated[str, replace(REVIEW_ID, unique_in="list", duplicate_kind="comment")]
    """Id of the comment or change."""


class PointUpdate(Record):
    """What became known of a comment after it came in."""

    point: Annotated[str, REVIEW_ID]
    """Id of the comment."""
    on: Day
    """The day."""
    kind: CommentKind | None = None
    """Weight of the comment from then on."""
    replies: tuple[Reply, ...] = ()
    """New replies."""
    resolved: bool = False
    """Whether it is marked as settled in Word."""
    reopens: Answer | None = None
    """The answer that a reply objects to: it is one of the replies, and the comment is open again."""


class ReviewPoint(Record):
    """Comment, or change to apply by hand: a point of a received file that somebody must answer."""

    former_keys: ClassVar[Mapping[str, str]] = {"number": "id"}
    id: Annotated[str, replace(REVIEW_ID, unique_in="points", duplicate_kind="comment")]
    """Id in the whole paper, made from the words of the point: the same in each copy that receives the file."""
    by: str
    """Id of a person, or a name as Word has it."""
    on: Day | None = None
    """The day on which it was written, if the file gives one."""
    sending: Annotated[str, replace(REVIEW_ID, refers_to="sending")] | None = None
    """Id of the sending with which it was received."""
    sensitivity: Sensitivity = "public"
    """Audience of the passage that it was about when it came in; the passages of today can only limit it further."""
    answer: Answer | None = None
    """Decision; none as long as it is open."""

    @property
    def quoted(self) -> tuple[str, ...]:
        """Words that it is about, a passage each."""
        return ()

    @property
    def free_texts(self) -> tuple[str | None, ...]:
        """Texts in which people may repeat words of a chapter."""
        return (self.answer.reason,) if self.answer else ()


class Comment(ReviewPoint):
    """Comment of a reviewer, with its answer."""

    kind: CommentKind = "substantive"
    """Weight of the comment. Critical and major ones hold a chapter at its gate until they are answered."""
    quote: str = ""
    """The words that it is about, as they were read in Word."""
    before: str = ""
    """Words before them, if they alone could not be found again."""
    text: str
    """Text of the comment."""
    replies: tuple[Reply, ...] = ()
    """Replies to it, in order."""
    resolved: bool = False
    """Whether it is marked as settled in Word."""

    @property
    def quoted(self) -> tuple[str, ...]:
        """Words that it is about, a passage each."""
        return tuple(self.quote.split("\n"))

    @property
    def free_texts(self) -> tuple[str | None, ...]:
        """Texts in which people may repeat words of a chapter."""
        return (*super().free_texts, self.text, *(reply.text for reply in self.replies))

    @property
    def is_blocking(self) -> bool:
        """Whether it holds its chapter up."""
        return self.kind in BLOCKING_KINDS and self.answer is None


class Unmerged(ReviewPoint):
    """A change in a Word file that could not be merged with certainty: to apply by hand."""

    sent: str = ""
    """The passage as it was sent."""
    got: str = ""
    """The passage in the received file."""
    line: Annotated[int, Limits(least=1)] | None = None
    """The line of the chapter at which it goes, when the file was received."""
    line_hash: str = ""
    """Hash of the text of that line, to find it again."""
    why: str
    """Reason why it was not merged."""

    @property
    def quoted(self) -> tuple[str, ...]:
        """Words that it is about, a passage each."""
        return tuple(self.sent.split("¶"))

    @property
    def free_texts(self) -> tuple[str | None, ...]:
        """Texts in which people may repeat words of a chapter."""
        return (*super().free_texts, self.got, self.why)


P = TypeVar("P", bound=ReviewPoint)


class Reviews(Record):
    """The whole of a file in reviews/."""

    required_keys: ClassVar[tuple[str, ...]] = ("chapter",)
    chapter: Annotated[str, Limits(refers_to="chapter", unique_in="ledgers")] = ""
    """Id of the chapter."""
    sendings: tuple[Sending, ...] = ()
    """Sendings, in order."""
    comments: tuple[Comment, ...] = ()
    """Comments of reviewers, in order."""
    unmerged: tuple[Unmerged, ...] = ()
    """Changes to apply by hand."""
    returns: tuple[Return, ...] = ()
    """Received files in files of their own."""
    answers: tuple[PointAnswer, ...] = ()
    """Answers in files of their own."""
    updates: tuple[PointUpdate, ...] = ()
    """Later news of comments in files of their own."""

    @property
    def paths(self) -> set[str]:
        """Paths of its files."""
        return {self.path, *(r.path for r in (*self.sendings, *self.points, *self.returns, *self.answers))}

    def with_later_files(self) -> Reviews:
        """Return the ledger with what files of their own say of its sendings and points.

        Two equal records are one, and so is what two branches received in one state of a file, and in a later one.
        """
        decisions = {(answer.point, answer.disposition, answer.reason): answer for answer in reversed(self.answers)}
        changes = {(change.id, change.sent, change.got): change for change in reversed(self.unmerged)}
        comments = dict[tuple[str, str], Comment]()
        for comment in self.comments:
            first = comments.get((comment.id, comment.text), comment)
            replies = tuple(dict.fromkeys((*first.replies, *comment.replies)))
            resolved = first.resolved or comment.resolved
            comments[comment.id, comment.text] = first.replace(replies=replies, resolved=resolved)
        return self.replace(
            answers=tuple(reversed(decisions.values())),
            sendings=tuple(self._with_return(sending) for sending in dict.fromkeys(self.sendings)),
            comments=tuple(map(self._with_news, comments.values())),
            unmerged=tuple(map(self._with_answer, reversed(changes.values()))),
        )

    def _with_return(self, sending: Sending) -> Sending:
        for back in (back for back in self.returns if back.sending == sending.id):
            files = tuple(dict.fromkeys((*sending.files, *back.files)))
            sending = sending.replace(returned=back.on, files=files, changes=back.changes, changed_by=back.changed_by)
        return sending

    def _with_news(self, comment: Comment) -> Comment:
        for news in (news for news in self.updates if news.point == comment.id):
            comment = comment.replace(
                kind=news.kind or comment.kind,
                replies=tuple(dict.fromkeys((*comment.replies, *news.replies))),
                resolved=comment.resolved or news.resolved,
            )
        return self._with_answer(comment)

    def _with_answer(self, point: P) -> P:
        """Return a point with its last answer; one that a reply objects to is past, also among those of a day."""
        past = [news.reopens for news in self.updates if news.point == point.id and news.reopens]
        answers = (point.answer, *(answer for answer in self.answers if answer.point == point.id))
        holding = [answer for answer in answers if answer and not any(map(answer.decides_as, past))]
        return point.replace(answer=holding[-1] if holding else None)

    @property
    def outstanding(self) -> tuple[Sending, ...]:
        """Sendings without a received file; of several to one person the last."""
        last = {s.to: s for s in self.sendings}
        came_back = {point.sending for point in self.points}
        return tuple(s for s in self.sendings if s.returned is None and s.id not in came_back and last[s.to] is s)

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Ids, or names as Word has them, of those who were sent a file or said something."""
        return self.reviewers_but(())

    def reviewers_but(self, earlier: Collection[str]) -> tuple[str, ...]:
        """Return the reviewers without those whose file went out in one of these statuses, and came back."""
        waiting = {sending.id for sending in self.outstanding}
        past = {s.id for s in self.sendings if s.status in earlier and s.id not in waiting}
        points = (point.by for point in self.points if point.sending not in past)
        return (*(s.to for s in self.sendings if s.id not in past), *points)

    @property
    def points(self) -> tuple[ReviewPoint, ...]:
        """Comments, and changes to apply by hand."""
        return (*self.comments, *self.unmerged)

    @property
    def open_points(self) -> tuple[ReviewPoint, ...]:
        """Points without an answer."""
        return tuple(r for r in self.points if r.answer is None)
