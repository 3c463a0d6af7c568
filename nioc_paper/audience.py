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
from nioc_paper.items import ITEMS, item
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
from nioc_paper.prune import Pruner
from nioc_paper.wording import Words, digits


def for_audience(paper: Paper, audience: str) -> tuple[Paper, int]:
    """The paper without what is above an audience, and how many passages, chapters and decisions those were."""
    level = AUDIENCES.index(audience)
    if audience == AUDIENCES[-1]:
        return paper, 0
    hidden = {c.id for c in paper.chapters if AUDIENCES.index(c.front.sensitivity) > level}
    nameless = {p.id for p in paper.people.values() if p.attribution == "none"} if level == 0 else set()
    pruner = Pruner(partial(_above, level=level, hidden=hidden))
    left = replace(
        paper,
        chapters=tuple(_chapter(c, pruner, hidden | nameless) for c in paper.chapters if c.id not in hidden),
        decisions_file=paper.decisions_file.changed(decisions=_decisions(paper, level, nameless)),
        settings=paper.settings.changed(**_settings(paper, hidden, nameless)),
        missing=(),
        digest="",
        reviews=tuple(_reviews(paper, level, hidden)),
        approvals_file=paper.approvals_file.changed(
            approvals=tuple(a for a in paper.approvals if a.chapter not in hidden)
        ),
    )
    if level == 0:
        people = tuple(filter(None, map(_public, paper.contributors.people)))
        left = replace(left, contributors=paper.contributors.changed(people=people))
    entries = len(paper.decisions) - len(left.decisions)
    return _drawn_on(left, paper), pruner.count + len(hidden) + entries


def withheld_ids(paper: Paper, audience: str) -> dict[str, bool]:
    """The ids of what an audience does not get, true, or not all of, false: chapters, boxes in them and decisions."""
    left, _ = for_audience(paper, audience)
    whole, kept = _said(paper), _said(left)
    return {name: name not in kept for name, said in whole.items() if name not in kept or kept[name] != said}


def _said(paper: Paper) -> dict[str, object]:
    """What stands under each id that a reader could be told of."""
    boxes = {b.id: (b.text, [f.value for f in b.fields.values()]) for c in paper.chapters for b in c.items if b.id}
    return {**{c.id: None for c in paper.chapters}, **boxes, **{d.id: None for d in paper.decisions}}


def as_known(paper: Paper, audience: str, nameless: str) -> Paper:
    """The paper as far as an audience may know how it stands, which is not to look worse than it is.

    Who takes part counts, `nameless` or not, and so does what a chapter waits for, though not what it is.
    """
    left, _ = for_audience(paper, audience)
    if left is paper:
        return paper
    fronts = {chapter.id: chapter.front for chapter in paper.chapters}
    chapters = tuple(replace(c, front=c.front.changed(**_standing(fronts[c.id]))) for c in left.chapters)
    people = {person.id: person for person in left.contributors.people}
    everybody = tuple(people.get(p.id) or _unknown(p, nameless) for p in paper.contributors.people)
    return replace(
        left,
        chapters=chapters,
        contributors=left.contributors.changed(people=everybody),
        reviews=tuple(_unsaid(record, paper, nameless) for record in left.reviews),
    )


def _unsaid(record: Reviews, paper: Paper, nameless: str) -> Reviews:
    """What was sent out, without the names of those whom no register allows to be printed."""
    sendings = (
        s if s.to in paper.people or s.to in paper.organizations else s.changed(to=nameless) for s in record.sendings
    )
    return record.changed(sendings=tuple(sendings))


def _standing(front: FrontMatter) -> dict[str, Any]:
    blocked = "…" if front.blocked else None
    return {"contributors": front.contributors, "clearances": front.clearances, "blocked": blocked}


def _unknown(person: Person, nameless: str) -> Person:
    unsaid = {"name": nameless, "title": None, "aka": (), "org": None, "post": None, "orcid": None, "note": None}
    return person.changed(**unsaid)


def notices(document: Document, words: Words) -> list[str]:
    """What a copy says of what it lacks, and of what it has that not everybody may read."""
    n = document.withheld
    lacks = words["withheld_one"] if n == 1 else words["withheld"].format(digits(str(n), words))
    highest = AUDIENCES[document.marking]
    return [*([lacks] if n else []), *([words[f"holds_{highest}"]] if document.marking else [])]


