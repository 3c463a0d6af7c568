"""Annexes from the registers: people, abbreviations, decisions, document control."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from nioc_paper import tree
from nioc_paper.assemble.audience_labels import bracket_for_audience
from nioc_paper.assemble.lists.list_context import (
    ListContext,
    cell,
    definition_list,
    format_iso_day,
    generated_table,
    items_of_bodies,
    labelled_blocks,
    text_cell,
)
from nioc_paper.domain.glossary import defined_terms, term_id
from nioc_paper.model import AUDIENCES, Chapter, Credit, Decision, Item, ListEntry, Node, Person, Term
from nioc_paper.model.characters import comparable
from nioc_paper.model.grouping import group_pairs
from nioc_paper.wording import Wording, column_head


def build_contributors(context: ListContext) -> list[Node]:
    """Return the table of contributors, and of other participants in the initiative."""
    roles, people = _roles_by_person(context), context.paper.contributors.people
    text_rows = [
        (*name_and_post(context, person), f"{context.words['semicolon']} ".join(roles.get(person.id, ())))
        for person in sorted(people, key=lambda p: p.id not in roles)
    ]
    heads = [("name", 0.26), ("post", 0.42), ("part_in_paper", 0.32)]
    if not any(name for name, *_ in text_rows):
        # A copy without names would have a column of dashes.
        heads = [("post", 0.55), ("part_in_paper", 0.45)]
    rows = [[text_cell(text or "—") for text in line[-len(heads) :]] for line in text_rows]
    return generated_table(context, "contributors", heads, rows)


def _roles_by_person(context: ListContext) -> dict[str, list[str]]:
    """Return the roles of people by chapter, by their ids."""
    words, roles = context.words, dict[str, list[str]]()
    for chapter in context.chapters:
        for contribution in chapter.front.contributors:
            name = words[f"role_{contribution.role}"]
            name = words["role_proposed"].format(name) if contribution.proposed else name
            roles.setdefault(contribution.id, []).append(f"{name}{words['comma']} {chapter.front.title}")
    return roles


def build_acronyms(context: ListContext) -> list[Node]:
    """Return the table of abbreviations that the paper uses."""
    text = comparable(" ".join(tree.plain_text(c.blocks, with_notes=True) for c in context.chapters))
    used = [a for a in context.paper.acronyms if _pattern(comparable(a.short)).search(text)]
    rows = [[text_cell(a.short), text_cell(a.long)] for a in sorted(used, key=lambda a: a.short.casefold())]
    return generated_table(context, "acronyms", [("short", 0.2), ("in_full", 0.8)], rows)


def _pattern(short: str) -> re.Pattern[str]:
    """Return the pattern of an abbreviation. Its letters come first: so the search is seven times as fast."""
    letters = re.escape(short)
    return re.compile(rf"{letters}(?<!\w{letters})s?(?!\w)")


def build_decisions(context: ListContext) -> list[Node]:
    """Return the table of decisions, offers and requests, with their results."""
    words, comma = context.words, f"{context.words['comma']} "
    rows = [
        [
            text_cell(d.id),
            text_cell(format_iso_day(d.on.isoformat(), words)),
            cell(_with_audience_mark(d, f"{words[f'kind_{d.kind}']}: {d.text}", words)),
            text_cell(comma.join(_printed_name(context, who) for who in d.who) or "—"),
            text_cell(words[f"state_{d.state}"]),
            cell(_taken_up_link(context, d.link)),
        ]
        for d in context.paper.decisions
    ]
    shares = ("no", 0.06), ("on", 0.13), ("what", 0.38), ("who", 0.21), ("state", 0.07), ("taken_up_in", 0.15)
    return generated_table(context, "decisions", shares, rows)


def build_document_control(context: ListContext) -> list[Node]:
    """Return document control: tagged versions, and the status of each chapter."""
    return [*_version_table(context), *_chapter_status_table(context)]


def _version_table(context: ListContext) -> list[Node]:
    history, words = context.history, context.words
    edition = context.paper.settings.edition or words["this_edition"]
    state = f"{edition}{words['comma']} {words['unrecorded_changes']}" if history.has_uncommitted else edition
    lines = [
        (context.paper.settings.version or history.tag or "–", history.committed_on, state),
        *((version.tag, version.on, version.subject) for version in history.versions),
    ]
    rows = [
        [text_cell(text) for text in (name, format_iso_day(on.isoformat(), words) if on else words["unknown"], subject)]
        for name, on, subject in lines
    ]
    return generated_table(context, "history", [("version", 0.25), ("date", 0.25), ("what_it_is", 0.5)], rows)


def _status_line(context: ListContext, chapter: Chapter) -> tuple[str, ...]:
    """Return the title of a chapter, its status, its leads, the day of its last change, and who signed it off."""
    words, front = context.words, chapter.front
    status = next((s.title for s in context.paper.settings.statuses if s.id == front.status), front.status)
    leads = f"{words['comma']} ".join(filter(None, map(context.paper.display_name, chapter.leads)))
    on = context.history.last_changes.get(chapter.path)
    last_change = format_iso_day(on.isoformat(), words) if on else words["unknown"]
    return front.title, status, leads or words["none_yet"], last_change, _format_approvals(context, chapter.id)


def _chapter_status_table(context: ListContext) -> list[Node]:
    lines = [_status_line(context, chapter) for chapter in context.chapters]
    heads = [("chapter", 0.4), ("status", 0.2), ("lead", 0.2), ("last_change", 0.2)]
    if any(line[-1] for line in lines):
        heads = [("chapter", 0.32), ("status", 0.13), ("lead", 0.17), ("last_change", 0.16), ("signed_off", 0.22)]
    rows = [[text_cell(text or "—") for text in line[: len(heads)]] for line in lines]
    return generated_table(context, "history", heads, rows)


def _format_approvals(context: ListContext, chapter_id: str) -> str:
    """Return who signed a chapter off and when, as far as the copy may name them; empty without valid sign-off."""
    words, paper, texts = context.words, context.paper, list[str]()
    for approval in context.approvals.get(chapter_id, ()):
        name = [paper.display_name(approval.who)] if approval.who in paper.people else []
        texts.append(f"{words['comma']} ".join([*name, format_iso_day(approval.on.isoformat(), words)]))
    return f"{words['semicolon']} ".join(texts)


def _taken_up_link(context: ListContext, link: str | None) -> list[Node]:
    for name in (link, f"sec-{link}"):
        if name and name in context.labels:
            return [tree.cross_reference(context.labels[name], name)]
    decisions = {decision.id for decision in context.paper.decisions}
    return tree.text_inlines(link if link and link in decisions else context.missing_word("nothing_yet"))


def _with_audience_mark(decision: Decision, text: str, words: Wording) -> list[Node]:
    """Return a text with a mark if the decision is restricted."""
    inlines, level = tree.text_inlines(text), decision.sensitivity
    return inlines if level == AUDIENCES[0] else [bracket_for_audience(inlines, level, words)]


def _printed_name(context: ListContext, who: str) -> str:
    """Return a person's name, post, or the word for a participant, as the paper may print."""
    person = context.paper.people.get(who)
    if person is None or person.attribution == "named":
        return context.paper.display_name(who)
    org = context.paper.organizations.get(person.org or "")
    post = f"{context.words['comma']} ".join(p for p in (person.post, org.short_name if org else "") if p)
    return post if post and person.attribution == "role" else context.words["participant"]


