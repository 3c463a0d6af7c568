"""Plan of a paper as of a day: schedule, history and parties."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from nioc_paper.domain.schedule import Schedule
from nioc_paper.model import History, Paper, Party, Status
from nioc_paper.wording import Wording


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

    def find_status(self, name: str) -> Status:
        """Return a status by id; an unknown one has its id as title."""
        return next((s for s in self.paper.settings.statuses if s.id == name), Status(id=name, title=name))

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
