"""What is another in a paper than in an earlier one: statuses, recommendations, decisions, comments. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from nioc_paper.model import Block, Chapter, Decision, Paper


@dataclass(frozen=True, slots=True)
class Moved:
    """A chapter with another status; one that is new was nowhere, and one that was dropped is nowhere now."""

    chapter: Chapter
    was: str | None
    """Id of the former status."""
    now: str | None


@dataclass(frozen=True, slots=True)
class Recommended:
    """A recommendation as it reads now; one that was dropped as it last read."""

    chapter: Chapter
    block: Block
    how: Literal["new", "changed", "dropped"]


@dataclass(frozen=True, slots=True)
class Decided:
    """An entry of the register of decisions, and what became of it."""

    decision: Decision
    how: Literal["new", "done", "dropped"]


@dataclass(frozen=True, slots=True)
class Changes:
    """All that is another, in the order of the paper."""

    chapters: tuple[Moved, ...] = ()
    recommendations: tuple[Recommended, ...] = ()
    decisions: tuple[Decided, ...] = ()
    answered: Mapping[str, int] = field(default_factory=dict)
    """How many comments were answered, by the id of the chapter."""
    words: int = 0
    """How many words the paper has more, or fewer."""

    def without(self, hidden: Collection[str]) -> Changes:
        """The same without what has one of these ids: chapters with all that is in them."""
        return replace(
            self,
            chapters=tuple(c for c in self.chapters if c.chapter.id not in hidden),
            recommendations=tuple(r for r in self.recommendations if not {r.chapter.id, r.block.id} & {*hidden}),
            decisions=tuple(d for d in self.decisions if d.decision.id not in hidden),
            answered={chapter: n for chapter, n in self.answered.items() if chapter not in hidden},
        )


def changes(before: Paper, after: Paper) -> Changes:
    """What is another in `after`. Only chapters that paper.yaml lists are part of a paper."""
    return Changes(
        tuple(_moved(_chapters(before), _chapters(after))),
        tuple(_recommended(_recommendations(before), _recommendations(after))),
        tuple(_decided(before, after)),
        _answered(before, after),
        sum(c.words for c in _chapters(after).values()) - sum(c.words for c in _chapters(before).values()),
    )


def _chapters(paper: Paper) -> dict[str, Chapter]:
    return {c.id: c for c in paper.chapters if c.path in paper.listed}


def _moved(before: Mapping[str, Chapter], after: Mapping[str, Chapter]) -> Iterator[Moved]:
    for name, chapter in after.items():
        was = before[name].front.status if name in before else None
        if was != chapter.front.status:
            yield Moved(chapter, was, chapter.front.status)
    yield from (Moved(chapter, chapter.front.status, None) for name, chapter in before.items() if name not in after)


def _recommendations(paper: Paper) -> dict[str, tuple[Chapter, Block]]:
    return {b.id: (chapter, b) for chapter in _chapters(paper).values() for b in chapter.of("recommendation") if b.id}


def _recommended(
    before: Mapping[str, tuple[Chapter, Block]], after: Mapping[str, tuple[Chapter, Block]]
) -> Iterator[Recommended]:
    for name, (chapter, block) in after.items():
        if name not in before:
            yield Recommended(chapter, block, "new")
        elif _said(block) != _said(before[name][1]):
            yield Recommended(chapter, block, "changed")
    yield from (Recommended(*found, "dropped") for name, found in before.items() if name not in after)


def _said(block: Block) -> tuple[str, dict[str, str]]:
    return block.text, {name: field.value for name, field in block.fields.items() if field.value}


def _decided(before: Paper, after: Paper) -> Iterator[Decided]:
    states = {d.id: d.state for d in before.decisions}
    for decision in after.decisions:
        if decision.id not in states:
            yield Decided(decision, "new")
        if decision.state != "open" and decision.state != states.get(decision.id, "open"):
            yield Decided(decision, decision.state)


def _answered(before: Paper, after: Paper) -> Mapping[str, int]:
    known = {(r.chapter, c.number) for r in before.reviews for c in r.comments if c.answer}
    found = ((r.chapter, c.number) for r in after.reviews for c in r.comments if c.answer)
    return Counter(chapter for chapter, number in found if (chapter, number) not in known)
