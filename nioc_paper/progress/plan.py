"""What a chapter is measured against: the gates, the calendar, the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nioc_paper.model import Chapter, Gate, History, Paper, Status, Who
from nioc_paper.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Plan:
    """The paper's plan, seen from a day."""

    paper: Paper
    history: History
    today: date
    days: Workdays

    def status(self, name: str) -> Status:
        """A status by id; one that paper.yaml does not know is called as it is written."""
        return next((s for s in self.paper.settings.statuses if s.id == name), Status(id=name, title=name))

    def done(self, status: str) -> bool:
        """Whether a status is the last: nothing is left to do."""
        return status in [s.id for s in self.paper.settings.statuses[-1:]]

    def gate(self, status: str) -> Gate | None:
        """The gate that leaves a status; if there is none, the one that leaves the nearest later status."""
        rank = {s.id: i for i, s in enumerate(self.paper.settings.statuses)} or {status: 0}
        gates = [(rank[g.leaves], g.due, g) for g in self.paper.timeline.gates if g.leaves and g.leaves in rank]
        ahead = [found for found in gates if found[0] >= rank.get(status, 0)]
        return min(ahead, key=lambda found: found[:2])[2] if ahead else None

    def due(self, chapter: Chapter, status: str) -> date | None:
        """When a chapter must have left a status: its own date, or the gate's; never later than the deadline."""
        gate = self.gate(status)
        planned = chapter.front.due.get(status, gate.due if gate else None)
        return min((d for d in (planned, self.paper.timeline.deadline) if d), default=None)

    def slip(self, due: date | None) -> int | None:
        """Working days that today is past a date; working days left when negative; None without a date."""
        return self.days.slip(due, self.today) if due else None

    def opened(self, status: str) -> date | None:
        """When the plan opens a stage: at the gate before the one that closes it."""
        gate = self.gate(status)
        earlier = [g.due for g in self.paper.timeline.gates if gate and g.due < gate.due]
        return max(earlier, default=self.paper.timeline.start)

    def target(self, chapter: Chapter) -> int | None:
        """How many words a chapter should have."""
        own = chapter.front.words.target
        return own if own is not None else self.paper.settings.kind(chapter.front.category).words.target

    def who(self, name: str) -> Who:
        """Whoever goes by this id, or by this description."""
        known = name in self.paper.people or name in self.paper.organizations
        return Who(name if known else None, self.paper.name(name))

    @property
    def editor(self) -> Who:
        """The person who edits the paper; when paper.yaml names nobody, whoever does."""
        return self.who(self.paper.settings.editor or "the editor")