def marking(node: Node) -> int:
    """For whom a passage is marked, as an index of AUDIENCES; 0 where it is not marked."""
    return max((AUDIENCES.index(name) for name in tree.classes(node) if name in AUDIENCES), default=0)


def _above(node: Node, level: int, hidden: Collection[str]) -> bool:
    """Whether a passage is marked for readers above a level, or tells of a chapter that is."""
    return marking(node) > level or (tree.is_div(node, "linkage") and tree.values(node).get("to") in hidden)


def _chapter(chapter: Chapter, pruner: Pruner, unsaid: Collection[str]) -> Chapter:
    """A chapter with the passages that are left, and without what its front matter says to colleagues."""
    blocks = pruner.blocks(chapter.blocks)
    update = {
        "contributors": tuple(c for c in chapter.front.contributors if c.id not in unsaid),
        "links": tuple(link for link in chapter.front.links if link.to not in unsaid),
        "clearances": (),
        "blocked": None,
        "allow": (),
    }
    front = chapter.front.changed(**update)
    read = replace(chapter, front=front, text="", suggestions=(), suggested=tree.ready(()))
    return read if blocks is chapter.blocks else with_blocks(read, tuple(blocks))


def with_blocks(chapter: Chapter, blocks: tuple[Node, ...]) -> Chapter:
    """The chapter with other blocks, and of what is seen in them only what is left."""
    nodes = tree.by_type(blocks)
    ids = {tree.identifier(n) for kind in tree.WITH_ATTRIBUTES for n in nodes[kind]}
    titles = {chapter.place(n): tree.plain(n["c"][2]) for n in nodes["Header"]}
    cited = {(c["citationId"], chapter.place(c)) for n in nodes["Cite"] for c in n["c"][0]}
    linked = {(n["c"][2][0], chapter.place(n)) for n in nodes["Link"]}
    pictures = {chapter.place(n): tree.values(n).get("alt") or tree.plain(n["c"][1]) for n in nodes["Image"]}
    drawn = {chapter.place(n) for n in nodes["CodeBlock"]}
    return replace(
        chapter,
        body=tree.ready(blocks),
        words=sum(map(tree.words, blocks)),
        headings=tuple(replace(h, title=titles[h.place]) for h in chapter.headings if h.place in titles),
        citations=tuple(c for c in chapter.citations if (c.key, c.place) in cited),
        anchors=tuple(a for a in chapter.anchors if a.id in ids),
        links=tuple(k for k in chapter.links if (k.target, k.place) in linked),
        images=tuple(replace(i, alt=pictures[i.place]) for i in chapter.images if i.place in pictures),
        charts=tuple(c for c in chapter.charts if c.place in drawn),
        tables=tuple(t for t in chapter.tables if t.place in drawn),
        items=tuple(item(n, chapter.path) for n in nodes["Div"] if ITEMS.keys() & tree.classes(n)),
    )


def _decisions(paper: Paper, level: int, nameless: Collection[str]) -> tuple[Decision, ...]:
    """The decisions that are left, without those who are not named at all."""
    return tuple(
        d.changed(
            who=tuple(w for w in d.who if w not in nameless),
            owner=None if d.owner in nameless else d.owner,
            note=None,
        )
        for d in paper.decisions
        if AUDIENCES.index(d.sensitivity) <= level
    )


def _reviews(paper: Paper, level: int, hidden: Collection[str]) -> Iterator[Reviews]:
    """What was said of chapters that are left, as far as it is about passages that are."""
    for record in paper.reviews:
        if record.chapter not in hidden:
            comments = tuple(c for c in record.comments if AUDIENCES.index(c.sensitivity) <= level)
            unmerged = tuple(u for u in record.unmerged if AUDIENCES.index(u.sensitivity) <= level)
            yield record.changed(comments=comments, unmerged=unmerged)


