"""Who owes what by when: from the status of each chapter, pending permissions, and what meetings left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from nioc_paper.model import (
    Chapter,
    ChapterProgress,
    Clearance,
    Decision,
    Health,
    Owed,
    Person,
    Sending,
    Who,
    count,
    long_date,
)
from nioc_paper.progress.plan import Plan

Pairs = Sequence[tuple[Chapter, ChapterProgress]]
Debts = Iterator[tuple[Who, str, str]]
"""Who, what, and the kind of it."""


def owes(plan: Plan, measured: Sequence[ChapterProgress]) -> tuple[Owed, ...]:
    """Everything owed, the earliest first, what has no date last; `measured` are the paper's chapters, in order."""
    pairs = zip(plan.paper.chapters, measured, strict=True)
    unfinished = [(c, m) for c, m in pairs if m.health is not Health.DONE]
    found = (
        *_chapters(plan, unfinished),
        *_sendings(plan, unfinished),
        *_comments(plan, unfinished),
        *_permissions(plan, unfinished),
        *_decisions(plan),
    )
    return tuple(sorted(found, key=lambda o: o.by or date.max))


# --- chapters ---------------------------------------------------------------------------------------------------------


def _chapters(plan: Plan, unfinished: Pairs) -> Iterator[Owed]:
    for chapter, measured in unfinished:
        if not chapter.leads:
            yield Owed(plan.editor, "find a lead", measured.due, measured.slip, "chapter", measured.id)
        for who, what, kind in OWES[measured.status.owes](plan, chapter, measured):
            yield Owed(who, what, measured.due, measured.slip, kind, measured.id)


def _lead(plan: Plan, chapter: Chapter, measured: ChapterProgress) -> Debts:
    for lead in chapter.leads:
        yield plan.who(lead), _task(measured), "chapter"


def _reviewers(plan: Plan, chapter: Chapter, measured: ChapterProgress) -> Debts:
    reviewers = [c.id for c in chapter.front.contributors if c.role == "reviewer"]
    # Who has the chapter in Word owes that file, by its own date.
    for reviewer in (r for r in reviewers if r not in {s.to for s in _out(plan, chapter)}):
        yield plan.who(reviewer), f"comments ({measured.status.title})", "chapter"
    if not reviewers:
        yield plan.editor, f"find reviewers ({measured.status.title})", "chapter"


def _clearances(plan: Plan, chapter: Chapter, measured: ChapterProgress) -> Debts:
    waiting = [c for c in chapter.front.clearances if c.state != "granted"]
    for clearance in waiting:
        what = f"clearance by {plan.paper.name(clearance.body)}, {_asked(clearance)}"
        yield plan.who(clearance.contact or clearance.body), what, "clearance"
    if not waiting:
        yield plan.editor, f"move it on: no clearance is open ({measured.status.title})", "chapter"


def _asked(clearance: Clearance) -> str:
    if clearance.state == "needed":
        return "not yet requested"
    return f"{clearance.state} {long_date(clearance.on)}" if clearance.on else clearance.state


def _editor(plan: Plan, _chapter: Chapter, measured: ChapterProgress) -> Debts:
    yield plan.editor, _task(measured), "chapter"


def _nobody(_plan: Plan, _chapter: Chapter, _measured: ChapterProgress) -> Debts:
    yield from ()


def _task(measured: ChapterProgress) -> str:
    """What ends the stage: the gate as the timeline calls it."""
    return measured.gate.title if measured.gate else measured.status.title


OWES: Final[Mapping[str, Callable[[Plan, Chapter, ChapterProgress], Debts]]] = MappingProxyType(
    {"lead": _lead, "reviewers": _reviewers, "clearances": _clearances, "editor": _editor, "nobody": _nobody}
)
"""By who holds the ball while a chapter has a status."""


# --- files that were sent out -----------------------------------------------------------------------------------------


def _sendings(plan: Plan, unfinished: Pairs) -> Iterator[Owed]:
    """The Word files that have not come back."""
    for chapter, measured in unfinished:
        for sending in _out(plan, chapter):
            what = f"comments in the Word file of {long_date(sending.on)}"
            yield Owed(plan.who(sending.to), what, sending.due, plan.slip(sending.due), "review", measured.id)


def _out(plan: Plan, chapter: Chapter) -> list[Sending]:
    """The sendings of a chapter that nobody has answered yet."""
    records = [r for r in plan.paper.reviews if r.chapter == chapter.id]
    return [sending for record in records for sending in record.waiting]


def _comments(plan: Plan, unfinished: Pairs) -> Iterator[Owed]:
    """Comments, and changes to be worked in by hand, that nobody has answered."""
    for chapter, measured in unfinished:
        open_ = sum(len(r.open) for r in plan.paper.reviews if r.chapter == chapter.id)
        what = f"answer {count(open_, 'comment')}"
        for who in [plan.who(lead) for lead in chapter.leads] or [plan.editor] if open_ else ():
            yield Owed(who, what, measured.due, measured.slip, "comments", measured.id)


# --- permissions and decisions ----------------------------------------------------------------------------------------


def _permissions(plan: Plan, unfinished: Pairs) -> Iterator[Owed]:
    """The leave of a department for everybody who waits for it, by the first date that needs it."""
    taking_part = {c.id for chapter in plan.paper.chapters for c in chapter.front.contributors}
    for person in plan.paper.people.values():
        needed = [m for chapter, m in unfinished if person.id in {c.id for c in chapter.front.contributors}]
        if person.permission.state == "pending" and (needed or person.id not in taking_part):
            first = min(needed, key=lambda m: m.due or date.max, default=None)
            by, chapter_id = (first.due, first.id) if first else (None, None)
            what = f"permission for {person.name} to contribute"
            yield Owed(_head(plan, person), what, by, plan.slip(by), "permission", chapter_id)


def _head(plan: Plan, person: Person) -> Who:
    """Whom the permission was asked of, or the head of the person's department."""
    asked = plan.who(person.permission.from_ or "head of department")
    return asked if asked.id or not person.org else Who(None, f"{asked.name}, {plan.paper.name(person.org)}")


def _decisions(plan: Plan) -> Iterator[Owed]:
    """What meetings left open."""
    ids = {c.id for c in plan.paper.chapters}
    for decision in plan.paper.decisions:
        if decision.state == "open":
            chapter_id = decision.link if decision.link in ids else None
            for who, what in _owners(plan, decision):
                yield Owed(who, what, decision.due, plan.slip(decision.due), decision.kind, chapter_id)


def _owners(plan: Plan, decision: Decision) -> Iterator[tuple[Who, str]]:
    """Who must act, and how. Of those a record names, only who offered something owes it; the rest is the editor's."""
    if decision.owner:
        yield plan.who(decision.owner), decision.text
    elif decision.kind == "offer" and decision.who:
        yield from ((plan.who(name), decision.text) for name in dict.fromkeys(decision.who))
    elif decision.kind == "scope":
        yield plan.editor, decision.text
    else:
        yield plan.editor, f"find an owner: {decision.text}"
