"""Rules about people and organizations: roles, permissions, entries in contributors.yaml."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from nioc_paper.check.finding import Finding, find_duplicates
from nioc_paper.model import Chapter, Organization, Paper, Person, Place, spelling_hint
from nioc_paper.model.characters import comparable
from nioc_paper.model.late_pattern import late_pattern

_TITLE = late_pattern(
    r"mr|mrs|ms|miss|mst|dr|prof|professor|engr|engineer|adv|advocate|justice|judge|senator|ambassador|barrister|maulana"
    r"|gen|general|lt|col|colonel|maj|major|brig|brigadier|capt|captain|sir|retd"
)
"""Word before a name that is not part of it."""


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


def unknown_contributor(paper: Paper) -> Iterator[Finding]:
    """Everyone who is named in a chapter is in contributors.yaml.

    Bad: contributors: [{id: ada-noth, role: lead}]
    Good: contributors: [{id: ada-north, role: lead}]
    """
    for who, place in _named_people(paper):
        if who not in paper.people:
            hint = spelling_hint(who, paper.people, "add the person to contributors.yaml")
            yield Finding(place, f"nobody in contributors.yaml is called '{who}'", hint)


def unknown_organization(paper: Paper) -> Iterator[Finding]:
    """Every organization that is named is in contributors.yaml.

    Bad: org: raods
    Good: org: roads
    """
    organizations = paper.organizations
    named_organizations: list[tuple[str | None, Place]] = [
        (paper.settings.publisher, paper.settings.place("publisher"))
    ]
    for index, person in enumerate(paper.contributors.people):
        named_organizations.append((person.org, paper.contributors.place("people", index, "org")))
    for chapter in paper.chapters:
        for index, clearance in enumerate(chapter.front.clearances):
            if paper.organization(clearance.body) is None:
                named_organizations.append((clearance.body, chapter.front.place("clearances", index, "body")))
    for who, place in named_organizations:
        if who and who not in organizations:
            yield Finding(
                place,
                f"no organization in contributors.yaml is called '{who}'",
                spelling_hint(who, organizations, "add it to contributors.yaml"),
            )


def unknown_participant(paper: Paper) -> Iterator[Finding]:
    """People and bodies that decided or offered something are in contributors.yaml.

    Bad: who: [somebody]
    Good: who: [ada-north]
    """
    contributor_ids = {*paper.people, *paper.organizations}
    for index, decision in enumerate(paper.decisions):
        who = [(w, ("who", i)) for i, w in enumerate(decision.who)] + [(decision.owner, ("owner",))]
        for name, loc in who:
            if name and name not in contributor_ids:
                place = paper.decisions_file.place("decisions", index, *loc)
                yield Finding(
                    place,
                    f"nobody in contributors.yaml is called '{name}'",
                    spelling_hint(name, contributor_ids, "add it to contributors.yaml"),
                )


def not_one_lead(paper: Paper) -> Iterator[Finding]:
    """Every chapter has exactly one lead.

    Bad: no contributor, or two, with role: lead
    Good: contributors: [{id: ada-north, role: lead}]
    """
    for chapter in paper.chapters:
        if not chapter.leads:
            hint = "add '- {id: …, role: lead}' to contributors"
            yield Finding(chapter.front.place("contributors"), "the chapter has no lead", hint)
        elif len(chapter.leads) > 1:
            message = f"the chapter has {len(chapter.leads)} leads: {', '.join(chapter.leads)}"
            yield Finding(chapter.front.place("contributors"), message, "keep one; make the others 'author'")


def repeated_contributor(paper: Paper) -> Iterator[Finding]:
    """Nobody has the same role in a chapter twice.

    Bad: contributors: [{id: ben-lock, role: reviewer}, {id: ben-lock, role: reviewer}]
    Good: contributors: [{id: ben-lock, role: reviewer}, {id: cora-pier, role: reviewer}]
    """
    for chapter in paper.chapters:
        roles = (
            (f"{who.id}' is the {who.role} here", chapter.front.place("contributors", index, "id"))
            for index, who in enumerate(chapter.front.contributors)
        )
        for name, place, first in find_duplicates(roles):
            hint = f"the other is in line {first.line}; delete one, or name somebody else"
            yield Finding(place, f"'{name} twice", hint)


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


def lead_of_too_many(paper: Paper) -> Iterator[Finding]:
    """Nobody leads more than two chapters.

    Bad: the same lead in three chapters
    Good: a lead for each
    """
    led: dict[str, list[Chapter]] = {}
    for chapter in paper.chapters:
        for lead in chapter.leads:
            led.setdefault(lead, []).append(chapter)
    for who, chapters in led.items():
        if len(chapters) > 2:
            message = f"{paper.display_name(who)} leads {len(chapters)} chapters"
            yield Finding(chapters[2].front.place("contributors"), message, "find another lead for one of them")


def _contributors_by_permission(paper: Paper, state: str) -> Iterator[tuple[str, Place]]:
    for chapter in paper.chapters:
        for index, contribution in enumerate(chapter.front.contributors):
            person = paper.people.get(contribution.id)
            if person and person.permission.state == state:
                yield person.name, chapter.front.place("contributors", index, "id")


def permission_pending(paper: Paper) -> Iterator[Finding]:
    """A person who needs permission to take part has it before the chapter is cleared.

    Bad: a contributor whose permission is pending
    Good: permission: {state: granted, granted: 2019-12-02}
    """
    for name, place in _contributors_by_permission(paper, "pending"):
        hint = "when it is granted, set permission.state in contributors.yaml"
        yield Finding(place, f"the permission for {name} to take part is pending", hint)


def permission_refused(paper: Paper) -> Iterator[Finding]:
    """Nobody whose permission was refused takes part.

    Bad: a contributor whose permission is refused
    Good: another contributor
    """
    for name, place in _contributors_by_permission(paper, "refused"):
        yield Finding(place, f"the permission for {name} to take part was refused", "name somebody else")


def duplicate_person(paper: Paper) -> Iterator[Finding]:
    """Every person and every organization is in contributors.yaml once.

    Bad: the same name, or the same id, twice
    Good: one entry, with the other spellings under aka
    """
    contributors = paper.contributors
    kinds: tuple[tuple[str, tuple[Person | Organization, ...]], ...] = (
        ("people", contributors.people),
        ("organizations", contributors.organizations),
    )
    for kind, records in kinds:
        ids = [(r.id, contributors.place(kind, i, "id")) for i, r in enumerate(records)]
        names = [(_normalize_name(r.name), contributors.place(kind, i, "name")) for i, r in enumerate(records)]
        for name, place, first in [*find_duplicates(ids), *find_duplicates(names)]:
            yield Finding(place, f"'{name}' is listed twice", f"the other is in line {first.line}; keep one")


def shared_alias(paper: Paper) -> Iterator[Finding]:
    """A spelling belongs to one person.

    Bad: the same aka under two people
    Good: each aka once
    """
    owners: dict[str, tuple[int, Place]] = {}
    for index, person in enumerate(paper.contributors.people):
        owners.setdefault(_normalize_name(person.name), (index, paper.contributors.place("people", index, "name")))
    for index, person in enumerate(paper.contributors.people):
        for number, alias in enumerate(person.aka):
            place = paper.contributors.place("people", index, "aka", number)
            owner, first = owners.setdefault(_normalize_name(alias), (index, place))
            # A person's own name without its accents is an alias of that person.
            if owner != index:
                yield Finding(place, f"'{alias}' belongs to another entry too", f"see line {first.line}; keep one")


def bad_orcid(paper: Paper) -> Iterator[Finding]:
    """An ORCID has the right check digit (ISO 7064 11,2).

    Bad: orcid: 0000-0002-1825-0098
    Good: orcid: 0000-0002-1825-0097
    """
    for index, person in enumerate(paper.contributors.people):
        if person.orcid and not _is_valid_orcid(person.orcid):
            place = paper.contributors.place("people", index, "orcid")
            yield Finding(place, f"'{person.orcid}' is not an ORCID: a digit is wrong", "copy it from orcid.org again")


def unverified_person(paper: Paper) -> Iterator[Finding]:
    """The name and post of a person named in a chapter have been confirmed.

    Bad: verify: true in the entry of a chapter's contributor
    Good: the spelling confirmed, verify taken away
    """
    for who, place in _named_people(paper):
        if who in paper.people and paper.people[who].verify:
            message = f"the spelling or the post of {paper.people[who].name} is not confirmed"
            yield Finding(place, message, "ask, and take 'verify: true' out of contributors.yaml")


def _is_valid_orcid(orcid: str) -> bool:
    digits = orcid.removeprefix("https://orcid.org/").replace("-", "")
    if not re.fullmatch(r"\d{15}[\dX]", digits):
        return False
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return digits[-1] == ("X" if rest == 10 else str(rest))


def _normalize_name(name: str) -> str:
    """Return a name without titles, accents, case and punctuation, for comparison."""
    base = "".join(c for c in unicodedata.normalize("NFKD", comparable(name)) if not unicodedata.combining(c))
    words = re.sub(r"[^\w\s]", " ", base.casefold()).split()
    first = next((index for index, word in enumerate(words) if not _TITLE.fullmatch(word)), len(words) - 1)
    return " ".join(words[first:])