def _settings(paper: Paper, hidden: Collection[str], nameless: Collection[str]) -> dict[str, Any]:
    """The parts without hidden chapters, and the categories that are not those of hidden chapters alone."""
    paths = {c.path for c in paper.chapters if c.id in hidden}
    parts = [p.changed(chapters=tuple(path for path in p.chapters if path not in paths)) for p in paper.settings.parts]
    gone = {c.front.category for c in paper.chapters if c.id in hidden}
    gone -= {c.front.category for c in paper.chapters if c.id not in hidden}
    return {
        "editor": None if paper.settings.editor in nameless else paper.settings.editor,
        "parts": tuple(new for new, old in zip(parts, paper.settings.parts, strict=True) if new.chapters or new == old),
        "categories": tuple(c for c in paper.settings.categories if c.id not in gone),
    }


def _public(person: Person) -> Person | None:
    """Somebody as the public may know them: by name, by post, or not at all."""
    if person.attribution == "none":
        return None
    unsaid: dict[str, Any] = {"note": None, "aka": ()}
    if person.attribution == "role":
        unsaid |= {"name": "", "title": None, "orcid": None}
    return person.changed(**unsaid)


def _drawn_on(left: Paper, whole: Paper) -> Paper:
    """What is left, with the facts, sources and abbreviations on which it draws, and nobody of whom it does not tell.

    Entries of which the whole does not tell either are left as they are.
    """
    cited = {c.key for chapter in left.chapters for c in chapter.citations}
    facts = tuple(f for f in left.facts_file.facts if f"fact-{f.id}" in cited)
    cited |= {f.source for f in facts}
    sources = (r for r in left.references_file.references if r.id in cited)
    known = left.contributors
    before, after = _Told(whole), _Told(left)
    people = tuple(p for p in known.people if after.of(p.id, p.name) or not before.of(p.id, whole.people[p.id].name))
    after.ids |= {p.org or "" for p in people}
    before.ids |= {p.org or "" for p in whole.people.values()}
    bodies = tuple(o for o in known.organizations if after.of(*_names(o)) or not before.of(*_names(o)))
    terms = tuple(t for t in left.terms if after.of(t.use) or not before.of(t.use))
    return replace(
        left,
        facts_file=left.facts_file.changed(facts=facts),
        references_file=left.references_file.changed(references=tuple(_without_primary(r, cited) for r in sources)),
        acronyms_file=left.acronyms_file.changed(acronyms=tuple(a for a in left.acronyms if _is_used(a, after.text))),
        contributors=known.changed(people=people, organizations=bodies),
        terms_file=left.terms_file.changed(terms=terms),
        decisions_file=left.decisions_file.changed(decisions=tuple(_linked(d, left, whole) for d in left.decisions)),
    )


def _names(body: Organization) -> tuple[str | None, ...]:
    return body.id, body.name, body.acronym


def _without_primary(source: Reference, cited: Collection[str]) -> Reference:
    return source if source.primary in cited else source.changed(primary=None)


def _linked(decision: Decision, left: Paper, whole: Paper) -> Decision:
    gone = _said(whole).keys() - _said(left).keys()
    return decision.changed(link=None) if decision.link in gone else decision


class _Told:
    """Of whom and of what a paper tells: by id in its records, or by name in its words."""

    def __init__(self, paper: Paper) -> None:
        self.text = "\n".join(_words(paper))
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

    def of(self, *names: str | None) -> bool:
        """Return whether it tells of somebody or something with any of these names."""
        return any(n in self.ids or re.search(rf"(?<!\w){re.escape(n)}(?!\w)", self.text) for n in names if n)


def _words(paper: Paper) -> Iterator[str]:
    """The words of a paper that are printed."""
    for chapter in paper.chapters:
        front = chapter.front
        yield from (tree.plain(chapter.blocks, notes=True), f"{front.title} {front.summary}")
        yield from (link.how or "" for link in front.links)
        yield from (" ".join(tree.values(node).values()) for node in tree.blocks(chapter.blocks) if node["t"] == "Div")
        for made in (*(chart.data for chart in chapter.charts), *chapter.tables):
            yield " ".join(chain(made.heads, *made.rows))
        yield from (chart.alt for chart in chapter.charts)
    yield from (decision.text for decision in paper.decisions)


def _is_used(acronym: Acronym, text: str) -> bool:
    return acronym.long in text or re.search(rf"(?<!\w){re.escape(acronym.short)}s?(?!\w)", text) is not None
