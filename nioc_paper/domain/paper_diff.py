"""Differences between two versions of a paper: statuses, recommendations, decisions, comments. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.fact_values import plain_text_with_facts
from nioc_paper.model import Chapter, Decision, Fact, Item, Paper


class StatusChange(Struct, frozen=True):
    """Chapter with another status; None before it was added, or after it was dropped."""

    chapter: Chapter
    before: str | None
    """Id of the former status."""
    after: str | None


class ItemChange(Struct, frozen=True):
    """Changed finding or recommendation in its present form; a dropped one in its last form."""

    chapter: Chapter
    item: Item
    kind: Literal["new", "changed", "dropped"]


class DecisionChange(Struct, frozen=True):
    """Changed entry of the register of decisions."""

    decision: Decision
    kind: Literal["new", "done", "dropped"]


class PaperDiff(Struct, frozen=True):
    """All differences, in the order of the paper."""

    status_changes: tuple[StatusChange, ...] = ()
    items: tuple[ItemChange, ...] = ()
    """Changed recommendations and findings."""
    decisions: tuple[DecisionChange, ...] = ()
    answered_comments: Mapping[str, int] = field(default_factory=dict)
    """Number of newly answered comments and unmerged changes by the id of the chapter."""
    answers: Mapping[str, int] = field(default_factory=dict)
    """Number of new answers of bodies by their state."""
    added_words: int = 0
    """Number of words added; negative if the paper is shorter."""

    def without(self, hidden: Collection[str]) -> PaperDiff:
        """Return the differences without these ids: chapters go with all their content."""
        return replace(
            self,
            status_changes=tuple(c for c in self.status_changes if c.chapter.id not in hidden),
            items=tuple(each for each in self.items if not {each.chapter.id, each.item.id} & {*hidden}),
            decisions=tuple(d for d in self.decisions if d.decision.id not in hidden),
            answered_comments={chapter: n for chapter, n in self.answered_comments.items() if chapter not in hidden},
        )

    def without_new_chapters(self) -> PaperDiff:
        """Return the differences without chapters that were added, and without their items."""
        new_ids = {c.chapter.id for c in self.status_changes if c.before is None}
        return replace(
            self,
            status_changes=tuple(c for c in self.status_changes if c.before is not None),
            items=tuple(each for each in self.items if each.chapter.id not in new_ids),
        )


def compare_papers(before: Paper, after: Paper) -> PaperDiff:
    """Return the changes from `before` to `after`. Only chapters listed in paper.yaml are part of a paper."""
    answered_before = {(r.chapter, point.id) for r in before.reviews for point in r.points if point.answer}
    answered_now = ((r.chapter, point.id) for r in after.reviews for point in r.points if point.answer)
    return PaperDiff(
        tuple(_status_changes(_listed_chapters(before), _listed_chapters(after))),
        tuple(_item_changes(_items(before), _items(after))),
        tuple(_decision_changes(before, after)),
        Counter(chapter for chapter, number in answered_now if (chapter, number) not in answered_before),
        Counter(a.state for a in after.consultations_file.answers if a not in before.consultations_file.answers),
        sum(c.words for c in _listed_chapters(after).values())
        - sum(c.words for c in _listed_chapters(before).values()),
    )


def _listed_chapters(paper: Paper) -> dict[str, Chapter]:
    return {c.id: c for c in paper.chapters if c.path in paper.listed_paths}


def _status_changes(before: Mapping[str, Chapter], after: Mapping[str, Chapter]) -> Iterator[StatusChange]:
    dropped = {name: chapter for name, chapter in before.items() if name not in after}
    for name, chapter in {**after, **dropped}.items():
        old, new = (chapters[name].front.status if name in chapters else None for chapters in (before, after))
        if old != new:
            yield StatusChange(chapter, old, new)


def _items(paper: Paper) -> dict[str, tuple[Chapter, Item]]:
    items = ((chapter, item) for chapter in _listed_chapters(paper).values() for item in chapter.items)
    return {i.id: (chapter, i) for chapter, i in items if i.id and i.kind in ("finding", "recommendation")}


def _item_changes(
    before: Mapping[str, tuple[Chapter, Item]], after: Mapping[str, tuple[Chapter, Item]]
) -> Iterator[ItemChange]:
    for name, (chapter, item) in after.items():
        if name not in before:
            yield ItemChange(chapter, item, "new")
        elif _content(item) != _content(before[name][1]):
            yield ItemChange(chapter, item, "changed")
    yield from (ItemChange(*dropped, "dropped") for name, dropped in before.items() if name not in after)


def _content(item: Item) -> tuple[str, dict[str, str]]:
    return item.text, {name: field.value for name, field in item.fields.items() if field.value}


def _decision_changes(before: Paper, after: Paper) -> Iterator[DecisionChange]:
    states = {d.id: d.state for d in before.decisions}
    for decision in after.decisions:
        if decision.id not in states:
            yield DecisionChange(decision, "new")
        if decision.state != "open" and decision.state != states.get(decision.id, "open"):
            yield DecisionChange(decision, decision.state)


def changed_sections(before: Paper, after: Paper, now: Paper) -> Iterator[tuple[Chapter, list[str]]]:
    """Yield chapters of two versions whose text has changed, with the titles of such sections that they have now."""
    former, present = _listed_chapters(before), _listed_chapters(now)
    for name, chapter in _listed_chapters(after).items():
        if name in former:
            old, new = _section_texts(former[name], before.facts), _section_texts(chapter, after.facts)
            shown = _section_texts(present[name], now.facts) if name in present else {}
            if old != new:
                yield chapter, [title for title in new if title and title in shown and old.get(title) != new[title]]


def _section_texts(chapter: Chapter, facts: Mapping[str, Fact]) -> dict[str, str]:
    """Return the text below each heading of a chapter, by its title. Boxes with ids are compared as items."""
    texts, title, items = {"": ""}, "", {item.id for item in chapter.items if item.id}
    for block in chapter.blocks:
        words = "" if tree.identifier(block) in items else plain_text_with_facts(block, facts)
        title = words if block["t"] == "Header" else title
        texts[title] = f"{texts.get(title, '')} {words}"
    return texts
