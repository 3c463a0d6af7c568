"""Gantt chart of the chapters: done and open statuses, gates, and the current day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from markupsafe import Markup
from msgspec import Struct

from nioc_paper.domain.workdays import add_months
from nioc_paper.model import ChapterProgress, Gate, Health, Paper, Progress
from nioc_paper.wording import Wording, format_date, localized_digits

LETTER_WIDTH = 7.1
"""Pixels of a letter in the pictures' text."""


def svg_picture(name: str, width: float, height: float, label: str, parts: Iterable[Markup]) -> Markup:
    """Return a picture that screen readers announce by its label only."""
    return Markup('<svg class="picture {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        name, _format_number(width), _format_number(height), label, Markup("").join(parts)
    )


def rect(x: float, y: float, width: float, height: float, name: str) -> Markup:
    """Return a rectangle of a class."""
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        name, _format_number(x), _format_number(y), _format_number(max(width, 0)), _format_number(height)
    )


def line(x1: float, y1: float, x2: float, y2: float, name: str) -> Markup:
    """Return a line of a class."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        name, _format_number(x1), _format_number(y1), _format_number(x2), _format_number(y2)
    )


def text_element(x: float, y: float, text: str, name: str = "", anchor: str = "start") -> Markup:
    """Return a line of text."""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        name, _format_number(x), _format_number(y), anchor, text
    )


def path(points: Iterable[tuple[float, float]], name: str) -> Markup:
    """Return straight lines from point to point."""
    return Markup('<path class="{}" d="M{}"/>').format(
        name, "L".join(f"{_format_number(x)},{_format_number(y)}" for x, y in points)
    )


def diamond(x: float, y: float, size: float, name: str) -> Markup:
    """Return a square on its corner."""
    return path([(x, y - size), (x + size, y), (x, y + size), (x - size, y), (x, y - size)], name)


def arrow(x: float, y: float, size: float, name: str) -> Markup:
    """Return a triangle from a point to the right; to the left if the size is negative."""
    return path([(x, y - abs(size)), (x + size, y), (x, y + abs(size)), (x, y - abs(size))], f"arrow {name}")


def shorten_text(text: str, pixels: float) -> str:
    """Return a text cut to fit some pixels."""
    room = int(pixels / LETTER_WIDTH)
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"


def _format_number(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


_PLAN_WIDTH, _NAMES, _PLAN_RIGHT = 1000, 250, 30
_RIGHT_WITH_DATES = 160
"""Pixels at the right of the scale for arrows with their dates."""
_ROW, _BAR, _PLAN_TOP = 26, 12, 46
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
    right: float = _PLAN_RIGHT
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
        right = _RIGHT_WITH_DATES if any(day > last for day in finishes) else _PLAN_RIGHT
        return cls(first, date.fromordinal(min(last.toordinal() + 2, date.max.toordinal())), wording, right)

    def x(self, on: date) -> float:
        """Return the position of a day; that of a day outside is beyond an end of the scale."""
        share = (on - self.first) / max(self.last - self.first, timedelta(days=1))
        return _NAMES + share * (_PLAN_WIDTH - _NAMES - self.right)

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
                yield line(x, _PLAN_TOP - 6, x, height, "rule")
            if x >= next_free:
                yield text_element(x + 4, 14, name, "quiet")
                next_free = x + (len(name) + 2) * LETTER_WIDTH


def draw_gantt(paper: Paper, progress: Progress, wording: Wording) -> Markup | None:
    """Return the picture; None if the plan has no dates to draw."""
    gates = sorted((gate for gate in paper.timeline.gates if gate.leaves), key=lambda gate: gate.due)
    day_scale = DayScale.for_plan(gates, progress, wording)
    if day_scale is None or not progress.chapters:
        return None
    height = _PLAN_TOP + len(progress.chapters) * _ROW + 8
    ranks = {status.id: rank for rank, status in enumerate(paper.settings.statuses)}
    rows = [
        [
            *_draw_row(_PLAN_TOP + row * _ROW, chapter, gates, ranks, day_scale),
            *_draw_overdue(_PLAN_TOP + row * _ROW, chapter, progress.today, day_scale),
            *_draw_finish(_PLAN_TOP + row * _ROW, chapter, day_scale),
        ]
        for row, chapter in enumerate(progress.chapters)
    ]
    parts = [
        *day_scale.draw_months(height),
        *(part for row in rows for part in row),
        *_draw_marks(progress, gates, day_scale, height),
    ]
    return svg_picture(
        "gantt", _PLAN_WIDTH, height + 30, wording["plan_alt"].format(format_date(progress.today, wording)), parts
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
        yield line(x, _PLAN_TOP - 10, x, height, "gate")
    if progress.deadline:
        x = day_scale.x(progress.deadline)
        yield line(x, _PLAN_TOP - 14, x, height + 6, "deadline")
        text = day_scale.wording["deadline"].format(format_date(progress.deadline, day_scale.wording))
        yield text_element(x, 30, text, "deadline-name", "end" if x > _PLAN_WIDTH / 2 else "start")
    yield from _draw_today(progress.today, day_scale, height)


def _draw_today(today: date, day_scale: DayScale, height: float) -> Iterator[Markup]:
    """Yield a line through all rows on the current day, or an arrow towards it, with the date."""
    x, indent = day_scale.x(min(max(today, day_scale.first), day_scale.last)), 0
    if day_scale.holds(today):
        yield line(x, _PLAN_TOP - 14, x, height + 6, "today")
    else:
        yield arrow(x, height + 15, _MARK if today > day_scale.last else -_MARK, "today")
        indent = _MARK + 4
    anchor = "end" if x > _PLAN_WIDTH / 2 else "start"
    text_x = x - indent if anchor == "end" else x + indent
    yield text_element(text_x, height + 20, format_date(today, day_scale.wording), "today-name", anchor)
