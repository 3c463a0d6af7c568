"""Collect obligations: from the status of each chapter, pending permissions, and open decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from nioc_paper.domain.agreements import waiting_requests
from nioc_paper.domain.schedule import Plan
from nioc_paper.model import OFFERS, Chapter, ChapterProgress, Decision, Health, Obligation, Paper, Party, Person
from nioc_paper.wording import format_date
from nioc_paper.wording.progress_text import count_of

MeasuredChapters = Sequence[tuple[Chapter, ChapterProgress]]
Tasks = Iterator[tuple[Party, str, str]]
"""Party, task, kind."""


def collect_obligations(plan: Plan, measured: Sequence[ChapterProgress]) -> tuple[Obligation, ...]:
    """Return all obligations, earliest first, undated last. `measured` are the paper's chapters, in order."""
    unfinished = [(c, m) for c, m in zip(plan.paper.chapters, measured, strict=True) if m.health is not Health.DONE]
    obligations = (
        *_chapter_obligations(plan, unfinished),
        *_sending_obligations(plan, unfinished),
        *_comment_obligations(plan, unfinished),
        *_permission_obligations(plan, unfinished),
        *_consultation_obligations(plan),
        *_decision_obligations(plan),
    )
    return tuple(sorted(obligations, key=lambda o: o.by or date.max))


# --- chapters ---------------------------------------------------------------------------------------------------------


def _chapter_obligations(plan: Plan, unfinished: MeasuredChapters) -> Iterator[Obligation]:
    for chapter, measured in unfinished:
        if not chapter.leads:
            yield Obligation(
                plan.editor, plan.words["task_lead"], measured.due, measured.due_slip, "chapter", measured.id
            )
        for who, task, kind in _status_tasks(plan, chapter, measured):
            yield Obligation(who, task, measured.due, measured.due_slip, kind, measured.id)


def _status_tasks(plan: Plan, chapter: Chapter, measured: ChapterProgress) -> Tasks:
    """Yield what the status of a chapter asks for, by whom it `owes`."""
    title = measured.gate.title if measured.gate else measured.status.title
    match measured.status.owes:
        case "lead":
            yield from ((plan.find_party(lead), title, "chapter") for lead in chapter.leads)
        case "reviewers":
            yield from _reviewer_tasks(plan, chapter, measured)
        case "clearances":
            ungranted = [c for c in chapter.front.clearances if c.state != "granted"]
            for clearance in ungranted:
                day = "" if clearance.state == "needed" else format_date(clearance.on, plan.words)
                state = f"{plan.words[f'clearance_{clearance.state}']} {day}".rstrip()
                task = plan.words["task_clearance"].format(plan.paper.display_name(clearance.body), state)
                yield plan.find_party(clearance.contact or clearance.body), task, "clearance"
            if not ungranted:
                yield plan.editor, plan.words["task_cleared"].format(measured.status.title), "chapter"
        case "editor":
            yield plan.editor, title, "chapter"


def _reviewer_tasks(plan: Plan, chapter: Chapter, measured: ChapterProgress) -> Tasks:
    """Yield comments owed by reviewers who got no Word file and said nothing; then it is the editor's turn.

    A file received in an earlier review is no answer in this one.
    """
    statuses = plan.paper.settings.statuses[: plan.paper.settings.rank(measured.status.id)]
    earlier = [status.id for status in statuses if status.owes == "reviewers"]
    reviewers = chapter.people_in_role("reviewer")
    ledgers = [r for r in plan.paper.reviews if r.chapter == chapter.id]
    asked_or_heard = [*dict.fromkeys(name for ledger in ledgers for name in ledger.reviewers_but(earlier))]
    # A reviewer who has the Word file owes that file, by its own date.
    silent = [r for r in reviewers if not any(_is_called(plan.paper, r, name) for name in asked_or_heard)]
    for reviewer in silent:
        yield plan.find_party(reviewer), plan.words["task_comments"].format(measured.status.title), "chapter"
    if not reviewers and not asked_or_heard:
        yield plan.editor, plan.words["task_reviewers"].format(measured.status.title), "chapter"
    elif not silent and not any(ledger.outstanding or ledger.open_points for ledger in ledgers):
        yield plan.editor, plan.words["task_reviewed"].format(measured.status.title), "chapter"


