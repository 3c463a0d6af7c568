"""The plan as a picture: a row for each chapter with what is behind it and before it, gates, and the day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from nioc_paper.model import ChapterProgress, Gate, Health, Paper, Progress
from nioc_paper.render.site.progress.draw import NARROW, diamond, line, rect, shortened, svg, words
from nioc_paper.wording import Words, day, digits

_WIDTH, _NAMES, _RIGHT = 1000, 250, 30
_ROW, _BAR, _TOP = 26, 12, 46


@dataclass(frozen=True)
class Calendar:
    """Days along the picture."""

    first: date
    last: date
    said: Words

    def x(self, on: date) -> float:
        """Where a day is."""
        share = (min(max(on, self.first), self.last) - self.first) / max(self.last - self.first, timedelta(days=1))
        return _NAMES + share * (_WIDTH - _NAMES - _RIGHT)

    def months(self, height: float) -> Iterator[Markup]:
        """A line where a month begins, with its name where there is room."""
        on, taken = self.first.replace(day=1), 0.0
        while on <= self.last:
            following = (on + timedelta(days=32)).replace(day=1)
            x = self.x(on)
            name = self.said["months_short"].split()[on.month - 1]
            name += f" {digits(str(on.year), self.said)}" if on.month == 1 or on <= self.first else ""
            yield line(x, _TOP - 6, x, height, "rule")
            if x >= taken:
                yield words(x + 4, 14, name, "quiet")
                taken = x + (len(name) + 2) * NARROW
            on = following


def gantt(paper: Paper, progress: Progress, said: Words) -> Markup | None:
    """The picture; None where the plan has no dates to draw."""
    start, deadline = progress.start, progress.deadline
    gates = sorted((gate for gate in paper.timeline.gates if gate.leaves), key=lambda gate: gate.due)
    if start is None or deadline is None or deadline <= start or not gates or not progress.chapters:
        return None
    finishes = [chapter.finish for chapter in progress.chapters if chapter.finish]
    # Far behind the plan the plan itself would be a stroke: what is later than that is said, not drawn.
    last = min(max([deadline, *finishes, progress.today]), deadline + (deadline - start))
    calendar = Calendar(start, last + timedelta(days=2), said)
    height = _TOP + len(progress.chapters) * _ROW + 8
    ranks = {status.id: rank for rank, status in enumerate(paper.settings.statuses)}
    parts = [
        *calendar.months(height),
        *(part for row, chapter in enumerate(progress.chapters) for part in _row(row, chapter, gates, ranks, calendar)),
        *_marks(progress, gates, calendar, height),
    ]
    return svg("gantt", _WIDTH, height + 30, said["plan_alt"].format(day(progress.today, said)), parts)


def _row(
    row: int, chapter: ChapterProgress, gates: Sequence[Gate], ranks: dict[str, int], calendar: Calendar
) -> Iterator[Markup]:
    """A chapter: a piece of bar for each status, filled as far as it has come."""
    y = _TOP + row * _ROW
    yield words(0, y + _BAR, shortened(chapter.title, _NAMES - 12))
    rank, begun = ranks.get(chapter.status.id, 0), calendar.first
    for gate in gates:
        own = ranks.get(gate.leaves or "", 0)
        name = "done" if own < rank or chapter.health is Health.DONE else "now" if own == rank else "ahead"
        late = " late" if name == "now" and chapter.health in (Health.LATE, Health.AT_RISK) else ""
        x = calendar.x(begun)
        yield rect(x, y + 2, calendar.x(gate.due) - x - 1.5, _BAR, f"bar {name}{late}")
        begun = gate.due
    if chapter.finish and chapter.health is not Health.DONE:
        yield diamond(calendar.x(chapter.finish), y + 2 + _BAR / 2, 6, "finish")


def _marks(progress: Progress, gates: Sequence[Gate], calendar: Calendar, height: float) -> Iterator[Markup]:
    """The gates, the deadline and the day."""
    for gate in gates:
        x = calendar.x(gate.due)
        yield line(x, _TOP - 10, x, height, "gate")
    for on, text, name in (
        (progress.deadline, calendar.said["deadline"].format(day(progress.deadline, calendar.said)), "deadline"),
        (progress.today, day(progress.today, calendar.said), "today"),
    ):
        if on and calendar.first <= on <= calendar.last:
            x = calendar.x(on)
            yield line(x, _TOP - 14, x, height + 6, name)
            anchor = "end" if x > _WIDTH / 2 else "start"
            yield words(x, 30 if name == "deadline" else height + 20, text, f"{name}-name", anchor)
