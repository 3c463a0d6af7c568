"""Dates of a new paper: those of the starter, moved to its start, or planned back from its deadline. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta

from nioc_paper.domain.workdays import Workdays, add_months
from nioc_paper.edit.scaffold import ScaffoldError
from nioc_paper.model import Timeline, format_count


def shift_dates(text: str, timeline: Timeline, today: date) -> str:
    """Return a text of the starter with dates for a paper that starts today: planned ones, and others as far ahead."""
    assert timeline.start
    plan, offset = _replan_dates(timeline, today), today - timeline.start

    def shift(match: re.Match[str]) -> str:
        day = date.fromisoformat(match[0])
        return (plan.get(day) or day + offset).isoformat()

    return re.sub(r"\b\d{4}-\d{2}-\d{2}\b", shift, text)


def _replan_dates(timeline: Timeline, today: date) -> dict[date, date]:
    """Return new dates for the start, the deadline and the gates by the old ones, planned back from the deadline."""
    assert timeline.start
    assert timeline.period
    assert timeline.deadline
    workdays, deadline = Workdays.from_timeline(timeline), add_months(today, timeline.period.months)
    plan, due = {timeline.start: today, timeline.deadline: deadline}, deadline
    for gate in reversed(timeline.gates):
        # The first gate is planned from the start: the number of working days between them depends on the month.
        due = workdays.on_or_after(today) if gate is timeline.gates[0] else workdays.add(due, -gate.days)
        plan[gate.due] = due
    return plan


def plan_back(text: str, timeline: Timeline, start: date, deadline: date) -> str:
    """Return timeline.yaml with another start and deadline: the gates share the working days as they did before.

    Raises ScaffoldError if there is less than a day for each.
    """
    workdays, gates = Workdays.from_timeline(timeline), timeline.gates
    first, last = workdays.on_or_after(start), workdays.add(workdays.on_or_after(deadline + timedelta(days=1)), -1)
    available, planned = workdays.between(first, last), workdays.between(gates[0].due, gates[-1].due)
    if deadline < start:
        raise ScaffoldError(f"the deadline {deadline} has passed: the plan starts on {start}")
    if available < len(gates):
        room = format_count(max(available, 0), "working day")
        raise ScaffoldError(f"the deadline {deadline} is too near: the plan has {len(gates)} gates and {room}")
    days = [workdays.add(first, available * workdays.between(gates[0].due, g.due) // planned) for g in gates]
    for gate, due, following in zip(gates, days, (*days[1:], last), strict=True):
        line = re.search(rf"^.*\bid: {re.escape(gate.id)}\b.*$", text, flags=re.MULTILINE)
        assert line
        changed = re.sub(r"due: [\d-]+", f"due: {due.isoformat()}", line[0])
        changed = re.sub(r"days: \d+", f"days: {workdays.between(due, following)}", changed)
        text = text.replace(line[0], changed)
    text = re.sub(r"^period: .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^start: [\d-]+", f"start: {start.isoformat()}", text, flags=re.MULTILINE)
    return re.sub(r"^deadline: [\d-]+", f"deadline: {deadline.isoformat()}", text, flags=re.MULTILINE)