def _is_called(paper: Paper, person_id: str, name: str) -> bool:
    """Whether a name in a ledger, an id or a name as Word has it, is that of a person."""
    person = paper.people.get(person_id)
    known_names = (person.name, *person.aka) if person and name not in paper.people else ()
    return name == person_id or name in known_names


# --- files that were sent out -----------------------------------------------------------------------------------------


def _sending_obligations(plan: Plan, unfinished: MeasuredChapters) -> Iterator[Obligation]:
    """Yield the Word files that have not come back."""
    for chapter, measured in unfinished:
        for sending in (s for r in plan.paper.reviews if r.chapter == chapter.id for s in r.outstanding):
            task = plan.words["task_word_file"].format(format_date(sending.on, plan.words))
            yield Obligation(
                plan.find_party(sending.to), task, sending.due, plan.slip(sending.due), "review", measured.id
            )


def _comment_obligations(plan: Plan, unfinished: MeasuredChapters) -> Iterator[Obligation]:
    """Yield the unanswered comments, and the changes to be merged by hand."""
    for chapter, measured in unfinished:
        open_ = sum(len(r.open_points) for r in plan.paper.reviews if r.chapter == chapter.id)
        task = plan.words["task_answer"].format(count_of("comments", open_, plan.words))
        for who in [plan.find_party(lead) for lead in chapter.leads] or [plan.editor] if open_ else ():
            yield Obligation(who, task, measured.due, measured.due_slip, "comments", measured.id)


# --- permissions and decisions ----------------------------------------------------------------------------------------


def _permission_obligations(plan: Plan, unfinished: MeasuredChapters) -> Iterator[Obligation]:
    """Yield pending permissions of departments, each by the first date that needs it."""
    taking_part = {c.id for chapter in plan.paper.chapters for c in chapter.front.contributors}
    for person in plan.paper.people.values():
        waiting_chapters = [m for chapter, m in unfinished if person.id in {c.id for c in chapter.front.contributors}]
        if person.permission.state == "pending" and (waiting_chapters or person.id not in taking_part):
            first = min(waiting_chapters, key=lambda m: m.due or date.max, default=None)
            by, chapter_id = (first.due, first.id) if first else (None, None)
            task = plan.words["task_permission"].format(person.name)
            yield Obligation(_permission_giver(plan, person), task, by, plan.slip(by), "permission", chapter_id)


def _permission_giver(plan: Plan, person: Person) -> Party:
    """Return the party that was asked for the permission, or the head of the person's department."""
    giver = plan.find_party(person.permission.from_ or plan.words["head_of_department"])
    if giver.id or not person.org:
        return giver
    return Party(None, f"{giver.name}{plan.words['comma']} {plan.paper.display_name(person.org)}")


def _consultation_obligations(plan: Plan) -> Iterator[Obligation]:
    """Yield the forms that bodies have not answered."""
    for request in waiting_requests(plan.paper):
        task = plan.words["task_consultation"].format(format_date(request.on, plan.words))
        days, party = plan.slip(request.on) or 0, plan.find_party(request.body)
        number = sum(days >= after for after in plan.paper.settings.consultation.reminders)
        yield Obligation(party, task, request.due, plan.slip(request.due), "consultation", reminder=number)


def _decision_obligations(plan: Plan) -> Iterator[Obligation]:
    """Yield the open decisions of meetings."""
    ids = {c.id for c in plan.paper.chapters}
    for decision in plan.paper.decisions:
        if decision.state == "open":
            chapter_id = decision.link if decision.link in ids else None
            for who, task in _decision_tasks(plan, decision):
                yield Obligation(who, task, decision.due, plan.slip(decision.due), decision.kind, chapter_id)


def _decision_tasks(plan: Plan, decision: Decision) -> Iterator[tuple[Party, str]]:
    """Yield party and task. Offers and announcements are owed by their makers, proposals of policy by nobody.

    Without an owner, decisions and requests are the editor's.
    """
    if decision.owner:
        yield plan.find_party(decision.owner), decision.text
    elif decision.kind in OFFERS and decision.who:
        yield from ((plan.find_party(name), decision.text) for name in dict.fromkeys(decision.who))
    elif decision.kind == "scope":
        yield plan.editor, decision.text
    elif decision.kind != "proposal":
        yield plan.editor, plan.words["task_owner"].format(decision.text)
