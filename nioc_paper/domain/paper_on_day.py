"""Records of a paper that were known on a day: a status for a past day shows nothing that came later. Pure.

Records without a date count as known. The text of the chapters and their statuses have no dates of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import TypeVar

from msgspec.structs import replace

from nioc_paper.domain.agreements import known_consultations
from nioc_paper.model import Chapter, Clearance, Paper, Person, ReviewPoint, Reviews

_Point = TypeVar("_Point", bound=ReviewPoint)


def known_on(paper: Paper, day: date) -> Paper:
    """Return the paper without sign-offs, decisions, sendings, comments, answers and permissions after a day."""
    people = tuple(_person_on(person, day) for person in paper.contributors.people)
    return replace(
        paper,
        chapters=tuple(_chapter_on(chapter, day) for chapter in paper.chapters),
        contributors=paper.contributors.replace(people=people),
        reviews=tuple(_reviews_on(ledger, day) for ledger in paper.reviews),
        approvals_file=paper.approvals_file.replace(approvals=tuple(a for a in paper.approvals if a.on <= day)),
        consultations_file=known_consultations(paper.consultations_file, day),
        decisions_file=paper.decisions_file.replace(decisions=tuple(d for d in paper.decisions if d.on <= day)),
    )


def _is_later(on: date | None, day: date) -> bool:
    return on is not None and on > day


def _reviews_on(ledger: Reviews, day: date) -> Reviews:
    unreturned: set[str | None] = {s.id for s in ledger.sendings if s.on > day or _is_later(s.returned, day)}
    known = (s for s in ledger.sendings if s.on <= day)
    return ledger.replace(
        sendings=tuple(s.replace(returned=None, files=()) if _is_later(s.returned, day) else s for s in known),
        comments=_points_on(ledger.comments, unreturned, day),
        unmerged=_points_on(ledger.unmerged, unreturned, day),
    )


def _points_on(points: Iterable[_Point], unreturned: Collection[str | None], day: date) -> tuple[_Point, ...]:
    """Return the points that had come back, without later answers."""
    known = (r for r in points if not _is_later(r.on, day) and r.sending not in unreturned)
    return tuple(r.replace(answer=None) if r.answer and _is_later(r.answer.on, day) else r for r in known)


def _chapter_on(chapter: Chapter, day: date) -> Chapter:
    if not any(_is_later(clearance.on, day) for clearance in chapter.front.clearances):
        return chapter
    clearances = tuple(_clearance_on(clearance, day) for clearance in chapter.front.clearances)
    return replace(chapter, front=chapter.front.replace(clearances=clearances))


def _clearance_on(clearance: Clearance, day: date) -> Clearance:
    """Return a clearance without a later state: a later answer leaves the request, whose day is unknown."""
    if not _is_later(clearance.on, day):
        return clearance
    return clearance.replace(state="needed" if clearance.state == "requested" else "requested", on=None)


def _person_on(person: Person, day: date) -> Person:
    permission = person.permission
    if permission.state != "granted" or not _is_later(permission.granted, day):
        return person
    return person.replace(permission=permission.replace(state="pending", granted=None))
