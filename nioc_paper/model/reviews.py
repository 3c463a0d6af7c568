"""reviews/CHAPTER.yaml, which the tool keeps: what was sent out in Word, what came back, what was answered."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nioc_paper.model.record import Day, Record

Kind = Literal["critical", "major", "substantive", "administrative"]
Disposition = Literal["accept", "accept-in-part", "reject", "defer"]


class Sending(Record):
    """A chapter sent to somebody in Word."""

    number: int = Field(ge=1)
    """Counts the sendings of the chapter, from 1."""
    to: str
    """Id of a person, or the name of somebody who is not in contributors.yaml."""
    on: Day
    """The day on which it was sent."""
    due: Day | None = None
    """The day by which an answer is asked for."""
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    """The commit of the paper as it was sent: what comes back is compared with that."""
    returned: Day | None = None
    """The day on which it was received."""


class Reply(Record):
    """What somebody said to a comment, in Word or with `nioc comments answer`."""

    by: str
    """Id of a person, or a name as Word has it."""
    on: Day | None = None
    """The day."""
    text: str
    """What was said."""


class Comment(Record):
    """What a reviewer said, and what became of it."""

    number: int = Field(ge=1)
    """Counts the comments of the chapter, from 1."""
    by: str
    """Id of a person, or a name as Word has it."""
    on: Day | None = None
    """The day on which it was written."""
    sending: int | None = None
    """The number of the sending that it came back with."""
    quote: str = ""
    """The words that it is about."""
    kind: Kind = "substantive"
    """How much hangs on it. Critical and major ones hold a chapter at its gate until they are answered."""
    text: str
    """What was said."""
    replies: tuple[Reply, ...] = ()
    """What was said to it, in order."""
    resolved: bool = False
    """Whether it is marked as settled in Word."""
    disposition: Disposition | None = None
    """What was decided; nothing as long as it is open."""
    reason: str | None = None
    """Why; needed for all but `accept`."""
    answered: str | None = None
    """Id of the person who decided."""
    answered_on: Day | None = None
    """The day on which it was decided."""
    commit: str | None = None
    """The commit in which it was worked in."""


class Unmerged(Record):
    """A change in a Word file that could not be put into the chapter surely: for somebody to work in by hand."""

    number: int = Field(ge=1)
    """Counts these changes, from 1."""
    by: str
    """Id of a person, or a name as Word has it."""
    sending: int | None = None
    """The number of the sending that it came back with."""
    sent: str = ""
    """What the passage read when it was sent."""
    got: str = ""
    """What it reads in the file that came back."""
    reason: str
    """Why it was not put in."""
    settled: bool = False
    """Whether somebody has worked it in, or decided not to."""


class Reviews(Record):
    """The whole of a file in reviews/."""

    required: ClassVar[tuple[str, ...]] = ("chapter",)
    chapter: str = ""
    """Id of the chapter."""
    sendings: tuple[Sending, ...] = ()
    """What was sent, in order."""
    comments: tuple[Comment, ...] = ()
    """What reviewers said, in order."""
    unmerged: tuple[Unmerged, ...] = ()
    """Changes that somebody must work in by hand."""
