"""Context of the progress page: pictures, each with a table of the same data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any, NamedTuple

from markupsafe import Markup
from msgspec import Struct

from nioc_paper.domain.workdays import add_months
from nioc_paper.model import (
    AUDIENCES,
    ChapterProgress,
    Document,
    Gate,
    Health,
    Paper,
    Progress,
    ProgressPoint,
    SiteProgress,
    Status,
)
from nioc_paper.render.site.pages import PagePlan
from nioc_paper.wording import (
    Wording,
    format_date,
    format_number,
    localized_digits,
    name_in,
    progress_text,
    wording_for,
)

LETTER_WIDTH = 7.1
"""Pixels of a letter in the pictures' text."""


def svg_picture(name: str, width: float, height: float, label: str, parts: Iterable[Markup]) -> Markup:
    """Return a picture that screen readers announce by its label only."""
    element = Markup('<svg class="picture {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    return element.format(name, *map(_format_number, (width, height)), label, Markup("").join(parts))


def rect(x: float, y: float, width: float, height: float, name: str) -> Markup:
    """Return a rectangle of a class."""
    numbers = map(_format_number, (x, y, max(width, 0), height))
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(name, *numbers)


def line(x1: float, y1: float, x2: float, y2: float, name: str) -> Markup:
    """Return a line of a class."""
    numbers = map(_format_number, (x1, y1, x2, y2))
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(name, *numbers)


def text_element(x: float, y: float, text: str, name: str = "", anchor: str = "start") -> Markup:
    """Return a line of text."""
    element = Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>')
    return element.format(name, *map(_format_number, (x, y)), anchor, text)


def path(points: Iterable[tuple[float, float]], name: str) -> Markup:
    """Return straight lines from point to point."""
    places = "L".join(f"{_format_number(x)},{_format_number(y)}" for x, y in points)
    return Markup('<path class="{}" d="M{}"/>').format(name, places)


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
            name = name_in(self.wording, "months_short", month.month - 1)
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
    parts = [*day_scale.draw_months(height)]
    for y, chapter in zip(count(_PLAN_TOP, _ROW), progress.chapters, strict=False):
        parts += _draw_row(y, chapter, gates, ranks, day_scale)
        parts += _draw_overdue(y, chapter, progress.today, day_scale)
        parts += _draw_finish(y, chapter, day_scale)
    parts += _draw_marks(progress, gates, day_scale, height)
    alt = wording["plan_alt"].format(format_date(progress.today, wording))
    return svg_picture("gantt", _PLAN_WIDTH, height + 30, alt, parts)


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


class ChapterComments(NamedTuple):
    """Numbers of comments and unmerged changes of a chapter."""

    title: str
    open: int
    grave: int
    """Open comments that block the chapter at its gate."""
    answered: int


def progress_context(document: Document, page_plan: PagePlan, site_progress: SiteProgress) -> dict[str, Any]:
    """Return the values for the template. Papers may have a copy of it, so their names stay."""
    wording = wording_for(document.language, document.own_words)
    paper, progress = site_progress.paper, site_progress.progress
    is_public = document.copy.audience == AUDIENCES[0]
    return {
        # The public does not learn who is late.
        "shows_debts": not is_public,
        "progress": progress,
        "headline": progress_text.progress_headline(progress, wording),
        "facts": _as_tuples(progress_text.progress_facts(progress, wording)),
        "prospects": _as_tuples(progress_text.deadline_facts(progress, wording)),
        "rows": [_chapter_row(chapter, progress, page_plan, wording) for chapter in progress.chapters],
        "gantt": draw_gantt(paper, progress, wording),
        "length": draw_word_growth(site_progress.past_points, progress.target, wording),
        "stages": draw_status_growth(site_progress.past_points, paper.settings.statuses, wording),
        "statuses": [
            s for s in paper.settings.statuses if any(p.statuses.get(s.id) for p in site_progress.past_points)
        ],
        "trail": site_progress.past_points,
        "debts": [
            (who.name, _as_tuples(progress_text.merge_obligations(progress, owed, wording)))
            for who, owed in progress_text.group_by_party([] if is_public else progress.obligations)
        ],
        "linkages": document.charts.get("chart:linkage-map"),
        "comments": list(_count_comments(paper)),
        "decisions": list(_decision_rows(paper, wording)),
    }


def _decision_rows(paper: Paper, wording: Wording) -> Iterator[dict[str, object]]:
    """Yield the decisions with the names of those who are responsible; open ones come first."""
    for decision in sorted(paper.decisions, key=lambda d: d.state != "open"):
        responsible_ids = [decision.owner] if decision.owner else decision.who
        names = filter(None, map(paper.display_name, responsible_ids))
        yield {"decision": decision, "names": f"{wording['comma']} ".join(names)}


def _as_tuples(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return named tuples as plain ones: templates, also those of papers, unpack them."""
    return [tuple(row) for row in rows]


def _chapter_row(
    chapter: ChapterProgress, progress: Progress, page_plan: PagePlan, wording: Wording
) -> dict[str, object]:
    """Return a chapter's row of the plan, with its numbers in words."""
    return {
        "chapter": chapter,
        "address": next((f"{page.name}.html" for page in page_plan.pages if page.path == chapter.path), ""),
        "slip": progress_text.describe_slip(progress, chapter.slip, chapter.gate_day, wording),
        "length": progress_text.format_length(chapter, wording),
        "leads": progress_text.format_leads(chapter, wording),
    }


def _count_comments(paper: Paper) -> Iterator[ChapterComments]:
    """Yield the numbers of comments by chapter; their text is for those who work on it."""
    titles = {chapter.id: chapter.front.title for chapter in paper.chapters}
    for reviews in paper.reviews:
        if reviews.chapter in titles and reviews.points:
            states = Counter(point.answer is None for point in reviews.points)
            grave = sum(c.is_blocking for c in reviews.comments)
            yield ChapterComments(titles[reviews.chapter], states[True], grave, states[False])


# --- growth of the paper as pictures: words, and chapters by status, over git's history -------------------------------


_WIDTH, _HEIGHT = 1000, 200
"""Pixels of the picture, and of its plot."""
_LEFT, _RIGHT, _TOP = 70, 150, 14
"""Margins around the plot, in pixels."""
_MIN_DAYS = 7
"""Days before which a picture of growth would be a flat line."""


def _spans_a_week(points: Sequence[ProgressPoint]) -> bool:
    """Return whether points are far enough from each other to show growth."""
    return bool(points) and (points[-1].on - points[0].on).days >= _MIN_DAYS


def _day_position(points: Sequence[ProgressPoint], on: date, reserved: float = 0) -> float:
    """Return the position of a day on a scale that ends `reserved` pixels before the axis."""
    first, last = points[0].on, points[-1].on
    return _LEFT + (on - first).days / max(1, (last - first).days) * (_WIDTH - _LEFT - _RIGHT - reserved)


def _draw_time_axis(points: Sequence[ProgressPoint], wording: Wording) -> Iterator[Markup]:
    yield line(_LEFT, _TOP + _HEIGHT, _WIDTH - _RIGHT, _TOP + _HEIGHT, "axis")
    yield text_element(_LEFT, _TOP + _HEIGHT + 18, format_date(points[0].on, wording), "quiet")
    yield text_element(_WIDTH - _RIGHT, _TOP + _HEIGHT + 18, format_date(points[-1].on, wording), "quiet", "end")


def draw_word_growth(points: Sequence[ProgressPoint], target: int | None, wording: Wording) -> Markup | None:
    """Return the words of the paper over time below their target; None if there is no span of time."""
    if not _spans_a_week(points):
        return None
    top = max([target or 0, *(point.words for point in points)]) * 1.08 or 1

    def y(number: float) -> float:
        return _TOP + _HEIGHT * (1 - number / top)

    places = [(_day_position(points, point.on), y(point.words)) for point in points]
    last = format_number(points[-1].words, wording)
    parts = [
        path([(places[0][0], y(0)), *places, (places[-1][0], y(0))], "area"),
        path(places, "curve"),
        text_element(places[-1][0] + 8, places[-1][1] + 4, wording["words_of"].format(last), "strong"),
        text_element(_LEFT - 8, y(0), localized_digits("0", wording), "quiet", "end"),
        *_draw_time_axis(points, wording),
    ]
    if target:
        number = format_number(target, wording)
        parts += [
            line(_LEFT, y(target), _WIDTH - _RIGHT, y(target), "aim"),
            text_element(_LEFT - 8, y(target) + 4, number, "quiet", "end"),
        ]
    alt = wording["growth_alt"].format(last, format_date(points[-1].on, wording))
    return svg_picture("growth", _WIDTH, _HEIGHT + _TOP + 26, alt, parts)


def draw_status_growth(points: Sequence[ProgressPoint], statuses: Sequence[Status], wording: Wording) -> Markup | None:
    """Return the number of chapters by status over time: a column a point, the furthest status at the bottom."""
    if not _spans_a_week(points):
        return None
    most = max(sum(point.statuses.values()) for point in points) or 1
    shown_statuses = [s for s in reversed(statuses) if any(point.statuses.get(s.id) for point in points)]
    style_by_status = {
        status.id: f"stage-{round(rank * 6 / max(1, len(statuses) - 1))}" for rank, status in enumerate(statuses)
    }
    column_width = min(34.0, (_WIDTH - _LEFT - _RIGHT) / len(points) * 0.8)
    parts: list[Markup] = []
    for point in points:
        y = float(_TOP + _HEIGHT)
        for status in shown_statuses:
            column_height = _HEIGHT * point.statuses.get(status.id, 0) / most
            y -= column_height
            x = _day_position(points, point.on, column_width)
            parts.append(rect(x, y, column_width, max(0.0, column_height - 1), style_by_status[status.id]))
    for row, status in enumerate(reversed(shown_statuses)):
        y = _TOP + 8 + row * 20
        parts.append(rect(_WIDTH - _RIGHT + 16, y, 12, 12, style_by_status[status.id]))
        parts.append(text_element(_WIDTH - _RIGHT + 34, y + 11, shorten_text(status.title, _RIGHT - 36)))
    parts.append(text_element(_LEFT - 8, _TOP + 10, localized_digits(str(most), wording), "quiet", "end"))
    alt = wording["stages_alt"].format(format_date(points[0].on, wording), format_date(points[-1].on, wording))
    return svg_picture("growth", _WIDTH, _HEIGHT + _TOP + 26, alt, [*parts, *_draw_time_axis(points, wording)])
