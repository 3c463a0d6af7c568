"""Health, slip and projected finish of a chapter.

Gates are planned back from the deadline, so to be past a gate is to miss the deadline at planned pace: a chapter that
is n working days late for its gate is ready n working days after the deadline.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from nioc_paper.domain.approvals import approval_statuses
from nioc_paper.domain.schedule import Plan
from nioc_paper.model import BLOCKING_KINDS, Chapter, ChapterProgress, Health, Status, format_count, long_date
from nioc_paper.wording.progress_text import format_slip

SOON_WORKDAYS: Final = 5
"""Working days before a gate from which a chapter is due and its clearances must be requested."""
IDLE_WORKDAYS: Final = 10
"""Working days without a commit after which a chapter is at risk."""


def measure_chapter(plan: Plan, chapter: Chapter) -> ChapterProgress:
    """Measure a chapter on the day of the plan."""
    schedule, name = plan.schedule, chapter.front.status
    done = schedule.is_done(name)
    dates = None if done else _status_dates(plan, chapter)
    finish = schedule.projected_finish(chapter, dates.slip if dates else None, plan.today)
    risks = () if done else tuple(_find_risks(plan, chapter))
    signatures = [
        f"by {plan.paper.display_name(status.approval.who)}, {long_date(status.approval.on)}"
        + (f": {status.state}, {status.reason}" if status.reason else "")
        for status in approval_statuses(plan.paper, chapter.id)
    ]
    health, reason = (Health.DONE, "") if done else _assess_health(plan, dates, finish, risks)
    return ChapterProgress(
        id=chapter.id,
        title=chapter.front.title or chapter.id or chapter.path,
        path=chapter.path,
        status=next((s for s in plan.paper.settings.statuses if s.id == name), Status(id=name, title=name)),
        gate=None if done else schedule.next_gate(chapter, name),
        gate_day=dates and dates.gate_day,
        due=dates and dates.due,
        slip=dates and dates.slip,
        due_slip=dates and dates.due_slip,
        finish=finish,
        health=health,
        reason=reason,
        risks=risks,
        words=chapter.words,
        target=plan.paper.required_words(chapter).target,
        leads=tuple(plan.find_party(lead) for lead in chapter.leads),
        sensitivity=chapter.front.sensitivity,
        open_comments=sum(len(r.open_points) for r in plan.paper.reviews if r.chapter == chapter.id),
        holding=sum(comment.is_blocking for comment in plan.paper.comments(chapter.id)),
        approval="; ".join(signatures),
    )


class _StatusDates(NamedTuple):
    """Days by which a chapter must and should leave its status, each with the working days that today is past it."""

    gate_day: date
    slip: int
    due: date
    due_slip: int


def _status_dates(plan: Plan, chapter: Chapter) -> _StatusDates | None:
    """Return the days of the status that a chapter is in; None without any."""
    status = chapter.front.status
    gate_day, due = plan.schedule.gate_day(chapter, status), plan.schedule.due_date(chapter, status)
    slip, due_slip = plan.slip(gate_day), plan.slip(due)
    if gate_day is None or due is None or slip is None or due_slip is None:
        return None
    return _StatusDates(gate_day, slip, due, due_slip)


def _assess_health(
    plan: Plan, dates: _StatusDates | None, finish: date | None, risks: tuple[str, ...]
) -> tuple[Health, str]:
    """Return the health, and the reason for it in words."""
    if dates is None:
        return Health.AT_RISK, "; ".join(("no date is set", *risks))
    if dates.slip > 0:
        late = format_slip(dates.slip, dates.gate_day, plan.today)
        name = "" if dates.due == dates.gate_day else f" for the gate of {long_date(dates.gate_day)}"
        ready = f"; ready {long_date(finish)}" if finish else ""
        return Health.LATE, "late" if plan.schedule.sample_day(plan.today) else f"{late}{name}{ready}"
    soon = max(dates.slip, dates.due_slip) >= -SOON_WORKDAYS
    time_left = _describe_time_left(dates, plan.today)
    if risks:
        return Health.AT_RISK, "; ".join((*risks, time_left) if soon else risks)
    return (Health.DUE if soon else Health.ON_TRACK), time_left


def _describe_time_left(dates: _StatusDates, today: date) -> str:
    """Return the time left to the gate, and to the chapter's own date if it has one."""
    if dates.due == dates.gate_day:
        return format_slip(dates.slip, dates.gate_day, today)
    own_date = _describe_distance("its own date", dates.due, dates.due_slip, today)
    return f"{own_date}, {_describe_distance('the gate', dates.gate_day, dates.slip, today)}"


