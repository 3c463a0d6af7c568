"""Context of the progress page: pictures, each with a table of the same data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from nioc_paper.model import AUDIENCES, ChapterProgress, Document, Paper, Progress, SiteProgress
from nioc_paper.render.site.pages import PagePlan
from nioc_paper.render.site.progress.gantt import draw_gantt
from nioc_paper.render.site.progress.growth import draw_status_growth, draw_word_growth
from nioc_paper.wording import Wording, progress_text, wording_for


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
