"""Points of reviewers that an audience may read, by the passages in which their quotations stand today. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar

from nioc_paper import tree
from nioc_paper.model import AUDIENCES, Chapter, Node, ReviewPoint
from nioc_paper.model.characters import comparable

_Point = TypeVar("_Point", bound=ReviewPoint)
_Words = tuple[str, ...]
_ATOM = "\1"
"""Word in place of a citation, reference or formula, whose printed words the tree does not have."""
_MAX_ATOM_WORDS = 12
"""Words of a quotation that one of those, or the number before a paragraph, may have printed."""
_WORD = re.compile(rf"\w+|{_ATOM}")
_PARAGRAPH_TYPES = (*tree.PARAGRAPH_TYPES, "Header", "CodeBlock")


class VisiblePoints:
    """Decides which points on a chapter an audience may read: every output asks it.

    Args:
        whole: The chapter with all its passages.
        visible: The chapter as the audience reads it.
        level: The audience, as an index of AUDIENCES.
    """

    def __init__(self, whole: Chapter, visible: Chapter, level: int) -> None:
        self.level, self.paragraphs, self.visible_paragraphs = (
            level,
            Counter(_paragraphs(whole)),
            Counter(_paragraphs(visible)),
        )

    def select(self, points: Sequence[_Point]) -> tuple[_Point, ...]:
        """Return the points whose stored level is low enough, and whose quotation stands in visible passages only."""
        return tuple(
            point
            for point in points
            if AUDIENCES.index(point.sensitivity) <= self.level
            and all(self._is_visible(words) for passage in point.quoted if (words := _split(passage)))
        )

    def _is_visible(self, quoted: _Words) -> bool:
        """Return whether the audience reads each paragraph with these words, whole.

        Words that are gone may have stood anywhere: only readers of the whole chapter see them, and never the public.
        """
        with_quote = Counter({p: n for p, n in self.paragraphs.items() if _stand_in(quoted, p)})
        if not with_quote:
            return self.level > 0 and self.paragraphs == self.visible_paragraphs
        return with_quote <= self.visible_paragraphs


def _paragraphs(chapter: Chapter) -> Iterator[_Words]:
    """Yield the words of the title, the summary and each paragraph, heading, cell and note."""
    yield from (_split(chapter.front.title), _split(chapter.front.summary or ""))
    for node in tree.walk(chapter.blocks):
        if node["t"] in _PARAGRAPH_TYPES:
            yield _split(tree.plain_text(tree.rewrite(_with_atoms, node)))


def _with_atoms(node: Node) -> Node:
    is_atom = node["t"] in ("Cite", "Math") or (node["t"] == "Link" and not tree.plain_text(node["c"][1]))
    return {"t": "Str", "c": f" {_ATOM} "} if is_atom else node


def _split(text: str) -> _Words:
    return tuple(_WORD.findall(comparable(text).casefold()))


def _stand_in(quoted: _Words, paragraph: _Words) -> bool:
    """Return whether words stand in a paragraph, one after the other; half of them at least as its own words."""
    own_words = {*paragraph}
    if 2 * sum(word in own_words for word in quoted) < len(quoted):
        return False
    own_counts = {0: 0}
    """Words of the quotation passed so far, and how many of them are the paragraph's own."""
    for word in (_ATOM, *paragraph):
        passed: dict[int, int] = {}
        for count, own in own_counts.items():
            if word == _ATOM:
                ends = range(count, min(count + _MAX_ATOM_WORDS, len(quoted)) + 1)
                passed |= {end: max(own, passed.get(end, 0)) for end in ends}
            elif quoted[count : count + 1] == (word,):
                passed[count + 1] = max(own + 1, passed.get(count + 1, 0))
        if 2 * passed.get(len(quoted), -1) >= len(quoted):
            return True
        own_counts = {0: 0} | passed
    return False
