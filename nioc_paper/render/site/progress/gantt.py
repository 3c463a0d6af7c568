"""Gantt chart of the chapters: done and open statuses, gates, and the current day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from nioc_paper.model import ChapterProgress, Gate, Health, Paper, Progress
from nioc_paper.render.site.progress.svg import (
    LETTER_WIDTH,
    diamond,
    line,
    rect,
    shorten_text,
    svg_picture,
    text_element,
)
from nioc_paper.wording import Wording, format_date, localized_digits

_WIDTH, _NAMES, _RIGHT = 1000, 250, 30
_ROW, _BAR, _TOP = 26, 12, 46


@dataclass(frozen=True)
class DayScale:
    """Scale of days along the picture."""

    first: date
    last: date
    wording: Wording

    def x(self, on: date) -> float:
        """Return the position of a day."""
        share = (min(max(on, self.first), self.last) - self.first) / max(self.last - self.first, timedelta(days=1))
        return _NAMES + share * (_WIDTH - _NAMES - _RIGHT)

    def draw_months(self, height: float) -> Iterator[Markup]:
        """Yield a line at the start of each month, with its name if there is room."""
        on, next_free = self.first.replace(day=1), 0.0
        while on <= self.last:
            following = (on + timedelta(days=32)).replace(day=1)
            x = self.x(on)
            name = self.wording["months_short"].split()[on.month - 1]
            name += f" {localized_digits(str(on.year), self.wording)}" if on.month == 1 or on <= self.first else ""
            yield line(x, _TOP - 6, x, height, "rule")
            if x >= next_free:
                yield text_element(x + 4, 14, name, "quiet")
                next_free = x + (len(name) + 2) * LETTER_WIDTH
            on = following


def draw_gantt(paper: Paper, progress: Progress, wording: Wording) -> Markup | None:
    """Return the picture; None if the plan has no dates to draw."""
    start, deadline = progress.start, progress.deadline
    gates = sorted((gate for gate in paper.timeline.gates if gate.leaves), key=lambda gate: gate.due)
    if start is None or deadline is None or deadline <= start or not gates or not progress.chapters:
        return None
    finishes = [chapter.finish for chapter in progress.chapters if chapter.finish]
    # A date far after the plan would shrink the plan to a stroke: later dates are in the text only.
    last = min(max([deadline, *finishes, progress.today]), deadline + (deadline - start))
    day_scale = DayScale(start, last + timedelta(days=2), wording)
    height = _TOP + len(progress.chapters) * _ROW + 8
    ranks = {status.id: rank for rank, status in enumerate(paper.settings.statuses)}
    parts = [
        *day_scale.draw_months(height),
        *(
            part
            for row, chapter in enumerate(progress.chapters)
            for part in _draw_row(row, chapter, gates, ranks, day_scale)
        ),
        *_draw_marks(progress, gates, day_scale, height),
    ]
    return svg_picture(
        "gantt", _WIDTH, height + 30, wording["plan_alt"].format(format_date(progress.today, wording)), parts
    )


def _draw_row(
    row: int, chapter: ChapterProgress, gates: Sequence[Gate], ranks: dict[str, int], day_scale: DayScale
) -> Iterator[Markup]:
    """Yield a chapter's bar: a piece for each status, filled as far as the chapter is."""
    y = _TOP + row * _ROW
    yield text_element(0, y + _BAR, shorten_text(chapter.title, _NAMES - 12))
    rank, start = ranks.get(chapter.status.id, 0), day_scale.first
    for gate in gates:
        own = ranks.get(gate.leaves or "", 0)
        name = "done" if own < rank or chapter.health is Health.DONE else "now" if own == rank else "ahead"
        late = " late" if name == "now" and chapter.health in (Health.LATE, Health.AT_RISK) else ""
        x = day_scale.x(start)
        yield rect(x, y + 2, day_scale.x(gate.due) - x - 1.5, _BAR, f"bar {name}{late}")
        start = gate.due
    if chapter.finish and chapter.health is not Health.DONE:
        yield diamond(day_scale.x(chapter.finish), y + 2 + _BAR / 2, 6, "finish")


def _draw_marks(progress: Progress, gates: Sequence[Gate], day_scale: DayScale, height: float) -> Iterator[Markup]:
    """Yield the gates, the deadline and the current day."""
    for gate in gates:
        x = day_scale.x(gate.due)
        yield line(x, _TOP - 10, x, height, "gate")
    for on, text, name in (
        (
            progress.deadline,
            day_scale.wording["deadline"].format(format_date(progress.deadline, day_scale.wording)),
            "deadline",
        ),
        (progress.today, format_date(progress.today, day_scale.wording), "today"),
    ):
        if on and day_scale.first <= on <= day_scale.last:
            x = day_scale.x(on)
            yield line(x, _TOP - 14, x, height + 6, name)
            anchor = "end" if x > _WIDTH / 2 else "start"
            yield text_element(x, 30 if name == "deadline" else height + 20, text, f"{name}-name", anchor)
