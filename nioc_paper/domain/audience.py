"""Limit a paper to an audience: everything above it is removed before any output is made. Pure.

Passages are marked in the text, chapters and decisions by their `sensitivity`, people by their `attribution`. All that
depends on a passage is removed with it: figures and pictures, anchors, citations, sources cited nowhere but there, and
the paragraph, list item or row left empty. No gap is visible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.mentions import prune_registers
from nioc_paper.domain.quoted_words import MarkedWords, Quotations
from nioc_paper.model import (
    AUDIENCES,
    Chapter,
    Consultations,
    Decision,
    Document,
    FrontMatter,
    Node,
    Paper,
    Person,
    Reviews,
    Settings,
)
from nioc_paper.tree.prune import Pruner
from nioc_paper.tree.strategy_items import ITEM_PREFIXES, read_item
from nioc_paper.wording import Wording, localized_digits


def for_audience(paper: Paper, audience: str) -> tuple[Paper, int]:
    """Return the paper without anything above an audience, and the number of passages, chapters and decisions gone."""
    level = AUDIENCES.index(audience)
    if audience == AUDIENCES[-1]:
        return paper, 0
    hidden = {c.id for c in paper.chapters if AUDIENCES.index(c.front.sensitivity) > level}
    anonymous = {p.id for p in paper.people.values() if p.attribution == "none"} if level == 0 else set()
    level_of = partial(_node_level, levels={c.id: AUDIENCES.index(c.front.sensitivity) for c in paper.chapters})
    pruner, marked_words = Pruner(lambda node: level_of(node) > level), MarkedWords(paper.chapters, level_of)
    decisions = _visible_decisions(paper, level, anonymous, marked_words)
    approvals = tuple(a for a in paper.approvals if a.chapter not in hidden)
    visible = replace(
        paper,
        chapters=tuple(_visible_chapter(c, pruner, hidden | anonymous) for c in paper.chapters if c.id not in hidden),
        decisions_file=paper.decisions_file.replace(decisions=decisions),
        settings=_visible_settings(paper, hidden, anonymous),
        missing=(),
        consultations_file=Consultations(),  # lists have the states of agreement; what bodies wrote is for colleagues
        registers_hash="",
        reviews=tuple(_visible_reviews(paper, level, level_of, marked_words)),
        approvals_file=paper.approvals_file.replace(approvals=approvals),
    )
    if level == 0:
        people = tuple(_public_people(paper.contributors.people))
        visible = replace(visible, contributors=paper.contributors.replace(people=people))
    gone = pruner.removed_count + len(hidden) + len(paper.decisions) - len(decisions)
    return _without_hidden_links(prune_registers(visible, paper), paper), gone


def withheld_ids(paper: Paper, audience: str) -> dict[str, bool]:
    """Return ids withheld from an audience, wholly (true) or partly (false): chapters, their items and decisions."""
    visible, _ = for_audience(paper, audience)
    content, visible_content = _content_by_id(paper), _content_by_id(visible)
    return {
        name: name not in visible_content
        for name, original in content.items()
        if name not in visible_content or visible_content[name] != original
    }


def _content_by_id(paper: Paper) -> dict[str, object]:
    """Return the content of each id that readers can refer to."""
    items = {b.id: (b.text, [f.value for f in b.fields.values()]) for c in paper.chapters for b in c.items if b.id}
    return {**{c.id: None for c in paper.chapters}, **items, **{d.id: None for d in paper.decisions}}


def public_progress_view(paper: Paper, audience: str, placeholder: str) -> Paper:
    """Return the paper limited to an audience, with everything that counts for progress.

    It must not look worse than it is: everyone who takes part counts, anonymous or not, and a chapter shows that it is
    blocked, but not by what.
    """
    visible, _ = for_audience(paper, audience)
    if visible is paper:
        return paper
    fronts = {chapter.id: chapter.front for chapter in paper.chapters}
    chapters = tuple(replace(c, front=_with_progress(c.front, fronts[c.id])) for c in visible.chapters)
    people = {person.id: person for person in visible.contributors.people if visible.display_name(person.id)}
    everyone = tuple(people.get(p.id) or _without_identity(p, placeholder) for p in paper.contributors.people)
    return replace(
        visible,
        chapters=chapters,
        contributors=visible.contributors.replace(people=everyone),
        reviews=tuple(_with_anonymous_recipients(record, paper, placeholder) for record in visible.reviews),
    )


def _with_anonymous_recipients(record: Reviews, paper: Paper, placeholder: str) -> Reviews:
    """Return a ledger with a placeholder for recipients that no register allows to be printed."""
    sendings = (
        s if s.to in paper.people or s.to in paper.organizations else s.replace(to=placeholder) for s in record.sendings
    )
    return record.replace(sendings=tuple(sendings))


def _with_progress(visible: FrontMatter, front: FrontMatter) -> FrontMatter:
    """Return visible front matter with everyone who takes part, and whether the chapter is blocked but not by what."""
    blocked = "…" if front.blocked else None
    return visible.replace(contributors=front.contributors, clearances=front.clearances, blocked=blocked)


def _without_identity(person: Person, placeholder: str) -> Person:
    return person.replace(name=placeholder, title=None, aka=(), org=None, post=None, orcid=None, note=None)


def notices(document: Document, words: Wording) -> list[str]:
    """Return the notices of an output: that content is withheld, and that it is not for everybody."""
    n = document.withheld
    withheld_notice = words["withheld_one"] if n == 1 else words["withheld"].format(localized_digits(str(n), words))
    highest = AUDIENCES[document.marking]
    return [*([withheld_notice] if n else []), *([words[f"holds_{highest}"]] if document.marking else [])]


def sensitivity_level(node: Node) -> int:
    """Return the audience that a passage is marked for, as an index of AUDIENCES; 0 without a mark."""
    names = tree.classes(node)
    return max((AUDIENCES.index(name) for name in names if name in AUDIENCES), default=0) if names else 0


def _node_level(node: Node, levels: Mapping[str, int]) -> int:
    """Return the audience that a passage is marked for; of a linkage at least that of its chapter by `levels`."""
    linked = levels.get(tree.attributes(node).get("to", ""), 0) if tree.is_div(node, "linkage") else 0
    return max(sensitivity_level(node), linked)


def _visible_chapter(chapter: Chapter, pruner: Pruner, hidden_ids: Collection[str]) -> Chapter:
    """Return a chapter with its visible passages, without front matter for colleagues."""
    blocks = pruner.prune_blocks(chapter.blocks)
    front = chapter.front.replace(
        contributors=tuple(c for c in chapter.front.contributors if c.id not in hidden_ids),
        links=tuple(link for link in chapter.front.links if link.to not in hidden_ids),
        clearances=(),
        blocked=None,
        allow=(),
    )
    stripped = replace(chapter, front=front, text="", suggestions=(), suggested_body=tree.as_tree(()))
    return stripped if blocks is chapter.blocks else _with_figures(with_blocks(stripped, tuple(blocks)), chapter)


def _with_figures(visible: Chapter, chapter: Chapter) -> Chapter:
    """Return a visible chapter without the key figures whose facts only withheld passages have."""
    hidden = {c.key for c in chapter.citations} - {c.key for c in visible.citations}
    front = visible.front
    others = tuple(figure for figure in front.key_figures if f"fact-{figure.fact}" not in hidden)
    main = None if front.key_figure and f"fact-{front.key_figure.fact}" in hidden else front.key_figure
    return replace(visible, front=front.replace(key_figure=main, key_figures=others))


def with_blocks(chapter: Chapter, blocks: tuple[Node, ...]) -> Chapter:
    """Return the chapter with other blocks, and with only those records whose nodes are still in them."""
    nodes, place = tree.group_by_type(blocks), chapter.place
    titles = {place(n): tree.plain_text(n) for n in nodes["Header"]}
    alts = {place(n): tree.alternative_text(n) for n in nodes["Image"]}
    citations = {(c["citationId"], place(c)) for n in nodes["Cite"] for c in tree.citations(n)}
    links = {(tree.target(n), place(n)) for n in nodes["Link"]}
    ids = {tree.identifier(n) for kind in tree.TYPES_WITH_ATTR for n in nodes[kind]}
    code_places = {place(n) for n in nodes["CodeBlock"]}
    return replace(
        chapter,
        body=tree.as_tree(blocks),
        words=sum(map(tree.count_words, blocks)),
        headings=tuple(replace(h, title=titles[h.place]) for h in chapter.headings if h.place in titles),
        citations=tuple(c for c in chapter.citations if (c.key, c.place) in citations),
        anchors=tuple(a for a in chapter.anchors if a.id in ids),
        links=tuple(k for k in chapter.links if (k.target, k.place) in links),
        images=tuple(replace(i, alt=alts[i.place]) for i in chapter.images if i.place in alts),
        charts=tuple(c for c in chapter.charts if c.place in code_places),
        tables=tuple(t for t in chapter.tables if t.place in code_places),
        items=tuple(read_item(n, chapter.path) for n in nodes["Div"] if ITEM_PREFIXES.keys() & tree.classes(n)),
    )


def _visible_decisions(
    paper: Paper, level: int, anonymous: Collection[str], marked_words: MarkedWords
) -> tuple[Decision, ...]:
    """Return the visible decisions, without people who are not named at all."""
    return tuple(
        d.replace(who=tuple(w for w in d.who if w not in anonymous), owner=None if d.owner in anonymous else d.owner)
        for d in (decision.replace(note=None) for decision in paper.decisions)
        if max(AUDIENCES.index(d.sensitivity), marked_words.level((d.text, d.meeting))) <= level
    )


def _visible_reviews(
    paper: Paper, level: int, level_of: Callable[[Node], int], marked_words: MarkedWords
) -> Iterator[Reviews]:
    """Yield the records of visible chapters with the points that the audience may read."""
    chapters = {c.id: c for c in paper.chapters if AUDIENCES.index(c.front.sensitivity) <= level}
    for record in paper.reviews:
        if chapter := chapters.get(record.chapter):
            quotations = Quotations(chapter, level_of, marked_words)
            comments = tuple(c for c in record.comments if quotations.level(c) <= level)
            unmerged = tuple(u for u in record.unmerged if quotations.level(u) <= level)
            # What files of their own say is in the points by now.
            yield record.replace(comments=comments, unmerged=unmerged, returns=(), answers=(), updates=())


def _visible_settings(paper: Paper, hidden: Collection[str], anonymous: Collection[str]) -> Settings:
    """Return the settings without hidden chapters, and without categories that only hidden chapters have."""
    paths = {c.path for c in paper.chapters if c.id in hidden}
    parts = [p.replace(chapters=tuple(path for path in p.chapters if path not in paths)) for p in paper.settings.parts]
    hidden_categories = {c.front.category for c in paper.chapters if c.id in hidden}
    hidden_categories -= {c.front.category for c in paper.chapters if c.id not in hidden}
    return paper.settings.replace(
        editor=None if paper.settings.editor in anonymous else paper.settings.editor,
        parts=tuple(new for new, old in zip(parts, paper.settings.parts, strict=True) if new.chapters or new == old),
        categories=tuple(c for c in paper.settings.categories if c.id not in hidden_categories),
    )


def _public_people(people: Sequence[Person]) -> Iterator[Person]:
    """Yield the people who may be named, and the others without a name, and without a post that is theirs alone.

    A post that one person holds is a name for those who know the field.
    """
    holders = Counter((person.post, person.org) for person in people if person.attribution == "role")
    for person in people:
        public = person.replace(note=None, aka=())
        if person.attribution == "named":
            yield public
        elif person.attribution == "role":
            post = person.post if holders[person.post, person.org] > 1 else None
            yield public.replace(name="", title=None, orcid=None, post=post)


def _without_hidden_links(visible: Paper, paper: Paper) -> Paper:
    """Return the paper with the links of its decisions that lead to hidden content removed."""
    hidden_ids = _content_by_id(paper).keys() - _content_by_id(visible).keys()
    decisions = tuple(d.replace(link=None) if d.link in hidden_ids else d for d in visible.decisions)
    return replace(visible, decisions_file=visible.decisions_file.replace(decisions=decisions))
