"""Registers of YAML files: front matter, the plan, facts, sources, people, reviews."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.domain.schedule import Schedule
from nioc_paper.domain.sources import citing_chapters
from nioc_paper.export.register_table import ColumnGetter, ExportSource, Register, RowOfChapter, attribute_columns
from nioc_paper.model import (
    AUDIENCES,
    Acronym,
    Agreement,
    Chapter,
    Citation,
    Comment,
    Decision,
    Fact,
    Gate,
    Organization,
    Person,
    Reference,
    Sending,
    Term,
)


def _status_title(source: ExportSource, chapter: Chapter) -> str:
    titles = {s.id: s.title for s in source.paper.settings.statuses}
    return titles.get(chapter.front.status, chapter.front.status)


CHAPTERS: Register[Chapter] = Register(
    lambda source: source.paper.chapters,
    {
        "Number": lambda source, c: next((e.number for e in source.document.contents if e.id == f"sec-{c.id}"), None),
        "Title": lambda _, c: c.front.title,
        "Category": lambda _, c: c.front.category,
        "Status": _status_title,
        "Lead": lambda source, c: [source.paper.display_name(who) for who in c.leads],
        "Due": lambda source, c: Schedule.from_paper(source.paper).current_due_date(c),
        "Words": lambda _, c: c.words,
        "Target": lambda source, c: source.paper.required_words(c).target,
        "Recommendations": lambda _, c: len(c.items_of_kind("recommendation")),
        "Gaps": lambda _, c: len(c.items_of_kind("gap")),
        "Sources": lambda source, c: len({k.key for k in c.citations if k.key in source.paper.references}),
        "Summary": lambda _, c: c.front.summary,
        "Sensitivity": lambda _, c: c.front.sensitivity,
        "Clearances": lambda _, c: [f"{each.body}: {each.state}" for each in c.front.clearances],
        "Blocked": lambda _, c: c.front.blocked,
        "Last change": lambda source, c: source.history.last_changes.get(c.path),
        **attribute_columns("id", "path"),
    },
    frozenset({"Words", "Target", "Sensitivity", "Clearances", "Blocked", "Path"}),
)
GATES: Register[Gate] = Register(
    lambda source: source.paper.timeline.gates,
    {
        **attribute_columns("id", "title", "due"),
        "Status that ends": lambda source, g: next(
            (s.title for s in source.paper.settings.statuses if s.id == g.leaves), g.leaves
        ),
        **attribute_columns("needs", "days"),
    },
)
DECISIONS: Register[Decision] = Register(
    lambda source: source.paper.decisions,
    {
        **attribute_columns("id", "meeting", "on", "kind", "text"),
        "Who": lambda source, d: [source.paper.display_name(who) for who in d.who],
        "Owner": lambda source, d: source.paper.display_name(d.owner) if d.owner else None,
        **attribute_columns("due", "state", "link", "verify", "note"),
    },
    frozenset({"Verify", "Note"}),
)


FACTS: Register[Fact] = Register(
    lambda source: source.paper.facts_file.facts,
    {
        **attribute_columns("id", "value", "unit", "as_of", "source"),
        "Conflicts": lambda _, fact: [f"{c.value} ({c.source or c.note or '–'})" for c in fact.conflicts],
        "Used in": lambda source, fact: [
            c.front.title for c in source.paper.chapters if any(k.key == f"fact-{fact.id}" for k in c.all_citations)
        ],
        **attribute_columns("verify", "note"),
    },
    frozenset({"Conflicts", "Verify", "Note"}),
)


def _csl_column(name: str) -> ColumnGetter[Reference]:
    return lambda _, source: _csl_text(source.extra.get(name))


def _csl_text(value: object) -> str | None:
    """Return the text of a CSL value: a text, a list of names, or a date in either form."""
    if isinstance(value, dict) and "literal" in value:
        return str(value["literal"])
    if isinstance(value, dict):
        return "-".join(str(part) for part in next(iter(value.get("date-parts") or [[]])))
    if isinstance(value, list):
        return "; ".join(_csl_name(part) for part in value)
    return None if value is None else str(value)


def _csl_name(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    return str(value.get("literal") or ", ".join(str(value[k]) for k in ("family", "given") if value.get(k)))


SOURCES: Register[Reference] = Register(
    lambda source: source.paper.references_file.references,
    {
        **attribute_columns("id", "type", "title"),
        **{head: _csl_column(head.lower()) for head in ("Author", "Issued", "Publisher", "URL", "DOI")},
        "Container": _csl_column("container-title"),
        "Cited": lambda export, s: sum(k.key == s.id for c in export.paper.chapters for k in c.citations),
        "Cited in": lambda export, s: [c.front.title for c in citing_chapters(export.paper).get(s.id, ())],
        **attribute_columns("primary", "press", "post", "verify"),
    },
    frozenset({"Verify"}),
)


CITATIONS: Register[RowOfChapter[Citation]] = Register(
    lambda source: (
        RowOfChapter(chapter.front.title, citation)
        for chapter in source.paper.chapters
        for citation in chapter.citations
        if citation.key in source.paper.references
    ),
    {
        "Chapter": lambda _, row: row.chapter_title,
        "Source": lambda _, row: row.record.key,
        "Title": lambda source, row: source.paper.references[row.record.key].title,
        "Where": lambda _, row: str(row.record.place),
    },
    frozenset({"Where"}),
)
AGREEMENTS: Register[Agreement] = Register(
    lambda source: source.paper.consultations_file.answers,
    {
        "Body": lambda source, answer: source.paper.display_name(answer.body),
        **attribute_columns("action", "round", "on", "state", "by", "signatory", "reason", "cost", "funding"),
        **attribute_columns("contact", "remark", "id"),
    },
    frozenset({"Signatory", "Reason", "Cost", "Funding", "Contact", "Remark", "Id"}),
)
ACRONYMS: Register[Acronym] = Register(
    lambda source: source.paper.acronyms, attribute_columns("short", "long", "plural", "exempt")
)
TERMS: Register[Term] = Register(
    lambda source: source.paper.terms,
    attribute_columns("use", "avoid", "definition", "source", "scope", "note"),
    frozenset({"Avoid", "Note"}),
)


def _chapter_roles(source: ExportSource, person: Person) -> list[str]:
    return [
        f"{source.words['role_proposed'].format(role) if c.proposed else role}, {chapter.front.title}"
        for chapter in source.paper.chapters
        for c in chapter.front.contributors
        if c.id == person.id
        for role in [source.words.get(f"role_{c.role}", c.role)]
    ]


CONTRIBUTORS: Register[Person] = Register(
    lambda source: source.paper.contributors.people,
    {
        **attribute_columns("name", "title", "post"),
        "Organization": lambda source, p: source.paper.display_name(p.org) if p.org else None,
        **attribute_columns("kind"),
        "Part in this paper": _chapter_roles,
        **attribute_columns("expertise", "orcid"),
        "Permission": lambda _, p: p.permission.state,
        "Permission from": lambda _, p: p.permission.from_,
        "Permission asked": lambda _, p: p.permission.asked,
        "Permission granted": lambda _, p: p.permission.granted,
        **attribute_columns("attribution", "aka", "verify", "note", "id"),
    },
    frozenset(
        {"Permission", "Permission from", "Permission asked", "Permission granted", "Attribution", "Aka"}
        | {"Verify", "Note", "Expertise", "Id"}
    ),
)
ORGANIZATIONS: Register[Organization] = Register(
    lambda source: source.paper.contributors.organizations,
    attribute_columns("name", "acronym", "kind", "aka", "verify", "note", "id"),
    frozenset({"Aka", "Verify", "Note"}),
)


def _is_internal(source: ExportSource) -> bool:
    return source.document.copy.audience == AUDIENCES[-1]


def _reviewer_name(source: ExportSource, who: str) -> str:
    return source.paper.named_reviewer(who, is_internal=_is_internal(source)) or source.words["a_reviewer"]


def _sending_rows(source: ExportSource) -> Iterator[RowOfChapter[Sending]]:
    """Yield the sendings. Only colleagues may know who was asked."""
    for chapter in source.paper.chapters if _is_internal(source) else ():
        for reviews in (r for r in source.paper.reviews if r.chapter == chapter.id):
            yield from (RowOfChapter(chapter.front.title, sending) for sending in reviews.sendings)


COMMENTS: Register[RowOfChapter[Comment]] = Register(
    lambda source: (
        RowOfChapter(c.front.title, comment) for c in source.paper.chapters for comment in source.paper.comments(c.id)
    ),
    {
        "Id": lambda _, row: row.record.id,
        "Chapter": lambda _, row: row.chapter_title,
        "Kind": lambda _, row: row.record.kind,
        "By": lambda source, row: _reviewer_name(source, row.record.by),
        "On": lambda _, row: row.record.on,
        "About": lambda _, row: row.record.quote,
        "Comment": lambda _, row: row.record.text,
        "Replies": lambda source, row: [f"{_reviewer_name(source, r.by)}: {r.text}" for r in row.record.replies],
        "Answer": lambda _, row: row.record.answer.disposition if row.record.answer else "open",
        "Reason": lambda _, row: row.record.answer.reason if row.record.answer else None,
        "Answered by": lambda source, row: _reviewer_name(source, row.record.answer.by) if row.record.answer else None,
        "Answered on": lambda _, row: row.record.answer.on if row.record.answer else None,
        "Commit": lambda _, row: row.record.answer.commit if row.record.answer else None,
        "Sensitivity": lambda _, row: row.record.sensitivity,
    },
    frozenset({"Commit", "Sensitivity"}),
)
SENDINGS: Register[RowOfChapter[Sending]] = Register(
    _sending_rows,
    {
        "Chapter": lambda _, row: row.chapter_title,
        "Id": lambda _, row: row.record.id,
        "To": lambda source, row: source.paper.display_name(row.record.to),
        "Sent": lambda _, row: row.record.on,
        "Due": lambda _, row: row.record.due,
        "Returned": lambda _, row: row.record.returned,
        "Commit": lambda _, row: row.record.commit,
    },
)
