"""Rules about people and organizations: roles, permissions, entries in contributors.yaml."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.model import Cause, Paper, Person, Place


def _named_people(paper: Paper) -> Iterator[tuple[str, Place]]:
    """Yield every place that names a person by id."""
    settings = paper.settings
    if settings.editor:
        yield settings.editor, settings.place("editor")
    yield from ((who, settings.place("approvers", index)) for index, who in enumerate(settings.approvers))
    for index, approval in enumerate(paper.approvals):
        yield approval.who, paper.approvals_file.place("approvals", index, "who")
    for chapter in paper.chapters:
        for index, contribution in enumerate(chapter.front.contributors):
            yield contribution.id, chapter.front.place("contributors", index, "id")
        for index, clearance in enumerate(chapter.front.clearances):
            if clearance.contact:
                yield clearance.contact, chapter.front.place("clearances", index, "contact")


def not_one_lead(paper: Paper) -> Iterator[Finding]:
    """Every chapter has exactly one lead once its outline is written.

    Bad: no contributor, or two, with role: lead
    Good: contributors: [{id: ada-north, role: lead}]
    """
    for chapter in paper.chapters:
        if not chapter.leads and paper.settings.strictness(chapter.front.status):
            hint = "add '- {id: …, role: lead}' to contributors"
            place = chapter.front.place("contributors")
            cause = Cause(place, chapter.id, "{} chapters have no lead")
            yield Finding(place, "the chapter has no lead", hint, cause=cause)
        elif len(chapter.leads) > 1:
            message = f"the chapter has {len(chapter.leads)} leads: {', '.join(chapter.leads)}"
            yield Finding(chapter.front.place("contributors"), message, "keep one; make the others 'author'")


def lead_as_reviewer(paper: Paper) -> Iterator[Finding]:
    """Nobody reviews a chapter that he or she leads.

    Bad: contributors: [{id: ada-north, role: lead}, {id: ada-north, role: reviewer}]
    Good: contributors: [{id: ada-north, role: lead}, {id: ben-lock, role: reviewer}]
    """
    for chapter in paper.chapters:
        for index, who in enumerate(chapter.front.contributors):
            if who.role == "reviewer" and who.id in chapter.leads:
                place = chapter.front.place("contributors", index, "id")
                yield Finding(place, f"'{who.id}' leads the chapter and reviews it", "name another reviewer")


def no_outside_reviewer(paper: Paper) -> Iterator[Finding]:
    """A chapter that has been reviewed twice has a reviewer from outside the organizations of its lead and authors.

    Bad: a chapter in the second status of reviewers, whose reviewers are all colleagues of its lead
    Good: a reviewer with another org in contributors.yaml
    """
    peer_statuses = [s.id for s in paper.settings.statuses if s.owes == "reviewers"][1:]
    first_peer = paper.settings.rank(peer_statuses[0]) if peer_statuses else len(paper.settings.statuses)
    for chapter in paper.chapters:
        reviewers = chapter.people_in_role("reviewer")
        writers = [*chapter.leads, *chapter.people_in_role("author")]
        known = [who for who in (*reviewers, *writers) if who in paper.people]
        inside = {paper.people[who].org for who in writers if who in known} - {None}
        if (
            paper.settings.rank(chapter.front.status) >= first_peer
            and reviewers
            and inside
            and all(who in known and paper.people[who].org in inside for who in reviewers)
        ):
            message = "every reviewer belongs to an organization of those who wrote the chapter"
            yield Finding(chapter.front.place("status"), message, "add a reviewer from elsewhere to contributors")


def _contributors_by_permission(paper: Paper, state: str) -> Iterator[tuple[Person, Place]]:
    for chapter in paper.chapters:
        for index, contribution in enumerate(chapter.front.contributors):
            person = paper.people.get(contribution.id)
            if person and person.permission.state == state:
                yield person, chapter.front.place("contributors", index, "id")


def permission_pending(paper: Paper) -> Iterator[Finding]:
    """A person who needs permission to take part has it before the chapter is cleared.

    Bad: a contributor whose permission is pending
    Good: permission: {state: granted, granted: 2019-12-02}
    """
    for person, place in _contributors_by_permission(paper, "pending"):
        hint = "when it is granted, set permission.state in contributors.yaml"
        cause = Cause(person.permission.place("state"), person.name, "the permission for {} people is pending")
        yield Finding(place, f"the permission for {person.name} to take part is pending", hint, cause=cause)


def permission_refused(paper: Paper) -> Iterator[Finding]:
    """Nobody whose permission was refused takes part.

    Bad: a contributor whose permission is refused
    Good: another contributor
    """
    for person, place in _contributors_by_permission(paper, "refused"):
        yield Finding(place, f"the permission for {person.name} to take part was refused", "name somebody else")


def unverified_person(paper: Paper) -> Iterator[Finding]:
    """The name and post of a person named in a chapter have been confirmed.

    Bad: verify: true in the entry of a chapter's contributor
    Good: the spelling confirmed, verify taken away
    """
    for who, place in _named_people(paper):
        if who in paper.people and paper.people[who].verify:
            name, entry = paper.people[who].name, paper.people[who].place("verify")
            message = f"the spelling or the post of {name} is not confirmed"
            cause = Cause(entry, name, "the spelling or the post of {} people is not confirmed")
            yield Finding(place, message, "ask, and take 'verify: true' out of contributors.yaml", cause=cause)
