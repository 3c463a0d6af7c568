"""How far the paper is on a day: what `progress` finds out and `report` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from nioc_paper.model.paper import Paper
from nioc_paper.model.settings import Status
from nioc_paper.model.timeline import Gate

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def long_date(day: date) -> str:
    """A date as it is printed, whatever the locale: 24 June 2020."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def format_count(n: int, noun: str) -> str:
    """A number with its noun: 1 working day, 1,200 words."""
    return f"{n:,} {noun}" if abs(n) == 1 else f"{n:,} {noun}s"


class Health(StrEnum):
    """How a chapter stands on a day, from best to worst."""

    DONE = "done"
    ON_TRACK = "on track"
    DUE = "due"
    AT_RISK = "at risk"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Party:
    """A person, an organization, or whoever fills a post; `id` is None when contributors.yaml does not know them."""

    id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class ChapterProgress:
    """A chapter on a day. Days are working days."""

    id: str
    title: str
    path: str
    status: Status
    gate: Gate | None
    """The gate that the chapter must pass next; None when it is done or the timeline has none."""
    due: date | None
    """The day by which it must have left its status."""
    slip: int | None
    """Days past that day; days left when negative; None without a date."""
    finish: date | None
    """The day on which it is ready at planned pace."""
    health: Health
    reason: str
    """The one sentence behind the health."""
    risks: tuple[str, ...]
    """Everything that puts the chapter at risk, also when it is late."""
    words: int
    target: int | None
    leads: tuple[Party, ...]
    sensitivity: str
    open_comments: int = 0
    """Comments, and changes of reviewers, that nobody has answered."""
    holding: int = 0
    """Those among them that hold the chapter at its gate."""
    approval: str = ""
    """Who has signed it off, and when, or why that does not hold; empty where nobody has."""

    @property
    def has_lead(self) -> bool:
        """Whether somebody leads the chapter, or nobody needs to any more."""
        return bool(self.leads) or self.health is Health.DONE


@dataclass(frozen=True, slots=True)
class Obligation:
    """What somebody owes the paper."""

    who: Party
    what: str
    by: date | None
    slip: int | None
    """Working days past that day; working days left when negative; None without a date."""
    kind: str
    """`chapter`, `review` (of a Word file), `comments`, `clearance`, `permission`; or `decision`, `offer`, `scope`."""
    chapter: str | None = None
    """Id of the chapter it holds up."""


@dataclass(frozen=True, slots=True)
class UpcomingEvent:
    """The next time that a meeting or a newsletter is due."""

    id: str
    title: str
    on: date


@dataclass(frozen=True)
class Progress:
    """The whole paper on a day."""

    title: str
    today: date
    start: date | None
    deadline: date | None
    days_left: int | None
    """Calendar days to the deadline; negative when it is past."""
    workdays_left: int | None
    slack: int | None
    """Working days of the plan that no gate uses; negative when the gates need more than there are."""
    chapters: tuple[ChapterProgress, ...]
    missing: tuple[str, ...]
    """Paths of chapters that paper.yaml lists and nobody has written."""
    worst: ChapterProgress | None
    """The chapter that the paper waits for."""
    finish: date | None
    """The day on which the paper is ready at planned pace: that of its worst chapter."""
    words: int
    target: int | None
    """Sum over the chapters that have a target."""
    by_health: Mapping[Health, int]
    """Number of chapters, from best to worst, zeros too."""
    by_status: Mapping[str, int]
    """Number of chapters by id of status, in the order of paper.yaml, zeros too."""
    obligations: tuple[Obligation, ...]
    """What everybody owes, the earliest first."""
    upcoming: tuple[UpcomingEvent, ...]
    last_meeting: date | None = None
    """The day of the last meeting before today."""

    @property
    def health(self) -> Health:
        """The health of the paper: that of its worst chapter. A paper with nothing in it is at risk."""
        return self.worst.health if self.worst else Health.AT_RISK

    @property
    def late(self) -> tuple[ChapterProgress, ...]:
        """The chapters that are past their gate, those that cost most first."""
        return tuple(sorted((c for c in self.chapters if c.health is Health.LATE), key=lambda c: -(c.slip or 0)))

    def chapter(self, id: str) -> ChapterProgress | None:
        """The chapter with this id, if there is one."""
        return next((c for c in self.chapters if c.id == id), None)


@dataclass(frozen=True, slots=True)
class ProgressPoint:
    """The paper at the end of a day of the past."""

    on: date
    words: int
    statuses: Mapping[str, int]
    """Number of chapters by id of status."""


@dataclass(frozen=True)
class SiteProgress:
    """How far the paper is, and how it came there: for a page about it."""

    paper: Paper
    """As far as the readers of the page may read it."""
    progress: Progress
    past_points: tuple[ProgressPoint, ...] = ()
    """The past, oldest first."""
