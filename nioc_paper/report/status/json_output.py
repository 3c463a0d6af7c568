"""Format progress as JSON."""

from __future__ import annotations

from json import dumps

from msgspec.structs import asdict

from nioc_paper.model import ChapterProgress, Progress
from nioc_paper.report.status.view import WHOLE_PAPER, View, status_headline


def format_json(progress: Progress, view: View = WHOLE_PAPER) -> str:
    """Progress for programs: one shape always, null where nothing is known, dates in ISO 8601, days are working days.

    `title today start deadline days_left` (calendar days) `workdays_left slack` (days until the first chapter is late,
    or minus those by which the latest one is) `health finish worst` (id of a chapter) `headline words target by_health`
    `by_status missing errors` (by status, those that wait for the chapters there), and three lists:

    - `chapters`: `id title path status gate gate_day slip` (days past `gate_day`) `due due_slip` (days past `due`)
      `finish health reason risks words target leads sensitivity open_comments holding approval`; `gate` is an id,
      `leads` a list of `{id, name}`, `id` null for somebody who is not in contributors.yaml;
    - `owes`: `who` (`{id, name}`) `what by slip` (days past `by`) `kind chapter`;
    - `upcoming`: `id title on`.

    For one chapter, `chapters` and `owes` hold only that one and what is owed for it. Keys may be added, never renamed.
    """
    chapters = [view.chapter] if view.chapter else progress.chapters
    out = {
        "title": progress.title,
        "today": progress.today,
        "start": progress.start,
        "deadline": progress.deadline,
        "days_left": progress.days_left,
        "workdays_left": progress.workdays_left,
        "slack": progress.slack,
        "health": progress.health,
        "finish": progress.finish,
        "worst": progress.worst.id if progress.worst else None,
        "headline": status_headline(progress),
        "words": progress.words,
        "target": progress.target,
        "by_health": dict(progress.by_health),
        "by_status": dict(progress.by_status),
        "missing": progress.missing,
        "errors": {status.id: count for status, count in view.wait_for_errors()},
        "chapters": [_chapter_values(c) for c in chapters],
        "owes": [asdict(o) | {"who": asdict(o.who)} for o in view.shown_obligations(progress)],
        "upcoming": [asdict(u) for u in progress.upcoming],
    }
    return dumps(out, indent=2, default=str) + "\n"


def _chapter_values(chapter: ChapterProgress) -> dict[str, object]:
    return asdict(chapter) | {
        "status": chapter.status.id,
        "gate": chapter.gate.id if chapter.gate else None,
        "leads": [asdict(who) for who in chapter.leads],
    }