def _describe_distance(name: str, day: date, slip: int, today: date) -> str:
    days = format_count(abs(slip), "working day")
    if slip > 0:
        return f"{name} is missed by {days}"
    return f"{name} is today" if day == today else f"{days} left to {name}"


# --- risks ------------------------------------------------------------------------------------------------------------


def _find_risks(plan: Plan, chapter: Chapter) -> Iterator[str]:
    """Yield what may keep a chapter from its gate, in words."""
    if chapter.front.blocked:
        yield f"blocked: {chapter.front.blocked}"
    if not chapter.leads:
        yield "no lead"
    for person in filter(None, map(plan.paper.people.get, chapter.leads)):
        if person.permission.state in ("pending", "refused"):
            yield f"permission for {person.name} {person.permission.state}"
    yield from _clearance_risks(plan, chapter)
    yield from _word_count_risk(plan, chapter)
    for kind in BLOCKING_KINDS if _is_near(plan, chapter, chapter.front.status) else ():
        if open_ := sum(c.is_blocking and c.kind == kind for c in plan.paper.comments(chapter.id)):
            yield f"{format_count(open_, f'{kind} comment')} not answered"
    changed = plan.history.last_changes.get(chapter.path)  # without git nothing is known
    idle = plan.schedule.days.between(changed, plan.today) if changed else 0
    if idle >= IDLE_WORKDAYS:
        yield f"no change for {format_count(idle, 'working day')}"


def _clearance_risks(plan: Plan, chapter: Chapter) -> Iterator[str]:
    """Yield the clearances that are refused, or not requested although their gate is near."""
    clearing = [s.id for s in plan.paper.settings.statuses if s.owes == "clearances"]
    near = any(_is_near(plan, chapter, status) for status in clearing)
    for clearance in chapter.front.clearances:
        body = plan.paper.display_name(clearance.body)
        if clearance.state == "refused":
            yield f"clearance refused by {body}"
        elif clearance.state == "needed" and near:
            yield f"clearance not yet requested from {body}"


def _is_near(plan: Plan, chapter: Chapter, status: str) -> bool:
    """Whether the day to leave a status, the chapter's own or the gate's, is within a week or past."""
    days = (plan.schedule.due_date(chapter, status), plan.schedule.gate_day(chapter, status))
    return any(slip is not None and slip >= -SOON_WORKDAYS for slip in map(plan.slip, days))


def _word_count_risk(plan: Plan, chapter: Chapter) -> Iterator[str]:
    """Yield a risk if a draft has less than half its words when three fifths of its time are gone."""
    status, target = chapter.front.status, plan.paper.required_words(chapter).target
    gate_day, opened = plan.schedule.gate_day(chapter, status), plan.schedule.stage_start(status)
    # The lead is writing: the first status of a lead is an outline, unless it is the only one.
    writing = [s.id for s in plan.paper.settings.statuses if s.owes == "lead"]
    if gate_day and opened and target and chapter.words * 2 < target and (status in (writing[1:] or writing)):
        days = plan.schedule.days
        planned_days, elapsed_days = days.between(opened, gate_day), days.between(opened, plan.today)
        if 0 < planned_days * 3 <= elapsed_days * 5:
            share = min(100, elapsed_days * 100 // planned_days)
            yield f"{format_count(chapter.words, 'word')} of {target:,} with {share} % of the time is over"
