"""People, organizations and terms that a paper mentions, and its registers cut down to them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import Fact, Item, Organization, Paper, Person, Reference
from nioc_paper.model.characters import comparable


def prune_registers(visible: Paper, paper: Paper) -> Paper:
    """Return a visible paper without register entries that only hidden parts of the whole paper used.

    Facts, references and acronyms stay if the visible text uses them, references also if a visible term is from them.
    People, organizations and terms stay if it mentions them, or if the whole paper does not mention them either.
    """
    all_mentions, visible_mentions = _find_mentions(paper), _find_mentions(visible)
    people = tuple(
        p
        for p in visible.contributors.people
        if visible_mentions.includes(p.id, p.name) or not all_mentions.includes(p.id, paper.people[p.id].name)
    )
    visible_mentions = visible_mentions.with_organizations_of(people)
    all_mentions = all_mentions.with_organizations_of(paper.people.values())
    organizations = tuple(
        o
        for o in visible.contributors.organizations
        if visible_mentions.includes(*_names_of(o)) or not all_mentions.includes(*_names_of(o))
    )
    terms = tuple(t for t in visible.terms if visible_mentions.includes(t.use) or not all_mentions.includes(t.use))
    facts, references = _used_facts_and_references(visible, {t.source for t in terms if t.definition and t.source})
    text = visible_mentions.text
    acronyms = tuple(
        a for a in visible.acronyms if comparable(a.long) in text or _is_word_in(comparable(a.short), text, ending="s?")
    )
    return replace(
        visible,
        facts_file=visible.facts_file.replace(facts=facts),
        references_file=visible.references_file.replace(references=references),
        acronyms_file=visible.acronyms_file.replace(acronyms=acronyms),
        contributors=visible.contributors.replace(people=people, organizations=organizations),
        terms_file=visible.terms_file.replace(terms=terms),
    )


def _used_facts_and_references(
    visible: Paper, defining_sources: Collection[str]
) -> tuple[tuple[Fact, ...], tuple[Reference, ...]]:
    cited = {c.key for chapter in visible.chapters for c in chapter.all_citations} | {*defining_sources}
    facts = tuple(f for f in visible.facts_file.facts if f"fact-{f.id}" in cited)
    cited |= {f.source for f in facts}
    references = (r for r in visible.references_file.references if r.id in cited)
    return facts, tuple(r if r.primary in cited else r.replace(primary=None) for r in references)


def _names_of(organization: Organization) -> tuple[str | None, ...]:
    return organization.id, organization.name, organization.acronym


def _is_word_in(word: str, text: str, ending: str = "") -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}{ending}(?!\w)", text) is not None


class _Mentions(Struct, frozen=True):
    """Ids in the records of a paper, and the words that it prints, in comparable characters."""

    ids: frozenset[str | None]
    text: str

    def includes(self, *names: str | None) -> bool:
        """Return whether any of these ids or names is mentioned; empty ones never are."""
        return any(n in self.ids or _is_word_in(comparable(n), self.text) for n in names if n)

    def with_organizations_of(self, people: Iterable[Person]) -> _Mentions:
        return replace(self, ids=self.ids | {p.org for p in people})


def _find_mentions(paper: Paper) -> _Mentions:
    ids = frozenset(
        chain(
            (paper.settings.editor, paper.settings.publisher),
            (approval.who for approval in paper.approvals),
            (c.id for chapter in paper.chapters for c in chapter.front.contributors),
            (who for chapter in paper.chapters for c in chapter.front.clearances for who in (c.contact, c.body)),
            chain.from_iterable((*decision.who, decision.owner) for decision in paper.decisions),
            chain.from_iterable(record.reviewers for record in paper.reviews),
            (point.answer.by for record in paper.reviews for point in record.points if point.answer),
            (reply.by for record in paper.reviews for comment in record.comments for reply in comment.replies),
        )
    )
    return _Mentions(ids, comparable("\n".join(_printed_texts(paper))))


def _printed_texts(paper: Paper) -> Iterator[str]:
    """Yield the words of a paper that are printed, and the attributes of its Divs."""
    for chapter in paper.chapters:
        front = chapter.front
        yield from (tree.plain_text(chapter.blocks, with_notes=True), f"{front.title} {front.summary}")
        yield from (link.how or "" for link in front.links)
        for node in tree.walk_blocks(chapter.blocks):
            if node["t"] == "Div":
                yield " ".join(tree.attributes(node).values())
        for table in chapter.data_tables:
            yield " ".join(chain(table.heads, *table.rows))
        yield from (text for chart in chapter.charts for text, _ in chart.wording)
    yield from (decision.text for decision in paper.decisions)


# --- bodies that recommendations, objectives and risks name in a field ------------------------------------------------


def items_by_body(
    paper: Paper, items: Iterable[Item], field: str, printed_words: Callable[[Item], str]
) -> dict[str, list[Item]]:
    """Return the items of each body that a field names.

    A known body has its full name, and a field without one the words that are printed.
    """
    by_body: dict[str, list[Item]] = {}
    for item in items:
        bodies = paper.bodies(item, field)
        is_known = any(organization for _, organization in bodies)
        names = [organization.name if organization else name for name, organization in bodies]
        for name in dict.fromkeys(names if is_known else filter(None, [printed_words(item)])):
            by_body.setdefault(name, []).append(item)
    return by_body