# --- index of bodies --------------------------------------------------------------------------------------------------


_TASKS = (("recommendation", "owner"), ("objective", "owner"), ("risk", "owner"), ("recommendation", "support"))
"""Kinds of items and fields that name a body, in the order of a body's lines."""
_Line = tuple[str, Chapter, Item]
"""Field, chapter and item of a line."""


def build_bodies(context: ListContext) -> list[Node]:
    """Return the bodies by name, each with what it is asked to do and to support; print adds the pages."""
    lines, entries = group_pairs(_tasks(context)), []
    for name in sorted(lines, key=str.casefold):
        organization = context.paper.organization(name)
        title = f"{name} ({organization.acronym})" if organization and organization.acronym else name
        entries.append((tree.text_inlines(title), tree.block_list(_task(context, *i) for i in lines[name])))
    return definition_list("bodies", entries)


def _tasks(context: ListContext) -> Iterator[tuple[str, _Line]]:
    for kind, field in _TASKS:
        chapters = {item.place: chapter for chapter, item in context.items_of_kind(kind)}
        for name, tasks in items_of_bodies(context, kind, field).items():
            yield from ((name, (field, chapters[item.place], item)) for item in tasks)


def _task(context: ListContext, field: str, chapter: Chapter, item: Item) -> list[Node]:
    """Return an item with its number, as the body is asked to do or to support it."""
    support = [*tree.text_inlines(context.words["supports"]), {"t": "Space"}] if field == "support" else []
    return labelled_blocks(context, chapter, item, support, number_only=item.kind == "recommendation")


