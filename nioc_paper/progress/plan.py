"""Plan of a paper: gates, calendar and today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nioc_paper.domain.workdays import Workdays
from nioc_paper.model import Chapter, Gate, History, Paper, Party, Status


@dataclass(frozen=True, slots=True)
class Plan:
    """Plan of a paper, as of a day."""

    paper: Paper
    history: History
    today: date
    days: Workdays

    def find_status(self, name: str) -> Status:
        """Return a status by id; an unknown one has its id as title."""
        return next((s for s in self.paper.settings.statuses if s.id == name), Status(id=name, title=name))

    def is_done(self, status: str) -> bool:
        """Whether a status is the last."""
        return status in [s.id for s in self.paper.settings.statuses[-1:]]

    def next_gate(self, status: str) -> Gate | None:
        """Return the gate that leaves a status; if there is none, the one that leaves the nearest later status."""
        rank = {s.id: i for i, s in enumerate(self.paper.settings.statuses)} or {status: 0}
        gates = [(rank[g.leaves], g.due, g) for g in self.paper.timeline.gates if g.leaves and g.leaves in rank]
        ahead = [candidate for candidate in gates if candidate[0] >= rank.get(status, 0)]
        return min(ahead, key=lambda found: found[:2])[2] if ahead else None

    def due_date(self, chapter: Chapter, status: str) -> date | None:
        """Return the day by which a chapter must leave a status: its own, or the gate's; never after the deadline."""
        gate = self.next_gate(status)
        planned = chapter.front.due.get(status, gate.due if gate else None)
        return min((d for d in (planned, self.paper.timeline.deadline) if d), default=None)

    def slip(self, due: date | None) -> int | None:
        """Return the working days that today is past a date; negative if days are left; None without a date."""
        return self.days.slip(due, self.today) if due else None

    def stage_start(self, status: str) -> date | None:
        """Return the day when the plan opens a stage: the gate before the one that closes it."""
        gate = self.next_gate(status)
        earlier = [g.due for g in self.paper.timeline.gates if gate and g.due < gate.due]
        return max(earlier, default=self.paper.timeline.start)

    def target_words(self, chapter: Chapter) -> int | None:
        """Return the number of words that a chapter should have, or None."""
        own_target = chapter.front.words.target
        return (
            own_target
            if own_target is not None
            else self.paper.settings.chapter_kind(chapter.front.category).words.target
        )

    def as_who(self, name: str) -> Party:
        """Return the party with this id, or by this description."""
        has_id = name in self.paper.people or name in self.paper.organizations
        return Party(name if has_id else None, self.paper.display_name(name))

    @property
    def editor(self) -> Party:
        """Editor of the paper; "the editor" if paper.yaml names nobody."""
        return self.as_who(self.paper.settings.editor or "the editor")
