"""Context of the progress page: pictures, each with a table of the same data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from markupsafe import Markup

from nioc_paper.model import AUDIENCES, ChapterProgress, Document, Paper, Progress, ProgressPoint, SiteProgress, Status
from nioc_paper.render.site.gantt import draw_gantt, line, path, rect, shorten_text, svg_picture, text_element
from nioc_paper.render.site.pages import PagePlan
from nioc_paper.wording import Wording, format_date, localized_digits, progress_text, wording_for


class ChapterComments(NamedTuple):
    """Numbers of comments and unmerged changes of a chapter."""

    title: str
    open: int
    grave: int
    """Open comments that block the chapter at its gate."""
    answered: int


def progress_context(document: Document, page_plan: PagePlan, site_progress: SiteProgress) -> dict[str, Any]:
    """Return the values for the template. Papers may have a copy of it, so their names stay."""
    wording = wording_for(document.language, document.labels)
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
    last = localized_digits(f"{points[-1].words:,}", wording)
    parts = [
        path([(places[0][0], y(0)), *places, (places[-1][0], y(0))], "area"),
        path(places, "curve"),
        text_element(places[-1][0] + 8, places[-1][1] + 4, wording["words_of"].format(last), "strong"),
        text_element(_LEFT - 8, y(0), localized_digits("0", wording), "quiet", "end"),
        *_draw_time_axis(points, wording),
    ]
    if target:
        number = localized_digits(f"{target:,}", wording)
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
