"""What stands in YAML: chapters' front matter, the plan, and the registers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nioc_paper.export.table import Given, Register, Value, plain
from nioc_paper.model import Chapter, Citation, Fact, Person, Reference


def _status(given: Given, chapter: Chapter) -> str:
    titles = {s.id: s.title for s in given.paper.settings.statuses}
    return titles.get(chapter.front.status, chapter.front.status)


def _number(given: Given, chapter: Chapter) -> Value:
    return next((e.number for e in given.document.contents if e.id == f"sec-{chapter.id}"), None)


def _due(given: Given, chapter: Chapter) -> Value:
    """The day by which a chapter is to leave its status: its own, or the gate's."""
    status = chapter.front.status
    gates = (g.due for g in given.paper.timeline.gates if g.leaves == status)
    return chapter.front.due.get(status) or next(gates, None)


def _target(given: Given, chapter: Chapter) -> Value:
    kind = given.paper.settings.kind(chapter.front.category)
    return chapter.front.words.target or kind.words.target


def _clearances(_: Given, chapter: Chapter) -> list[str]:
    return [f"{c.body}: {c.state}" for c in chapter.front.clearances]


CHAPTERS = Register(
    lambda given: given.paper.chapters,
    {
        "Number": _number,
        "Title": lambda _, c: c.front.title,
        "Category": lambda _, c: c.front.category,
        "Status": _status,
        "Lead": lambda given, c: [given.paper.name(who) for who in c.leads],
        "Due": _due,
        "Words": lambda _, c: c.words,
        "Target": _target,
        "Recommendations": lambda _, c: len(c.of("recommendation")),
        "Gaps": lambda _, c: len(c.of("gap")),
        "Sources": lambda given, c: len({k.key for k in c.citations if k.key in given.paper.references}),
        "Summary": lambda _, c: c.front.summary,
        "Sensitivity": lambda _, c: c.front.sensitivity,
        "Clearances": _clearances,
        "Blocked": lambda _, c: c.front.blocked,
        "Last change": lambda given, c: given.history.changed.get(c.path),
        **plain("id", "path"),
    },
    frozenset({"Words", "Target", "Sensitivity", "Clearances", "Blocked", "Path"}),
)
GATES = Register(
    lambda given: given.paper.timeline.gates,
    {
        **plain("id", "title", "due"),
        "Status that ends": lambda given, g: next(
            (s.title for s in given.paper.settings.statuses if s.id == g.leaves), g.leaves
        ),
        **plain("needs", "days"),
    },
)
DECISIONS = Register(
    lambda given: given.paper.decisions,
    {
        **plain("id", "meeting", "on", "kind", "text"),
        "Who": lambda given, d: [given.paper.name(who) for who in d.who],
        "Owner": lambda given, d: given.paper.name(d.owner) if d.owner else None,
        **plain("due", "state", "link", "verify", "note"),
    },
    frozenset({"Verify", "Note"}),
)


def _conflicts(_: Given, fact: Fact) -> list[str]:
    return [f"{c.value} ({c.source or c.note or 'no source'})" for c in fact.conflicts]


def _used(given: Given, fact: Fact) -> list[str]:
    return [c.front.title for c in given.paper.chapters if any(k.key == f"fact-{fact.id}" for k in c.citations)]


FACTS = Register(
    lambda given: given.paper.facts_file.facts,
    {**plain("id", "value", "unit", "as_of", "source"), "Conflicts": _conflicts, "Used in": _used}
    | plain("verify", "note"),
    frozenset({"Conflicts", "Verify", "Note"}),
)


def _csl(name: str) -> Any:
    return lambda _, source: _names(source.extra.get(name))


def _names(given: Any) -> str | None:
    """A text of CSL, a list of names, or a date in either of its forms."""
    if isinstance(given, dict):
        return "-".join(str(part) for part in next(iter(given.get("date-parts") or [[]])))
    if isinstance(given, list):
        return "; ".join(_name(part) for part in given)
    return None if given is None else str(given)


def _name(given: Any) -> str:
    if not isinstance(given, dict):
        return str(given)
    return str(given.get("literal") or ", ".join(str(given[k]) for k in ("family", "given") if given.get(k)))


def _cited(given: Given, source: Reference) -> int:
    return sum(k.key == source.id for c in given.paper.chapters for k in c.citations)


SOURCES = Register(
    lambda given: given.paper.references_file.references,
    {
        **plain("id", "type", "title"),
        **{head: _csl(head.lower()) for head in ("Author", "Issued", "Publisher", "URL", "DOI")},
        "Container": _csl("container-title"),
        "Cited": _cited,
        **plain("primary", "press", "post", "verify"),
    },
    frozenset({"Verify"}),
)


def _citations(given: Given) -> Iterator[tuple[Chapter, Citation, Reference]]:
    for chapter in given.paper.chapters:
        for citation in chapter.citations:
            if source := given.paper.references.get(citation.key):
                yield chapter, citation, source


CITATIONS = Register(
    _citations,
    {
        "Chapter": lambda _, row: row[0].front.title,
        "Source": lambda _, row: row[2].id,
        "Title": lambda _, row: row[2].title,
        "Where": lambda _, row: str(row[1].place),
    },
    frozenset({"Where"}),
)
ACRONYMS = Register(lambda given: given.paper.acronyms, plain("short", "long", "plural", "exempt"))
TERMS = Register(lambda given: given.paper.terms, plain("use", "avoid", "scope", "note"), frozenset({"Avoid", "Note"}))


def _organization(given: Given, person: Person) -> Value:
    return given.paper.name(person.org) if person.org else None


def _roles(given: Given, person: Person) -> list[str]:
    return [
        f"{c.role}, {chapter.front.title}"
        for chapter in given.paper.chapters
        for c in chapter.front.contributors
        if c.id == person.id
    ]


CONTRIBUTORS = Register(
    lambda given: given.paper.contributors.people,
    {
        **plain("name", "title", "post"),
        "Organization": _organization,
        **plain("kind"),
        "Part in this paper": _roles,
        **plain("expertise", "orcid"),
        "Permission": lambda _, p: p.permission.state,
        "Permission from": lambda _, p: p.permission.from_,
        "Permission asked": lambda _, p: p.permission.asked,
        "Permission granted": lambda _, p: p.permission.granted,
        **plain("attribution", "aka", "verify", "note", "id"),
    },
    frozenset(
        {"Permission", "Permission from", "Permission asked", "Permission granted", "Attribution", "Aka"}
        | {"Verify", "Note", "Expertise", "Id"}
    ),
)
ORGANIZATIONS = Register(
    lambda given: given.paper.contributors.organizations,
    plain("name", "acronym", "kind", "aka", "verify", "note", "id"),
    frozenset({"Aka", "Verify", "Note"}),
)
