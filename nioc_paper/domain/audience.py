"""The paper as far as an audience may read it: what is above the audience is gone before anything is made of it. Pure.

Passages are marked in the text, chapters and decisions by their `sensitivity`, people by their `attribution`. All that
hangs on a passage goes with it: figures and pictures, anchors, citations, the sources that nothing else cites, and the
paragraph, list item or row that nothing else is left in. Nothing stands where it was.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from nioc_paper import tree
from nioc_paper.model import (
    AUDIENCES,
    Acronym,
    Chapter,
    Decision,
    Document,
    FrontMatter,
    Node,
    Organization,
    Paper,
    Person,
    Reference,
    Reviews,
)
from nioc_paper.tree.items import ITEM_PREFIXES, read_item
from nioc_paper.tree.prune import Pruner
from nioc_paper.wording import Wording, localized_digits


def for_audience(paper: Paper, audience: str) -> tuple[Paper, int]:
    """The paper without what is above an audience, and how many passages, chapters and decisions those were."""
    level = AUDIENCES.index(audience)
    if audience == AUDIENCES[-1]:
        return paper, 0
    hidden = {c.id for c in paper.chapters if AUDIENCES.index(c.front.sensitivity) > level}
    anonymous = {p.id for p in paper.people.values() if p.attribution == "none"} if level == 0 else set()
    pruner = Pruner(partial(_is_withheld, level=level, hidden=hidden))
    visible = replace(
        paper,
        chapters=tuple(_visible_chapter(c, pruner, hidden | anonymous) for c in paper.chapters if c.id not in hidden),
        decisions_file=paper.decisions_file.replace(decisions=_visible_decisions(paper, level, anonymous)),
        settings=paper.settings.replace(**_visible_settings(paper, hidden, anonymous)),
        missing=(),
        registers_hash="",
        reviews=tuple(_visible_reviews(paper, level, hidden)),
        approvals_file=paper.approvals_file.replace(
            approvals=tuple(a for a in paper.approvals if a.chapter not in hidden)
        ),
    )
    if level == 0:
        people = tuple(filter(None, map(_public_person, paper.contributors.people)))
        visible = replace(visible, contributors=paper.contributors.replace(people=people))
    entries = len(paper.decisions) - len(visible.decisions)
    return _prune_registers(visible, paper), pruner.removed_count + len(hidden) + entries


def withheld_ids(paper: Paper, audience: str) -> dict[str, bool]:
    """The ids of what an audience does not get, true, or not all of, false: chapters, boxes in them and decisions."""
    visible, _ = for_audience(paper, audience)
    content, visible_content = _content_by_id(paper), _content_by_id(visible)
    return {
        name: name not in visible_content
        for name, original in content.items()
        if name not in visible_content or visible_content[name] != original
    }


def _content_by_id(paper: Paper) -> dict[str, object]:
    """What stands under each id that a reader could be told of."""
    boxes = {b.id: (b.text, [f.value for f in b.fields.values()]) for c in paper.chapters for b in c.items if b.id}
    return {**{c.id: None for c in paper.chapters}, **boxes, **{d.id: None for d in paper.decisions}}


def public_progress_view(paper: Paper, audience: str, placeholder: str) -> Paper:
    """The paper as far as an audience may know how it stands, which is not to look worse than it is.

    Who takes part counts, `nameless` or not, and so does what a chapter waits for, though not what it is.
    """
    visible, _ = for_audience(paper, audience)
    if visible is paper:
        return paper
    fronts = {chapter.id: chapter.front for chapter in paper.chapters}
    chapters = tuple(replace(c, front=c.front.replace(**_progress_fields(fronts[c.id]))) for c in visible.chapters)
    people = {person.id: person for person in visible.contributors.people}
    everyone = tuple(people.get(p.id) or _anonymized(p, placeholder) for p in paper.contributors.people)
    return replace(
        visible,
        chapters=chapters,
        contributors=visible.contributors.replace(people=everyone),
        reviews=tuple(_with_anonymous_recipients(record, paper, placeholder) for record in visible.reviews),
    )


def _with_anonymous_recipients(record: Reviews, paper: Paper, placeholder: str) -> Reviews:
    """What was sent out, without the names of those whom no register allows to be printed."""
    sendings = (
        s if s.to in paper.people or s.to in paper.organizations else s.replace(to=placeholder) for s in record.sendings
    )
    return record.replace(sendings=tuple(sendings))


def _progress_fields(front: FrontMatter) -> dict[str, Any]:
    blocked = "…" if front.blocked else None
    return {"contributors": front.contributors, "clearances": front.clearances, "blocked": blocked}


def _anonymized(person: Person, placeholder: str) -> Person:
    replacements = {
        "name": placeholder,
        "title": None,
        "aka": (),
        "org": None,
        "post": None,
        "orcid": None,
        "note": None,
    }
    return person.replace(**replacements)


def notices(document: Document, words: Wording) -> list[str]:
    """What a copy says of what it lacks, and of what it has that not everybody may read."""
    n = document.withheld
    withheld_notice = words["withheld_one"] if n == 1 else words["withheld"].format(localized_digits(str(n), words))
    highest = AUDIENCES[document.marking]
    return [*([withheld_notice] if n else []), *([words[f"holds_{highest}"]] if document.marking else [])]


def sensitivity_level(node: Node) -> int:
    """For whom a passage is marked, as an index of AUDIENCES; 0 where it is not marked."""
    return max((AUDIENCES.index(name) for name in tree.classes(node) if name in AUDIENCES), default=0)


def _is_withheld(node: Node, level: int, hidden: Collection[str]) -> bool:
    """Whether a passage is marked for readers above a level, or tells of a chapter that is."""
    return sensitivity_level(node) > level or (
        tree.is_div(node, "linkage") and tree.attributes(node).get("to") in hidden
    )


def _visible_chapter(chapter: Chapter, pruner: Pruner, hidden_ids: Collection[str]) -> Chapter:
    """A chapter with the passages that are left, and without what its front matter says to colleagues."""
    blocks = pruner.prune_blocks(chapter.blocks)
    fields = {
        "contributors": tuple(c for c in chapter.front.contributors if c.id not in hidden_ids),
        "links": tuple(link for link in chapter.front.links if link.to not in hidden_ids),
        "clearances": (),
        "blocked": None,
        "allow": (),
    }
    front = chapter.front.replace(**fields)
    stripped = replace(chapter, front=front, text="", suggestions=(), suggested_body=tree.as_tree(()))
    return stripped if blocks is chapter.blocks else with_blocks(stripped, tuple(blocks))


def with_blocks(chapter: Chapter, blocks: tuple[Node, ...]) -> Chapter:
    """The chapter with other blocks, and of what is seen in them only what is left."""
    nodes = tree.group_by_type(blocks)
    ids = {tree.identifier(n) for kind in tree.TYPES_WITH_ATTR for n in nodes[kind]}
    titles = {chapter.place(n): tree.plain_text(n["c"][2]) for n in nodes["Header"]}
    cited = {(c["citationId"], chapter.place(c)) for n in nodes["Cite"] for c in n["c"][0]}
    linked = {(n["c"][2][0], chapter.place(n)) for n in nodes["Link"]}
    pictures = {chapter.place(n): tree.attributes(n).get("alt") or tree.plain_text(n["c"][1]) for n in nodes["Image"]}
    data_places = {chapter.place(n) for n in nodes["CodeBlock"]}
    return replace(
        chapter,
        body=tree.as_tree(blocks),
        words=sum(map(tree.count_words, blocks)),
        headings=tuple(replace(h, title=titles[h.place]) for h in chapter.headings if h.place in titles),
        citations=tuple(c for c in chapter.citations if (c.key, c.place) in cited),
        anchors=tuple(a for a in chapter.anchors if a.id in ids),
        links=tuple(k for k in chapter.links if (k.target, k.place) in linked),
        images=tuple(replace(i, alt=pictures[i.place]) for i in chapter.images if i.place in pictures),
        charts=tuple(c for c in chapter.charts if c.place in data_places),
        tables=tuple(t for t in chapter.tables if t.place in data_places),
        items=tuple(read_item(n, chapter.path) for n in nodes["Div"] if ITEM_PREFIXES.keys() & tree.classes(n)),
    )


def _visible_decisions(paper: Paper, level: int, anonymous: Collection[str]) -> tuple[Decision, ...]:
    """The decisions that are left, without those who are not named at all."""
    return tuple(
        d.replace(
            who=tuple(w for w in d.who if w not in anonymous),
            owner=None if d.owner in anonymous else d.owner,
            note=None,
        )
        for d in paper.decisions
        if AUDIENCES.index(d.sensitivity) <= level
    )


def _visible_reviews(paper: Paper, level: int, hidden: Collection[str]) -> Iterator[Reviews]:
    """What was said of chapters that are left, as far as it is about passages that are."""
    for record in paper.reviews:
        if record.chapter not in hidden:
            comments = tuple(c for c in record.comments if AUDIENCES.index(c.sensitivity) <= level)
            unmerged = tuple(u for u in record.unmerged if AUDIENCES.index(u.sensitivity) <= level)
            yield record.replace(comments=comments, unmerged=unmerged)


def _visible_settings(paper: Paper, hidden: Collection[str], anonymous: Collection[str]) -> dict[str, Any]:
    """The parts without hidden chapters, and the categories that are not those of hidden chapters alone."""
    paths = {c.path for c in paper.chapters if c.id in hidden}
    parts = [p.replace(chapters=tuple(path for path in p.chapters if path not in paths)) for p in paper.settings.parts]
    hidden_categories = {c.front.category for c in paper.chapters if c.id in hidden}
    hidden_categories -= {c.front.category for c in paper.chapters if c.id not in hidden}
    return {
        "editor": None if paper.settings.editor in anonymous else paper.settings.editor,
        "parts": tuple(new for new, old in zip(parts, paper.settings.parts, strict=True) if new.chapters or new == old),
        "categories": tuple(c for c in paper.settings.categories if c.id not in hidden_categories),
    }


def _public_person(person: Person) -> Person | None:
    """Somebody as the public may know them: by name, by post, or not at all."""
    if person.attribution == "none":
        return None
    replacements: dict[str, Any] = {"note": None, "aka": ()}
    if person.attribution == "role":
        replacements |= {"name": "", "title": None, "orcid": None}
    return person.replace(**replacements)


def _prune_registers(visible: Paper, paper: Paper) -> Paper:
    """What is left, with the facts, sources and abbreviations on which it draws, and nobody of whom it does not tell.

    Entries of which the whole does not tell either are left as they are.
    """
    cited = {c.key for chapter in visible.chapters for c in chapter.citations}
    facts = tuple(f for f in visible.facts_file.facts if f"fact-{f.id}" in cited)
    cited |= {f.source for f in facts}
    references = (r for r in visible.references_file.references if r.id in cited)
    contributors = visible.contributors
    all_mentions, visible_mentions = _Mentions(paper), _Mentions(visible)
    people = tuple(
        p
        for p in contributors.people
        if visible_mentions.includes(p.id, p.name) or not all_mentions.includes(p.id, paper.people[p.id].name)
    )
    visible_mentions.ids |= {p.org or "" for p in people}
    all_mentions.ids |= {p.org or "" for p in paper.people.values()}
    organizations = tuple(
        o
        for o in contributors.organizations
        if visible_mentions.includes(*_names_of(o)) or not all_mentions.includes(*_names_of(o))
    )
    terms = tuple(t for t in visible.terms if visible_mentions.includes(t.use) or not all_mentions.includes(t.use))
    return replace(
        visible,
        facts_file=visible.facts_file.replace(facts=facts),
        references_file=visible.references_file.replace(
            references=tuple(_without_hidden_primary(r, cited) for r in references)
        ),
        acronyms_file=visible.acronyms_file.replace(
            acronyms=tuple(a for a in visible.acronyms if _is_used(a, visible_mentions.text))
        ),
        contributors=contributors.replace(people=people, organizations=organizations),
        terms_file=visible.terms_file.replace(terms=terms),
        decisions_file=visible.decisions_file.replace(
            decisions=tuple(_without_hidden_link(d, visible, paper) for d in visible.decisions)
        ),
    )


def _names_of(organization: Organization) -> tuple[str | None, ...]:
    return organization.id, organization.name, organization.acronym


def _without_hidden_primary(source: Reference, cited: Collection[str]) -> Reference:
    return source if source.primary in cited else source.replace(primary=None)


def _without_hidden_link(decision: Decision, visible: Paper, paper: Paper) -> Decision:
    hidden_ids = _content_by_id(paper).keys() - _content_by_id(visible).keys()
    return decision.replace(link=None) if decision.link in hidden_ids else decision


class _Mentions:
    """Of whom and of what a paper tells: by id in its records, or by name in its words."""

    def __init__(self, paper: Paper) -> None:
        self.text = "\n".join(_printed_texts(paper))
        self.ids = {paper.settings.editor, paper.settings.publisher, *(a.who for a in paper.approvals)}
        for chapter in paper.chapters:
            self.ids |= {c.id for c in chapter.front.contributors} | {c.contact for c in chapter.front.clearances}
            self.ids |= {c.body for c in chapter.front.clearances}
        for decision in paper.decisions:
            self.ids |= {*decision.who, decision.owner}
        for record in paper.reviews:
            self.ids |= {s.to for s in record.sendings} | {c.by for c in (*record.comments, *record.unmerged)}
            self.ids |= {c.answer.by for c in (*record.comments, *record.unmerged) if c.answer}
            self.ids |= {reply.by for c in record.comments for reply in c.replies}

    def includes(self, *names: str | None) -> bool:
        """Return whether it tells of somebody or something with any of these names."""
        return any(n in self.ids or re.search(rf"(?<!\w){re.escape(n)}(?!\w)", self.text) for n in names if n)


def _printed_texts(paper: Paper) -> Iterator[str]:
    """The words of a paper that are printed."""
    for chapter in paper.chapters:
        front = chapter.front
        yield from (tree.plain_text(chapter.blocks, with_notes=True), f"{front.title} {front.summary}")
        yield from (link.how or "" for link in front.links)
        yield from (
            " ".join(tree.attributes(node).values()) for node in tree.walk_blocks(chapter.blocks) if node["t"] == "Div"
        )
        for table in (*(chart.data for chart in chapter.charts), *chapter.tables):
            yield " ".join(chain(table.heads, *table.rows))
        yield from (chart.alt for chart in chapter.charts)
    yield from (decision.text for decision in paper.decisions)


def _is_used(acronym: Acronym, text: str) -> bool:
    return acronym.long in text or re.search(rf"(?<!\w){re.escape(acronym.short)}s?(?!\w)", text) is not None
