"""Context of the progress page: its tables, and the growth of the paper as charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from nioc_paper.model import (
    AUDIENCES,
    ChapterProgress,
    Chart,
    DataTable,
    Document,
    Gate,
    Health,
    Paper,
    Place,
    Progress,
    ProgressPoint,
    SiteProgress,
    Status,
)
from nioc_paper.render.site.page_html import picture_address
from nioc_paper.render.site.page_plan import PagePlan
from nioc_paper.wording import ENGLISH, Wording, format_date, format_number, progress_text, wording_for


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
    gates = sorted((gate for gate in paper.timeline.gates if gate.leaves), key=lambda gate: gate.due)
    ranks = {status.id: rank for rank, status in enumerate(paper.settings.statuses)}
    pictures = [
        Markup('<img src="{}" alt="{}">').format(picture_address(target), chart.alt)
        for target, chart in growth_charts(site_progress, wording).items()
    ]
    return {
        # The public does not learn who is late.
        "shows_debts": not is_public,
        "progress": progress,
        "headline": progress_text.progress_headline(progress, wording),
        "facts": _as_tuples(progress_text.progress_facts(progress, wording)),
        "prospects": _as_tuples(progress_text.deadline_facts(progress, wording)),
        "rows": [
            _chapter_row(chapter, progress, page_plan, wording) | {"steps": [*_plan_steps(chapter, gates, ranks)]}
            for chapter in progress.chapters
        ],
        "growth": pictures,
        "statuses": _statuses_over_time(site_progress),
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
        names = filter(None, map(paper.display_name, [decision.owner] if decision.owner else decision.who))
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


def _plan_steps(chapter: ChapterProgress, gates: Sequence[Gate], ranks: Mapping[str, int]) -> Iterator[str]:
    """Yield the state of a chapter at each gate: done, now, late or ahead."""
    rank = ranks.get(chapter.status.id, 0)
    for gate in gates:
        if ranks.get(gate.leaves or "", 0) < rank or chapter.health is Health.DONE:
            yield "done"
        elif gate == chapter.gate:
            yield "late" if chapter.health in (Health.LATE, Health.AT_RISK) else "now"
        else:
            yield "ahead"


def _count_comments(paper: Paper) -> Iterator[ChapterComments]:
    """Yield the numbers of comments by chapter; their text is for those who work on it."""
    titles = {chapter.id: chapter.front.title for chapter in paper.chapters}
    for reviews in paper.reviews:
        if reviews.chapter in titles and reviews.points:
            states = Counter(point.answer is None for point in reviews.points)
            grave = sum(c.is_blocking for c in reviews.comments)
            yield ChapterComments(titles[reviews.chapter], states[True], grave, states[False])


# --- growth of the paper over git's history ---------------------------------------------------------------------------


_MIN_DAYS = 7
"""Days before which a picture of growth would be a flat line."""
_X = {"field": "on", "type": "temporal", "title": None, "axis": {"format": "%-d %b %Y", "tickCount": 5}}
_Y = {"type": "quantitative", "title": None}


def growth_charts(site_progress: SiteProgress, wording: Wording) -> dict[str, Chart]:
    """Return the charts of words and of chapters by status over time, by target; none before a week has passed."""
    points = site_progress.past_points
    if not points or (points[-1].on - points[0].on).days < _MIN_DAYS:
        return {}
    first, last = (format_date(point.on, wording) for point in (points[0], points[-1]))
    words = format_number(points[-1].words, wording)
    length_spec = _length_spec(points, site_progress.progress.target)
    stages_spec = _stages_spec(points, _statuses_over_time(site_progress))
    return {
        "chart:length": _make_chart("length", length_spec, wording["growth_alt"].format(words, last), wording),
        "chart:stages": _make_chart("stages", stages_spec, wording["stages_alt"].format(first, last), wording),
    }


def _length_spec(points: Sequence[ProgressPoint], target: int | None) -> dict[str, object]:
    """Return the chart of the words of the paper, with a line at their target."""
    values = [{"on": point.on.isoformat(), "words": point.words} for point in points]
    area = {
        "mark": {"type": "area", "line": True, "opacity": 0.3},
        "encoding": {"x": _X, "y": {"field": "words", **_Y}},
    }
    aim = {"mark": {"type": "rule", "style": "alert"}, "encoding": {"y": {"datum": target, **_Y}}}
    return {"data": {"values": values}, "layer": [area, aim] if target else [area]}


def _stages_spec(points: Sequence[ProgressPoint], statuses: Sequence[Status]) -> dict[str, object]:
    """Return the chart of the number of chapters by status, the furthest status at the bottom."""
    values = [
        {"on": point.on.isoformat(), "status": s.title, "rank": -rank, "chapters": point.statuses.get(s.id, 0)}
        for point in points
        for rank, s in enumerate(statuses)
    ]
    encoding = {
        "x": _X,
        "y": {"field": "chapters", **_Y, "axis": {"tickMinStep": 1, "format": "d"}},
        "color": {"field": "status", "type": "nominal", "sort": [status.title for status in statuses]},
        "order": {"field": "rank", "type": "quantitative"},
    }
    return {"data": {"values": values}, "mark": {"type": "area", "interpolate": "step-after"}, "encoding": encoding}


def _make_chart(name: str, spec: Mapping[str, object], alt: str, wording: Wording) -> Chart:
    place = Place("paper/timeline.yaml")
    table = DataTable(name, (), (), (), place)  # the page has a table of its own
    return Chart(name, spec, table, alt, place, words={} if wording is ENGLISH else wording)


def _statuses_over_time(site_progress: SiteProgress) -> list[Status]:
    """Return the statuses that chapters had on some day."""
    statuses, points = site_progress.paper.settings.statuses, site_progress.past_points
    return [status for status in statuses if any(point.statuses.get(status.id) for point in points)]
