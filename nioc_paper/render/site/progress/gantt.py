"""Gantt chart of the chapters: done and open statuses, gates, and the current day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from markupsafe import Markup
from msgspec import Struct

from nioc_paper.domain.workdays import add_months
from nioc_paper.model import ChapterProgress, Gate, Health, Paper, Progress
from nioc_paper.render.site.progress.svg import (
    LETTER_WIDTH,
    arrow,
    diamond,
    line,
    rect,
    shorten_text,
    svg_picture,
    text_element,
)
from nioc_paper.wording import Wording, format_date, localized_digits

_WIDTH, _NAMES, _RIGHT = 1000, 250, 30
_RIGHT_WITH_DATES = 160
"""Pixels at the right of the scale for arrows with their dates."""
_ROW, _BAR, _TOP = 26, 12, 46
_OVERDUE_GAP, _OVERDUE_BAR = 2, 4
"""Pixels between a chapter's bar and the line of its overdue time, and the height of that line."""
_MARK = 6
"""Half the size of a diamond or an arrow, in pixels."""
_MAX_MONTHS = 60
"""Months that have a line each; of a longer plan some are left out."""


class DayScale(Struct, frozen=True, dict=True):
    """Scale of days along the picture; days outside of it are shown by arrows."""

    first: date
    last: date
    wording: Wording
    right: float = _RIGHT
    """Pixels at the right of the scale."""

    @classmethod
    def for_plan(cls, gates: Sequence[Gate], progress: Progress, wording: Wording) -> DayScale | None:
        """Return a scale that holds the plan, and later days if they are not too late; None without a plan."""
        start, deadline = progress.start, progress.deadline
        if start is None or deadline is None or deadline <= start or not gates:
            return None
        first, end = min(start, gates[0].due), max(deadline, gates[-1].due)
        finishes = [c.finish for c in progress.chapters if c.finish and c.health is not Health.DONE]
        # A day far after the plan would shrink the plan to a stroke.
        limit = end.toordinal() + (end - first).days
        last = max([end, *(day for day in (*finishes, progress.today) if day.toordinal() <= limit)])
        right = _RIGHT_WITH_DATES if any(day > last for day in finishes) else _RIGHT
        return cls(first, date.fromordinal(min(last.toordinal() + 2, date.max.toordinal())), wording, right)

    def x(self, on: date) -> float:
        """Return the position of a day; that of a day outside is beyond an end of the scale."""
        share = (on - self.first) / max(self.last - self.first, timedelta(days=1))
        return _NAMES + share * (_WIDTH - _NAMES - self.right)

    def holds(self, on: date) -> bool:
        """Whether a day is on the scale."""
        return self.first <= on <= self.last

    def draw_months(self, height: float) -> Iterator[Markup]:
        """Yield a line at the start of each month, with its name if there is room."""
        months, next_free = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month, 0.0
        for n in range(0, months + 1, 1 + months // _MAX_MONTHS):
            month = add_months(self.first.replace(day=1), n)
            x = self.x(max(month, self.first))
            name = self.wording["months_short"].split()[month.month - 1]
            name += f" {localized_digits(str(month.year), self.wording)}" if month.month == 1 or n == 0 else ""
            if self.holds(month):
                yield line(x, _TOP - 6, x, height, "rule")
            if x >= next_free:
                yield text_element(x + 4, 14, name, "quiet")
                next_free = x + (len(name) + 2) * LETTER_WIDTH


def draw_gantt(paper: Paper, progress: Progress, wording: Wording) -> Markup | None:
    """Return the picture; None if the plan has no dates to draw."""
    gates = sorted((gate for gate in paper.timeline.gates if gate.leaves), key=lambda gate: gate.due)
    day_scale = DayScale.for_plan(gates, progress, wording)
    if day_scale is None or not progress.chapters:
        return None
    height = _TOP + len(progress.chapters) * _ROW + 8
    ranks = {status.id: rank for rank, status in enumerate(paper.settings.statuses)}
    rows = [
        [
            *_draw_row(_TOP + row * _ROW, chapter, gates, ranks, day_scale),
            *_draw_overdue(_TOP + row * _ROW, chapter, progress.today, day_scale),
            *_draw_finish(_TOP + row * _ROW, chapter, day_scale),
        ]
        for row, chapter in enumerate(progress.chapters)
    ]
    parts = [
        *day_scale.draw_months(height),
        *(part for row in rows for part in row),
        *_draw_marks(progress, gates, day_scale, height),
    ]
    return svg_picture(
        "gantt", _WIDTH, height + 30, wording["plan_alt"].format(format_date(progress.today, wording)), parts
    )


def _draw_row(
    y: float, chapter: ChapterProgress, gates: Sequence[Gate], ranks: dict[str, int], day_scale: DayScale
) -> Iterator[Markup]:
    """Yield a chapter's bar: a piece for each status, filled as far as the chapter is."""
    yield text_element(0, y + _BAR, shorten_text(chapter.title, _NAMES - 12))
    rank, start = ranks.get(chapter.status.id, 0), day_scale.first
    for gate in gates:
        is_done = ranks.get(gate.leaves or "", 0) < rank or chapter.health is Health.DONE
        name = "done" if is_done else "now" if gate == chapter.gate else "ahead"
        late = " late" if name == "now" and chapter.health in (Health.LATE, Health.AT_RISK) else ""
        x = day_scale.x(start)
        yield rect(x, y + 2, day_scale.x(gate.due) - x - 1.5, _BAR, f"bar {name}{late}")
        start = gate.due


def _draw_overdue(y: float, chapter: ChapterProgress, today: date, day_scale: DayScale) -> Iterator[Markup]:
    """Yield a line from the gate that a chapter has missed to the current day."""
    if chapter.health is Health.LATE and chapter.gate_day:
        x, top = day_scale.x(chapter.gate_day), y + 2 + _BAR + _OVERDUE_GAP
        end = day_scale.x(min(today, day_scale.last))
        yield rect(x, top, end - x, _OVERDUE_BAR, "overdue")
        if not day_scale.holds(today):
            yield arrow(end, top + _OVERDUE_BAR / 2, _MARK, "overdue")


def _draw_finish(y: float, chapter: ChapterProgress, day_scale: DayScale) -> Iterator[Markup]:
    """Yield a diamond on the day when a chapter is ready, or an arrow towards it."""
    if chapter.finish is None or chapter.health is Health.DONE:
        return
    x, middle = day_scale.x(min(chapter.finish, day_scale.last)), y + 2 + _BAR / 2
    if day_scale.holds(chapter.finish):
        yield diamond(x, middle, _MARK, "finish")
    else:
        yield arrow(x, middle, _MARK, "finish")
        yield text_element(x + _MARK + 4, middle + 5, format_date(chapter.finish, day_scale.wording), "finish-name")


def _draw_marks(progress: Progress, gates: Sequence[Gate], day_scale: DayScale, height: float) -> Iterator[Markup]:
    """Yield the gates, the deadline and the current day."""
    for gate in gates:
        x = day_scale.x(gate.due)
        yield line(x, _TOP - 10, x, height, "gate")
    if progress.deadline:
        x = day_scale.x(progress.deadline)
        yield line(x, _TOP - 14, x, height + 6, "deadline")
        text = day_scale.wording["deadline"].format(format_date(progress.deadline, day_scale.wording))
        yield text_element(x, 30, text, "deadline-name", "end" if x > _WIDTH / 2 else "start")
    yield from _draw_today(progress.today, day_scale, height)


def _draw_today(today: date, day_scale: DayScale, height: float) -> Iterator[Markup]:
    """Yield a line through all rows on the current day, or an arrow towards it, with the date."""
    x, indent = day_scale.x(min(max(today, day_scale.first), day_scale.last)), 0
    if day_scale.holds(today):
        yield line(x, _TOP - 14, x, height + 6, "today")
    else:
        yield arrow(x, height + 15, _MARK if today > day_scale.last else -_MARK, "today")
        indent = _MARK + 4
    anchor = "end" if x > _WIDTH / 2 else "start"
    text_x = x - indent if anchor == "end" else x + indent
    yield text_element(text_x, height + 20, format_date(today, day_scale.wording), "today-name", anchor)
