"""The page that says how far the paper is: pictures, and below each a table that says the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from nioc_paper import phrases
from nioc_paper.model import AUDIENCES, Block, ChapterProgress, Decision, Document, Owed, Paper, Standing
from nioc_paper.render.site.pages import Plan
from nioc_paper.render.site.progress.growth import length, stages
from nioc_paper.render.site.progress.plan import gantt
from nioc_paper.wording import Words, day, labels

_INTERNAL = frozenset(("permission", "clearance"))
"""What is the business of those who make the paper: whether a department lets somebody write, or a text appear."""


class Owner(NamedTuple):
    """What recommendations ask of a body."""

    name: str
    items: Sequence[tuple[str, str, str]]
    """The number of each, its address, and the day by which it is due."""


class Comments(NamedTuple):
    """Comments on a chapter."""

    title: str
    open: int
    grave: int
    """Open ones that hold the chapter at its gate."""
    answered: int


def told(document: Document, plan: Plan, standing: Standing) -> dict[str, Any]:
    """What the page is filled with."""
    said, paper, progress = labels(document.language), standing.paper, standing.progress
    return {
        "progress": progress,
        "headline": phrases.headline(progress),
        "facts": phrases.facts(progress),
        "prospects": phrases.prospects(progress),
        "rows": [_row(chapter, plan) for chapter in progress.chapters],
        "gantt": gantt(paper, progress, said),
        "length": length(standing.trail, progress.target, said),
        "stages": stages(standing.trail, paper.settings.statuses, said),
        "statuses": [s for s in paper.settings.statuses if any(p.statuses.get(s.id) for p in standing.trail)],
        "trail": standing.trail,
        "debts": [
            (who.name, phrases.together(progress, owed))
            for who, owed in phrases.by_person(_debts(progress.owes, document))
        ],
        "owners": list(_owners(paper, plan, document, said)),
        "linkages": document.charts.get("chart:linkage-map"),
        "comments": list(_comments(paper)),
        "decisions": [
            {"decision": decision, "names": f"{said['comma']} ".join(filter(None, map(paper.name, _asked(decision))))}
            for decision in sorted(paper.decisions, key=lambda d: d.state != "open")
        ],
    }


def _row(chapter: ChapterProgress, plan: Plan) -> dict[str, Any]:
    """A chapter in the table of the plan, with the words for its numbers."""
    return {
        "chapter": chapter,
        "address": next((f"{page.name}.html" for page in plan.pages if page.path == chapter.path), ""),
        "slip": phrases.slip(chapter.slip),
        "length": phrases.length(chapter),
        "leads": phrases.leads(chapter),
    }


def _asked(decision: Decision) -> Sequence[str]:
    """Who is to do what was decided."""
    return [decision.owner] if decision.owner else decision.who


def _debts(owes: Iterable[Owed], document: Document) -> list[Owed]:
    public = document.copy.audience == AUDIENCES[0]
    return [owed for owed in owes if not (public and owed.kind in _INTERNAL)]


def _owners(paper: Paper, plan: Plan, document: Document, said: Words) -> Iterator[Owner]:
    """Bodies with what is asked of them, those with most first."""
    asked: dict[str, list[Block]] = {}
    for chapter in paper.chapters:
        for item in chapter.of("recommendation"):
            for owner in item.values("owner"):
                known = paper.organization(owner)
                asked.setdefault(known.name if known else owner, []).append(item)
    names: Mapping[str, str] = {entry.id: entry.number for entry in document.recommendations}
    for owner, items in sorted(asked.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        shown = [(names[i.id], plan.homes.get(i.id, ""), _by(i, said)) for i in items if i.id in names]
        yield Owner(owner, shown)


def _by(item: Block, said: Words) -> str:
    """The day as it is printed; what is no date as it is written."""
    try:
        return day(date.fromisoformat(item.value("by")), said)
    except ValueError:
        return item.value("by")


def _comments(paper: Paper) -> Iterator[Comments]:
    """How many comments on each chapter are open; what they say is for those who work on it."""
    titles = {chapter.id: chapter.front.title for chapter in paper.chapters}
    for reviews in paper.reviews:
        if reviews.chapter in titles and reviews.comments:
            states = Counter(comment.answer is None for comment in reviews.comments)
            grave = sum(c.holds for c in reviews.comments)
            yield Comments(titles[reviews.chapter], states[True], grave, states[False])
