"""Rules about people, roles and permissions, clearances, sign-offs, reviews, and the dates of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from nioc_paper.check.finding import Finding
from nioc_paper.domain.approvals import ApprovalState, approval_statuses
from nioc_paper.domain.workdays import Workdays, add_months
from nioc_paper.model import DELETION, INSERTION, Cause, Chapter, Comment, Paper, Person, Place, Unmerged
from nioc_paper.program_name import command_line
from nioc_paper.tree.suggestions import REMARK


def not_one_lead(paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """Every chapter has exactly one lead once its outline is written."""
    if not chapter.leads and paper.settings.strictness(chapter.front.status):
        hint = "add '- {id: …, role: lead}' to contributors"
        place = chapter.front.place("contributors")
        cause = Cause(place, chapter.id, "{} chapters have no lead")
        yield Finding(place, "the chapter has no lead", hint, cause=cause)
    elif len(chapter.leads) > 1:
        message = f"the chapter has {len(chapter.leads)} leads: {', '.join(chapter.leads)}"
        yield Finding(chapter.front.place("contributors"), message, "keep one; make the others 'author'")


def lead_as_reviewer(_paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """Nobody reviews a chapter that he or she leads."""
    for index, who in enumerate(chapter.front.contributors):
        if who.role == "reviewer" and any((c.role, c.id) == ("lead", who.id) for c in chapter.front.contributors):
            place = chapter.front.place("contributors", index, "id")
            yield Finding(place, f"'{who.id}' leads the chapter and reviews it", "name another reviewer")


def _contributors_by_permission(paper: Paper, state: str) -> Iterator[tuple[Person, Place]]:
    for chapter in paper.chapters:
        for index, contribution in enumerate(chapter.front.contributors):
            person = paper.people.get(contribution.id)
            if person and person.permission.state == state:
                yield person, chapter.front.place("contributors", index, "id")


def permission_pending(paper: Paper) -> Iterator[Finding]:
    """A person who needs permission to take part has it before the chapter is cleared."""
    for person, place in _contributors_by_permission(paper, "pending"):
        hint = "when it is granted, set permission.state in contributors.yaml"
        cause = Cause(person.permission.place("state"), person.name, "the permission for {} people is pending")
        yield Finding(place, f"the permission for {person.name} to take part is pending", hint, cause=cause)


def permission_refused(paper: Paper) -> Iterator[Finding]:
    """Nobody whose permission was refused takes part."""
    for person, place in _contributors_by_permission(paper, "refused"):
        yield Finding(place, f"the permission for {person.name} to take part was refused", "name somebody else")


def missing_clearances(paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """A chapter on a category names the bodies that must clear it when its clearance begins."""
    categories = {category.id for category in paper.settings.categories}
    is_due = paper.settings.rank(chapter.front.status) >= _clearance_rank(paper)
    if is_due and chapter.front.category in categories and not chapter.front.clearances:
        hint = "add 'clearances:' with each body that must agree, or move the chapter back"
        yield Finding(chapter.front.place("status"), "the chapter names no body that must clear it", hint)


def open_clearance(paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """Every clearance of a chapter is granted before the chapter goes on."""
    if paper.settings.rank(chapter.front.status) > _clearance_rank(paper):
        yield from open_clearances(paper, chapter)


def open_clearances(paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """Yield a finding for each clearance of a chapter that is not granted."""
    for index, clearance in enumerate(chapter.front.clearances):
        if clearance.state != "granted":
            state = "granted on conditions" if clearance.state == "conditions" else clearance.state
            message = f"the clearance by {paper.display_name(clearance.body)} is {state}"
            place = chapter.front.place("clearances", index, "state")
            yield Finding(place, message, "when it is granted, write state: granted")


def _clearance_rank(paper: Paper) -> int:
    """Return the rank of the last status in which clearances are asked for; beyond all statuses if there is none."""
    ranks = [rank for rank, status in enumerate(paper.settings.statuses) if status.owes == "clearances"]
    return ranks[-1] if ranks else len(paper.settings.statuses)


def void_approval(paper: Paper) -> Iterator[Finding]:
    """Every sign-off applies to the chapter as it is now."""
    for approval_status in approval_statuses(paper):
        if approval_status.state is ApprovalState.VOID:
            place = paper.approvals_file.place("approvals", approval_status.index, "chapter")
            again = command_line(f"approve {approval_status.approval.chapter} --by …")
            hint = f"have it signed again ({again}), or take this out"
            yield Finding(place, f"the sign-off is void: {approval_status.reason}", hint)


_SUGGESTIONS = {INSERTION: "insertion", DELETION: "deletion", REMARK: "remark"}


def open_review(paper: Paper) -> Iterator[Finding]:
    """Every comment, change and suggestion of a reviewer is answered."""
    for chapter in paper.chapters:
        for suggestion in chapter.suggestions:
            message = f"suggested {_SUGGESTIONS[suggestion.kind]}: '{suggestion.text}'"
            yield Finding(suggestion.place, message, "accept it or drop it, and delete its marks", kind="suggestion")
    for reviews in paper.reviews:
        for name, points in (("comments", reviews.comments), ("unmerged", reviews.unmerged)):
            for index, point in enumerate(points):
                answer, author = point.answer, paper.display_name(point.by)
                command = command_line(f"comments answer {point.id}")
                if isinstance(point, Comment) and point.is_blocking:
                    message = f"the {point.kind} comment {point.id} by {author} is not answered"
                    hint = f"answer it: {command} accept, accept-in-part, reject or defer"
                    yield Finding(reviews.place(name, index, "text"), message, hint, kind="comment")
                elif isinstance(point, Unmerged) and answer is None:
                    message = f"the change {point.id} by {author} is not merged: {point.why}"
                    hint = f"apply it by hand or leave it, and answer it: {command} accept or reject"
                    yield Finding(reviews.place(name, index, "got"), message, hint, kind="change")
                if answer and answer.disposition != "accept" and not (answer.reason or "").strip():
                    message = f"the answer to comment {point.id} is '{answer.disposition}', without a reason"
                    place = reviews.place(name, index, "answer", "disposition")
                    yield Finding(place, message, "write why, under 'reason'", kind="reason")


# --- the plan ---------------------------------------------------------------------------------------------------------


def off_plan(paper: Paper) -> Iterator[Finding]:
    """The dates of the plan agree with one another, with its period and with its working days."""
    timeline, statuses = paper.timeline, paper.settings.statuses
    if timeline.start and timeline.period and timeline.deadline:
        computed = add_months(timeline.start, timeline.period.months)
        if computed != timeline.deadline:
            message = f"the deadline is {timeline.deadline}, but start and period give {computed}"
            hint = f"write {computed}, or change the period"
            yield Finding(timeline.place("deadline"), message, hint, kind="deadline")
    left = {gate.leaves for gate in timeline.gates}
    for index, status in enumerate(statuses[:-1] if timeline.gates else ()):
        if status.id not in left:
            message = f"no gate says when chapters must have left '{status.id}'"
            place = paper.settings.place("statuses", index, "id")
            yield Finding(place, message, "add 'leaves:' to a gate", kind="status")
    yield from _bad_days(paper)
    yield from _bad_distances(paper)


def _bad_days(paper: Paper) -> Iterator[Finding]:
    """Yield planned days that are outside of the plan, in another year, or no working days."""
    timeline, days = paper.timeline, Workdays.from_timeline(paper.timeline)
    start, deadline = timeline.start or date.min, timeline.deadline or date.max
    dates = [value for value in paper.declared_values if value.limits.planned_as]
    for value in dates:
        kind, day, place = value.limits.planned_as, value.value, value.place
        owner = dict(value.owner.items())
        name = value.loc[-1] if kind == "date for" else owner.get("title") or owner["name"]
        message = f"the {kind} '{name}' is on {day}"
        if kind in ("holiday", "event"):
            # Several in the year after are meant.
            later = [v for v in dates if v.limits.planned_as == kind and v.value.year == deadline.year + 1]
            if not start.year <= day.year <= deadline.year + (len(later) > 1):
                hint = f"correct the year: the timeline is from {start} to {deadline}"
                yield Finding(place, f"{message}, in another year", hint, kind="year")
        elif not start <= day <= deadline:
            hint = f"choose a day from {start} to {deadline}"
            yield Finding(place, f"{message}, outside the timeline", hint, kind="outside")
        if kind != "holiday" and not days.is_working(day):
            hint = f"the working day before is {days.add(days.on_or_after(day), -1)}"
            yield Finding(place, f"{message}, a {day:%A}, when nobody works", hint, kind="day-off")


def _bad_distances(paper: Paper) -> Iterator[Finding]:
    """Yield gates that are not as many working days before the next one as is planned."""
    timeline, days = paper.timeline, Workdays.from_timeline(paper.timeline)
    for index, (gate, after) in enumerate(pairwise(timeline.gates)):
        planned = days.add(after.due, -gate.days)
        # Counted, not compared: a gate on a day off counts as the working day before it.
        if gate.days and days.between(gate.due, after.due) != gate.days:
            message = f"'{gate.title}' is due on {gate.due}; {gate.days} working days before the next gate is {planned}"
            place = timeline.place("gates", index, "due")
            yield Finding(place, message, "change the date or the number of days", kind="gate")