# --- people and statuses ----------------------------------------------------------------------------------------------


_ROLES = ("lead", "author", "researcher", "editor", "reviewer", "champion")
"""Roles in the order of a chapter's credits."""


def name_and_post(context: ListContext, person: Person) -> tuple[str, str]:
    """Return a person's name and post; the name is empty if the readers of this copy may not know it."""
    words, org = context.words, context.paper.organizations.get(person.org or "")
    post = f"{words['comma']} ".join(p for p in (person.post, org.name if org else "") if p)
    if not person.name:
        return "", post or words["participant"]
    name = f"{person.title} {person.name}" if person.title else person.name
    return (f"{name} {words['to_be_confirmed']}" if person.verify else name), post


def collect_credits(context: ListContext) -> Iterator[tuple[ListEntry, tuple[Credit, ...]]]:
    """Yield the people of each chapter that has any, with their roles."""
    for chapter in context.chapters:
        known_contributors = [c for c in chapter.front.contributors if c.id in context.paper.people and not c.proposed]
        people = [
            Credit(column_head(context.words, f"role_{c.role}"), *name_and_post(context, context.paper.people[c.id]))
            for c in sorted(known_contributors, key=lambda c: _ROLES.index(c.role))
        ]
        section = f"sec-{chapter.id}"
        if people:
            yield ListEntry(1, context.numbers.get(section, ""), chapter.front.title, section), tuple(people)


def count_statuses(context: ListContext) -> Mapping[str, int]:
    """Return the number of chapters by status, by printed name, in the order of a chapter's life."""
    counts = Counter(chapter.front.status for chapter in context.chapters)
    return {status.title: counts[status.id] for status in context.paper.settings.statuses if counts[status.id]}


# --- glossary ---------------------------------------------------------------------------------------------------------


GLOSSARY = "list-glossary"
"""Key of the target that names the place of the printed glossary."""


def build_glossary(context: ListContext) -> list[Node]:
    """Return the defined terms in alphabetical order, each with its definition and source."""
    entries = [
        ([tree.span(tree.text_inlines(term.use), id=term_id(term))], tree.plain_block(_definition(context, term)))
        for term in sorted(defined_terms(context.paper), key=lambda term: term.use.casefold())
    ]
    return definition_list("glossary", entries)


def _definition(context: ListContext, term: Term) -> list[Node]:
    """Return a definition, with its source before the full stop."""
    text = term.definition or ""
    if not term.source or term.source not in context.paper.references:
        return tree.text_inlines(text)
    body, stop = (text[:-1], text[-1]) if text.endswith((".", "۔")) else (text, "")
    citation = context.references.resolve_citation(tree.cite(term.source))
    end = [{"t": "Str", "c": stop}] if stop else []
    return [*tree.text_inlines(body), {"t": "Space"}, *(citation if isinstance(citation, list) else [citation]), *end]
