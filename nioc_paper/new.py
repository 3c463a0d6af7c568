"""Beginnings: the text of a new chapter, and the dates of a new paper. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from nioc_paper.edit import scalar
from nioc_paper.model import Paper, Settings, Timeline, as_id, nearest
from nioc_paper.workdays import Workdays, add_months

CROSS_CUTTING = "cross-cutting"
_LONGEST = 80
"""Characters of an id: file names have an end."""
_NO_GUIDE = "Say here, in a sentence, what this section will say."
_NO_SECTIONS = "Write the chapter here, one sentence a line."
_MOVE = "Move this heading to where it fits."


class StartError(Exception):
    """What was asked for cannot be started; the message says why, and what can."""


@dataclass(frozen=True, slots=True)
class NewChapter:
    """A chapter that is yet to be written to disk."""

    id: str
    path: str
    title: str
    category: str
    text: str
    part: int | None
    """Index of the part whose list must name it; None when paper.yaml names it already."""


def chapter(paper: Paper, id: str, title: str = "", category: str = "", part: str = "") -> NewChapter:
    """A new chapter; what is not given is chosen. Raises StartError."""
    path = f"chapters/{id}.md"
    _refuse_id(paper, id)
    category = _known_category(paper, category) if category else _next_category(paper, id)
    named = next((c.title for c in paper.settings.categories if c.id == category), "")
    title = title.strip() or named or id.replace("-", " ").capitalize()
    index = None if path in paper.listed else _part(paper.settings, part)
    return NewChapter(id, path, title, category, _text(paper.settings, id, title, category), index)


def _refuse_id(paper: Paper, id: str) -> None:
    good = as_id(id)[:_LONGEST].strip("-")
    if id != good:
        raise StartError(f"'{id}' is no id; " + (f"write '{good}'" if good else "write letters from a to z and dashes"))
    for there in paper.chapters:
        if there.id == id:
            raise StartError(f"'{id}' is there already: {there.path}")


def _known_category(paper: Paper, category: str) -> str:
    settings = paper.settings
    known = [c.id for c in settings.categories] + [k for k in settings.kinds if k != "category"]
    if category not in known:
        raise StartError(f"'{category}' is no {settings.category_key} of this paper; {nearest(category, known)}")
    for there in paper.chapters:
        if there.front.category == category and category in {c.id for c in settings.categories}:
            raise StartError(f"the {settings.category_key} '{category}' has its chapter: {there.path}")
    return category


def _next_category(paper: Paper, id: str) -> str:
    """The category that the id names, `cross-cutting`, or the first category without a chapter."""
    settings, taken = paper.settings, {c.front.category for c in paper.chapters}
    free = [c.id for c in settings.categories if c.id not in taken]
    for category in (id if id in free else "", CROSS_CUTTING if CROSS_CUTTING in settings.kinds else "", *free):
        if category:
            return category
    kinds = ", ".join(k for k in settings.kinds if k != "category") or "none"
    raise StartError(f"every {settings.category_key} has its chapter; give --category (kinds are: {kinds})")


def _part(settings: Settings, asked: str) -> int:
    parts = settings.parts
    if not asked:
        return max((i for i, p in enumerate(parts) if p.matter == "main"), default=len(parts) - 1)
    if asked.isdecimal() and 1 <= int(asked) <= len(parts):
        return int(asked) - 1
    titles = {(p.title or "").casefold(): i for i, p in enumerate(parts)}
    if asked.casefold() in titles:
        return titles[asked.casefold()]
    hint = nearest(asked, (p.title for p in parts if p.title))
    raise StartError(f"'{asked}' is no part; give its title, or a number from 1 to {len(parts)}; {hint}".rstrip("; "))


def _text(settings: Settings, id: str, title: str, category: str) -> str:
    front = [
        f"id: {scalar(id)}",
        f"title: {scalar(title)}",
        f"{settings.category_key}: {scalar(category)}",
        f"status: {scalar(settings.statuses[0].id)}",
        "contributors:",
        "  # - {id: …, role: lead}   with an id from contributors.yaml",
        "summary:   # one sentence, at most 300 characters",
    ]
    return "\n".join(["---", *front, "---", *_sections(settings, category)]) + "\n"


def _sections(settings: Settings, category: str) -> Iterator[str]:
    """Headings, each with a comment, which no output prints and no count of words sees."""
    kind = settings.kind(category)
    extra = next((c.headings for c in settings.categories if c.id == category), ())
    if not kind.sections and not extra:
        yield from ("", _comment(_NO_SECTIONS))
    for title in kind.sections:
        yield from ("", f"## {title}", "", _comment(kind.guide.get(title, _NO_GUIDE)))
    for heading in extra:
        yield from ("", f"### {heading}", "", _comment(f"{kind.guide.get(heading, _NO_GUIDE)} {_MOVE}"))


def _comment(text: str) -> str:
    return f"<!-- {text.replace('--', '–')} -->"


def redated(text: str, timeline: Timeline, today: date) -> str:
    """A text of the starter with the dates of a paper that starts today: those of the plan, and others as far ahead."""
    assert timeline.start
    plan, ahead = _plan(timeline, today), today - timeline.start

    def change(found: re.Match[str]) -> str:
        day = date.fromisoformat(found[0])
        return (plan.get(day) or day + ahead).isoformat()

    return re.sub(r"\b\d{4}-\d{2}-\d{2}\b", change, text)


def _plan(timeline: Timeline, today: date) -> dict[date, date]:
    """New dates for the start, the deadline and the gates, planned back from the deadline, by the old ones."""
    assert timeline.start
    assert timeline.period
    assert timeline.deadline
    days, deadline = Workdays.of(timeline), add_months(today, timeline.period.months)
    plan, due = {timeline.start: today, timeline.deadline: deadline}, deadline
    for gate in reversed(timeline.gates):
        # The first gate is planned from the start: how many working days lie between them depends on the month.
        due = days.on_or_after(today) if gate is timeline.gates[0] else days.add(due, -gate.days)
        plan[gate.due] = due
    return plan
