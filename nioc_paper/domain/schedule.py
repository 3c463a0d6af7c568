"""Schedule of a paper: gates, due days, projected finish, slack and events. Pure; all outputs take dates from here.

Gates are planned back from the deadline: a chapter that is n working days late for its gate is ready n working days
after the deadline. Slack is the same number with the other sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from msgspec import Struct

from nioc_paper.domain.workdays import Workdays
from nioc_paper.model import Chapter, Gate, History, Paper, Party, UpcomingEvent
from nioc_paper.wording import Wording

_HORIZON_DAYS = 400
"""Days to look ahead: a little over a year, so that any monthly event has happened by then."""


class Schedule(Struct, frozen=True):
    """Gates, events and working days of a paper."""

    paper: Paper
    days: Workdays

    @classmethod
    def from_paper(cls, paper: Paper) -> Schedule:
        """Return the schedule of a paper."""
        return cls(paper, Workdays.from_timeline(paper.timeline))

    # --- chapters ---

    def is_done(self, status: str) -> bool:
        """Whether a status is the last."""
        return status in [s.id for s in self.paper.settings.statuses[-1:]]

    def is_untranslated(self, chapter: Chapter) -> bool:
        """Whether a chapter is a translation in the first status: it has no gates, and decides no projected finish."""
        return bool(chapter.front.translation_of) and self.paper.settings.rank(chapter.front.status) == 0

    def next_gate(self, chapter: Chapter, status: str) -> Gate | None:
        """Return the gate that leaves a status; if there is none, the one that leaves the nearest later status."""
        if self.is_untranslated(chapter):
            return None
        rank = self.paper.settings.rank(status)
        ahead = [(gate_rank, gate.due, gate) for gate_rank, gate in self._ranked_gates(status) if gate_rank >= rank]
        return min(ahead, key=lambda ranked: ranked[:2])[2] if ahead else None

    def gate_day(self, chapter: Chapter, status: str) -> date | None:
        """Return the last day to leave a status without delay of the paper: the gate's, never after the deadline.

        A paper without gates and deadline has only the chapter's own date.
        """
        gate = self.next_gate(chapter, status)
        planned = (gate.due if gate else None, self.paper.timeline.deadline)
        return min((day for day in planned if day), default=chapter.front.due.get(status))

    def due_date(self, chapter: Chapter, status: str) -> date | None:
        """Return the day by which a chapter is to leave a status: its own, or the gate's; never after the deadline."""
        own, deadline = chapter.front.due.get(status), self.paper.timeline.deadline
        return min(own, deadline or own) if own else self.gate_day(chapter, status)

    def current_due_date(self, chapter: Chapter) -> date | None:
        """Return the day by which a chapter is to leave its present status; None if it is done."""
        status = chapter.front.status
        return None if self.is_done(status) else self.due_date(chapter, status)

    def stage_start(self, status: str) -> date | None:
        """Return the day when the plan opens a stage: the gate that ends the stage before it, or the start."""
        rank = self.paper.settings.rank(status)
        earlier = [gate.due for gate_rank, gate in self._ranked_gates(status) if gate_rank < rank]
        return max(earlier, default=self.paper.timeline.start)

    def _ranked_gates(self, status: str) -> Iterator[tuple[int, Gate]]:
        """Yield the gates that leave a known status, each with the rank of that status."""
        ranks = {s.id: rank for rank, s in enumerate(self.paper.settings.statuses)} or {status: 0}
        return ((ranks[gate.leaves], gate) for gate in self.paper.timeline.gates if gate.leaves in ranks)

    # --- working days ---

    def slip(self, day: date | None, today: date) -> int | None:
        """Return the working days that `today` is past a day; negative if days are left; None without a day."""
        return self.days.slip(day, today) if day else None

    def projected_finish(self, chapter: Chapter, slip: int | None, today: date) -> date | None:
        """Return the day on which a chapter with a slip is ready at planned pace.

        None without a deadline, if the plan is over, and for an untranslated chapter after the deadline.
        """
        deadline = self.paper.timeline.deadline
        if self.sample_day(today) or (self.is_untranslated(chapter) and (slip or 0) > 0):
            return None
        return self.days.add(deadline, slip) if deadline and slip and slip > 0 else deadline

    def sample_day(self, today: date) -> date | None:
        """Return the last gate of the first half of a plan that is over, or its middle; None if it is not over.

        The plan is over if its deadline is longer ago than the plan lasted, from its start or first gate.
        """
        timeline = self.paper.timeline
        if timeline.deadline is None:
            return None
        gates = [gate.due for gate in timeline.gates if gate.due <= timeline.deadline]
        first = min(filter(None, (timeline.start, *gates)), default=timeline.deadline)
        length = max(timeline.deadline - first, timedelta())
        if today - timeline.deadline <= length:
            return None
        middle = timeline.deadline - length / 2
        return max((day for day in gates if first < day <= middle), default=middle)

    # --- events ---

    def next_events(self, today: date) -> tuple[UpcomingEvent, ...]:
        """Return the next day of every event, today included, earliest first."""
        upcoming = []
        for event in self.paper.timeline.events:
            horizon = max(today, event.since or today, *event.dates).toordinal() + _HORIZON_DAYS
            last = date.fromordinal(min(horizon, date.max.toordinal()))
            days = self.days.event_days(event, today, last)
            upcoming += [UpcomingEvent(event.id, event.title, on) for on in days[:1]]
        return tuple(sorted(upcoming, key=lambda u: u.on))

    def last_meeting(self, today: date) -> date | None:
        """Return the day of the last meeting before today: a planned one, or one with a decision."""
        timeline = self.paper.timeline
        first, last = timeline.start or date.min, date.fromordinal(max(today.toordinal() - 1, 1))
        planned = [d for event in timeline.events if event.meeting for d in self.days.event_days(event, first, last)]
        return max([*planned, *(d.on for d in self.paper.decisions if d.on < today)], default=None)


def slack(slips: Iterable[int | None]) -> int | None:
    """Return the working days until the first chapter is late; negative: those by which the latest one is.

    `slips` are those of the unfinished chapters. Returns None if none has a date.
    """
    known = [slip for slip in slips if slip is not None]
    return -max(known) if known else None


# --- plan of a paper as of a day: schedule, history and parties -------------------------------------------------------


class Plan(Struct, frozen=True):
    """Schedule and history of a paper, as of a day."""

    schedule: Schedule
    history: History
    today: date
    words: Wording
    """Language of tasks."""

    @property
    def paper(self) -> Paper:
        """The paper."""
        return self.schedule.paper

    def slip(self, day: date | None) -> int | None:
        """Return the working days that today is past a day; negative if days are left; None without a day."""
        return self.schedule.slip(day, self.today)

    def find_party(self, name: str) -> Party:
        """Return the party with this id, or by this description."""
        has_id = name in self.paper.people or name in self.paper.organizations
        return Party(name if has_id else None, self.paper.display_name(name))

    @property
    def editor(self) -> Party:
        """Editor of the paper; "the editor" if paper.yaml names nobody."""
        unnamed = self.words["the_editor"]
        return self.find_party(self.paper.settings.editor or f"{unnamed[:1].lower()}{unnamed[1:]}")
