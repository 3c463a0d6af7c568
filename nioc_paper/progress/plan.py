"""What a chapter is measured against: the gates, the calendar, the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nioc_paper.domain.workdays import Workdays
from nioc_paper.model import Chapter, Gate, History, Paper, Party, Status


@dataclass(frozen=True, slots=True)
class Plan:
    """The paper's plan, seen from a day."""

    paper: Paper
    history: History
    today: date
    days: Workdays

    def find_status(self, name: str) -> Status:
        """A status by id; one that paper.yaml does not know is called as it is written."""
        return next((s for s in self.paper.settings.statuses if s.id == name), Status(id=name, title=name))

    def is_done(self, status: str) -> bool:
        """Whether a status is the last: nothing is left to do."""
        return status in [s.id for s in self.paper.settings.statuses[-1:]]

    def next_gate(self, status: str) -> Gate | None:
        """The gate that leaves a status; if there is none, the one that leaves the nearest later status."""
        rank = {s.id: i for i, s in enumerate(self.paper.settings.statuses)} or {status: 0}
        gates = [(rank[g.leaves], g.due, g) for g in self.paper.timeline.gates if g.leaves and g.leaves in rank]
        ahead = [candidate for candidate in gates if candidate[0] >= rank.get(status, 0)]
        return min(ahead, key=lambda found: found[:2])[2] if ahead else None

    def due_date(self, chapter: Chapter, status: str) -> date | None:
        """When a chapter must have left a status: its own date, or the gate's; never later than the deadline."""
        gate = self.next_gate(status)
        planned = chapter.front.due.get(status, gate.due if gate else None)
        return min((d for d in (planned, self.paper.timeline.deadline) if d), default=None)

    def slip(self, due: date | None) -> int | None:
        """Working days that today is past a date; working days left when negative; None without a date."""
        return self.days.slip(due, self.today) if due else None

    def stage_start(self, status: str) -> date | None:
        """When the plan opens a stage: at the gate before the one that closes it."""
        gate = self.next_gate(status)
        earlier = [g.due for g in self.paper.timeline.gates if gate and g.due < gate.due]
        return max(earlier, default=self.paper.timeline.start)

    def target_words(self, chapter: Chapter) -> int | None:
        """How many words a chapter should have."""
        own_target = chapter.front.words.target
        return (
            own_target
            if own_target is not None
            else self.paper.settings.chapter_kind(chapter.front.category).words.target
        )

    def as_who(self, name: str) -> Party:
        """Whoever goes by this id, or by this description."""
        has_id = name in self.paper.people or name in self.paper.organizations
        return Party(name if has_id else None, self.paper.display_name(name))

    @property
    def editor(self) -> Party:
        """The person who edits the paper; when paper.yaml names nobody, whoever does."""
        return self.as_who(self.paper.settings.editor or "the editor")
