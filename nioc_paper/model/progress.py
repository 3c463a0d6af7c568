"""Progress of a paper on a day: computed by `progress`, printed by `report`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct

from nioc_paper.model.paper import Paper
from nioc_paper.model.settings import Status
from nioc_paper.model.timeline import Gate

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def long_date(day: date) -> str:
    """Return a printed date in any locale: 24 June 2020."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """Return a date without its year in any locale: 24 Jun."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def format_count(n: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: 1 working day, 1,200 words; `plural` is needed if it is not the noun with an s."""
    return f"{n:,} {noun}" if abs(n) == 1 else f"{n:,} {plural or f'{noun}s'}"


def format_size(count: int) -> str:
    """Return a number of bytes in kB, or in MB from a tenth of one on."""
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{max(count / 1000, 0.1):.1f} kB"


class Health(StrEnum):
    """Health of a chapter on a day, from best to worst."""

    DONE = "done"
    ON_TRACK = "on track"
    DUE = "due"
    AT_RISK = "at risk"
    LATE = "late"


class Party(Struct, frozen=True):
    """Person, organization or holder of a post; `id` is None if contributors.yaml does not list it."""

    id: str | None
    name: str


class ChapterProgress(Struct, frozen=True):
    """Chapter on a day. Days are working days."""

    id: str
    title: str
    path: str
    status: Status
    gate: Gate | None
    """Next gate of the chapter; None if it is done or the timeline has none."""
    gate_day: date | None
    """Last day to leave its status without delay of the paper: the gate's, or the deadline."""
    due: date | None
    """Day by which it is to leave its status: its own date, or the gate's."""
    slip: int | None
    """Days past the gate's day; negative: days left; None without a date."""
    due_slip: int | None
    """Days past the day on which it is due; negative: days left; None without a date."""
    finish: date | None
    """Day on which it is ready at planned pace; None without a deadline, or if the plan is over."""
    health: Health
    reason: str
    """Reason for the health, in one sentence."""
    risks: tuple[str, ...]
    """Everything that puts the chapter at risk, also if it is late."""
    words: int
    target: int | None
    leads: tuple[Party, ...]
    sensitivity: str
    open_comments: int = 0
    """Comments and changes of reviewers without an answer."""
    holding: int = 0
    """Number of open comments that hold the chapter at its gate."""
    approval: str = ""
    """Approver and date, or the reason why the approval is void; empty without one."""


class Obligation(Struct, frozen=True):
    """Something owed to the paper."""

    who: Party
    what: str
    by: date | None
    slip: int | None
    """Working days past that day; negative: working days left; None without a date."""
    kind: str
    """`chapter`, `review` (of a Word file), `comments`, `clearance`, `permission`, `consultation`; or `decision`,
    `offer`, `scope`."""
    chapter: str | None = None
    """Id of the chapter it holds up."""
    reminder: int = 0
    """Number of the reminder that is due, of a form; 0 while it is too early for one."""


class UpcomingEvent(Struct, frozen=True):
    """Next date of a meeting or a newsletter, which may be today."""

    id: str
    title: str
    on: date


class ConsultationProgress(Struct, frozen=True):
    """Numbers of bodies and actions that have agreed."""

    bodies: int
    agreed_bodies: int
    actions: int
    agreed_actions: int
    unsettled: Mapping[str, int]
    """Number of the other bodies by their worst state, but for those that wait."""
    waiting: int
    """Number of bodies that have not answered all of their last form."""
    oldest: int | None
    """Working days since the oldest of these forms; None without any."""


class Progress(Struct, frozen=True, dict=True):
    """Whole paper on a day."""

    title: str
    today: date
    start: date | None
    deadline: date | None
    days_left: int | None
    """Calendar days to the deadline; negative if it is past."""
    workdays_left: int | None
    """Working days to the deadline; negative if it is past."""
    slack: int | None
    """Working days until the first chapter is late; negative: those by which the latest chapter is."""
    chapters: tuple[ChapterProgress, ...]
    missing: tuple[str, ...]
    """Paths of chapters that paper.yaml lists and nobody has written."""
    worst: ChapterProgress | None
    """Chapter that the paper waits for."""
    finish: date | None
    """Day on which the paper is ready at planned pace: that of its worst chapter."""
    words: int
    target: int | None
    """Sum over the chapters that have a target."""
    by_health: Mapping[Health, int]
    """Number of chapters, from best to worst, zeros too."""
    by_status: Mapping[str, int]
    """Number of chapters by id of status, in the order of paper.yaml, zeros too."""
    obligations: tuple[Obligation, ...]
    """Obligations of everybody, earliest first."""
    upcoming: tuple[UpcomingEvent, ...]
    consultation: ConsultationProgress | None = None
    """Agreement of bodies; None if nobody has been asked."""
    last_meeting: date | None = None
    """Day of the last meeting before today."""
    sample_day: date | None = None
    """Day inside the plan if the plan is long over; None otherwise."""

    @property
    def is_over(self) -> bool:
        """Whether the plan ended long ago."""
        return self.sample_day is not None

    @property
    def health(self) -> Health:
        """Health of the paper: that of its worst chapter. An empty paper is at risk."""
        return self.worst.health if self.worst else Health.AT_RISK

    @property
    def late(self) -> tuple[ChapterProgress, ...]:
        """Chapters past their gate, latest first."""
        return tuple(sorted((c for c in self.chapters if c.health is Health.LATE), key=lambda c: -(c.slip or 0)))

    def chapter(self, id: str) -> ChapterProgress | None:
        """Return the chapter with this id, if there is one."""
        return next((c for c in self.chapters if c.id == id), None)


class ProgressPoint(Struct, frozen=True):
    """Paper at the end of a past day."""

    on: date
    words: int
    statuses: Mapping[str, int]
    """Number of chapters by id of status."""


class SiteProgress(Struct, frozen=True, dict=True):
    """Progress and its history, for a page of the site."""

    paper: Paper
    """Limited to the audience of the page."""
    progress: Progress
    past_points: tuple[ProgressPoint, ...] = ()
    """Oldest first."""
