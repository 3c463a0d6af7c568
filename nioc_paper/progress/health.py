"""Health, slip and projected finish of a chapter.

Gates are planned back from the deadline, so to be past a gate is to miss the deadline at planned pace: a chapter that
is n working days late for its gate is ready n working days after the deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from nioc_paper.domain.approvals import ApprovalStatus, approval_statuses
from nioc_paper.model import BLOCKING_KINDS, Chapter, ChapterProgress, Health, format_count, long_date
from nioc_paper.progress.plan import Plan

SOON_WORKDAYS: Final = 5
"""Working days before a gate from which a chapter is due and its clearances must be requested."""
IDLE_WORKDAYS: Final = 10
"""Working days without a commit after which a chapter is at risk."""


def measure_chapter(plan: Plan, chapter: Chapter) -> ChapterProgress:
    """Measure a chapter on the day of the plan."""
    status = chapter.front.status
    done = plan.is_done(status)
    due = None if done else plan.due_date(chapter, status)
    slip = plan.slip(due)
    finish = _projected_finish(plan, slip)
    risks = () if done else tuple(text for risk in RISKS for text in risk(plan, chapter))
    health, reason = (Health.DONE, "") if done else _assess_health(slip, finish, risks)
    return ChapterProgress(
        id=chapter.id,
        title=chapter.front.title or chapter.id or chapter.path,
        path=chapter.path,
        status=plan.find_status(status),
        gate=None if done else plan.next_gate(status),
        due=due,
        slip=slip,
        finish=finish,
        health=health,
        reason=reason,
        risks=risks,
        words=chapter.words,
        target=plan.target_words(chapter),
        leads=tuple(plan.as_who(lead) for lead in chapter.leads),
        sensitivity=chapter.front.sensitivity,
        open_comments=sum(len(r.open_remarks) for r in plan.paper.reviews if r.chapter == chapter.id),
        holding=sum(comment.is_blocking for comment in plan.paper.comments(chapter.id)),
        approval="; ".join(
            _approval_text(plan, approval_status) for approval_status in approval_statuses(plan.paper, chapter.id)
        ),
    )


def _approval_text(plan: Plan, approval_status: ApprovalStatus) -> str:
    """Return signer and date of a sign-off, and why it is void if it is."""
    approval = approval_status.approval
    signature = f"by {plan.paper.display_name(approval.who)}, {long_date(approval.on)}"
    return f"{signature}: {approval_status.state}, {approval_status.reason}" if approval_status.reason else signature


def _projected_finish(plan: Plan, slip: int | None) -> date | None:
    deadline = plan.paper.timeline.deadline
    return plan.days.add(deadline, slip) if deadline and slip and slip > 0 else deadline


def _assess_health(slip: int | None, finish: date | None, risks: tuple[str, ...]) -> tuple[Health, str]:
    """Return the health, and the reason for it in words."""
    if slip is None:
        return Health.AT_RISK, "; ".join(("no date is set", *risks))
    if slip > 0:
        ready = f"; at planned pace ready {long_date(finish)}" if finish else ""
        return Health.LATE, f"late {format_count(slip, 'working day')}{ready}"
    due = f"due in {format_count(-slip, 'working day')}" if slip else "due today"
    soon = slip >= -SOON_WORKDAYS
    if risks:
        return Health.AT_RISK, "; ".join((*risks, due) if soon else risks)
    return (Health.DUE if soon else Health.ON_TRACK), due


# --- risks: each yields what it finds, in words -----------------------------------------------------------------------


def _blocked_risk(_plan: Plan, chapter: Chapter) -> Iterator[str]:
    """Yield the chapter's blocker."""
    if chapter.front.blocked:
        yield f"blocked: {chapter.front.blocked}"


def _lead_risk(_plan: Plan, chapter: Chapter) -> Iterator[str]:
    """Yield a risk if nobody leads the chapter."""
    if not chapter.leads:
        yield "no lead"


def _permission_risk(plan: Plan, chapter: Chapter) -> Iterator[str]:
    """Yield the leads whose permission to write is pending or refused."""
    for lead in chapter.leads:
        person = plan.paper.people.get(lead)
        if person and person.permission.state in ("pending", "refused"):
            yield f"permission for {person.name} {person.permission.state}"


def _clearance_risk(plan: Plan, chapter: Chapter) -> Iterator[str]:
    """Yield the clearances that are refused, or not requested although their gate is near."""
    near = _is_clearance_near(plan, chapter)
    for clearance in chapter.front.clearances:
        body = plan.paper.display_name(clearance.body)
        if clearance.state == "refused":
            yield f"clearance refused by {body}"
        elif clearance.state == "needed" and near:
            yield f"clearance not yet requested from {body}"


def _is_clearance_near(plan: Plan, chapter: Chapter) -> bool:
    stages = [s.id for s in plan.paper.settings.statuses if s.owes == "clearances"]
    slips = [plan.slip(plan.due_date(chapter, stage)) for stage in stages]
    return any(slip is not None and slip >= -SOON_WORKDAYS for slip in slips)


def _word_count_risk(plan: Plan, chapter: Chapter) -> Iterator[str]:
    """Yield a risk if a draft has less than half its words when three fifths of its time are gone."""
    status, target = chapter.front.status, plan.target_words(chapter)
    due, opened = plan.due_date(chapter, status), plan.stage_start(status)
    if due and opened and target and chapter.words * 2 < target and _is_draft(plan, status):
        planned_days, elapsed_days = plan.days.between(opened, due), plan.days.between(opened, plan.today)
        if 0 < planned_days * 3 <= elapsed_days * 5:
            share = min(100, elapsed_days * 100 // planned_days)
            yield f"{format_count(chapter.words, 'word')} of {target:,} with {share} % of the time gone"


def _is_draft(plan: Plan, status: str) -> bool:
    """Whether the lead is writing. The first stage of a lead is an outline, unless it is the only one."""
    writing = [s.id for s in plan.paper.settings.statuses if s.owes == "lead"]
    return status in (writing[1:] or writing)


def _comment_risk(plan: Plan, chapter: Chapter) -> Iterator[str]:
    """Yield the unanswered comments that keep the chapter from its gate."""
    for kind in BLOCKING_KINDS:
        if open_ := sum(c.is_blocking and c.kind == kind for c in plan.paper.comments(chapter.id)):
            yield f"{format_count(open_, f'{kind} comment')} not answered"


def _idle_risk(plan: Plan, chapter: Chapter) -> Iterator[str]:
    """Yield a risk if nobody has committed the file for a long time; without git nothing is known."""
    changed = plan.history.last_changes.get(chapter.path)
    idle = plan.days.between(changed, plan.today) if changed else 0
    if idle >= IDLE_WORKDAYS:
        yield f"no change for {format_count(idle, 'working day')}"


RISKS: Final[tuple[Callable[[Plan, Chapter], Iterator[str]], ...]] = (
    _blocked_risk,
    _lead_risk,
    _permission_risk,
    _clearance_risk,
    _word_count_risk,
    _comment_risk,
    _idle_risk,
)
