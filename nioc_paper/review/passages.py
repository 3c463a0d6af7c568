"""What comments need to know of a chapter's passages: who may read them, and where they stand today."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import get_args

from nioc_paper import tree
from nioc_paper.audience import marking
from nioc_paper.model import AUDIENCES, Chapter, Node, Place, Remark
from nioc_paper.model.reviews import Sensitivity
from nioc_paper.review.comments import Level
from nioc_paper.review.incoming import body
from nioc_paper.review.leaf import tokens
from nioc_paper.review.marks import LEAF, mark
from nioc_paper.review.source import place

_LONGEST, _SHORTEST = 12, 3
"""Words of a quotation that are looked for, at most and at least."""


def readers(chapter: Chapter) -> Level:
    """Who may read a passage, by the names of the leaves in it. Where no name came back it may be any passage."""
    blocks = mark(chapter.blocks).blocks
    own = AUDIENCES.index(chapter.front.sensitivity)
    known = dict.fromkeys(_names(blocks), own)
    for node in tree.walk(blocks):
        inside = [node] if node["t"] == "Div" else [n for n in tree.walk(node) if n["t"] == "Span"]
        if node["t"] in ("Div", "Para", "Plain", "Header") and (level := max(map(marking, inside), default=0)):
            known |= {name: max(known[name], level) for name in _names(node)}
    levels: tuple[Sensitivity, ...] = get_args(Sensitivity)
    highest = max(known.values(), default=own)
    return lambda names: levels[max((known.get(name, highest) for name in names), default=highest)]


def _names(nodes: object) -> Iterator[str]:
    """The names of the leaves in a tree."""
    return (name for n in tree.walk(nodes) if n["t"] == "Span" and re.fullmatch(rf"{LEAF}\d+", name := _id(n)))


def _id(node: Node) -> str:
    return tree.identifier(node)


class Today:
    """A chapter as it is now, in which the words of comments are looked for."""

    def __init__(self, chapter: Chapter) -> None:
        self.chapter = chapter
        leaves = place(body(chapter), mark(chapter.blocks).leaves).leaves
        self.words = [t for leaf in leaves for t in leaf.tokens if not t.atom]
        self.keys = [t.key for t in self.words]

    def place(self, remark: Remark) -> Place | None:
        """Where the words that a remark is about stand; None where they are gone, or were never known."""
        quote, before = ([t.key for t in tokens(words)] for words in remark.about)
        # Nothing is quoted of a picture, or of a place between paragraphs.
        for length in sorted({min(len(quote), n) for n in (_LONGEST, 6, _SHORTEST)} - {0}, reverse=True):
            found = [n for n in self._found(quote[:length]) if self.words[n].span]
            if found:
                best = max(found, key=lambda n: self._shared(n, before))
                return self._at(best)
        return None

    def _found(self, wanted: Sequence[str]) -> Iterator[int]:
        size = len(wanted)
        return (n for n in range(len(self.keys) - size + 1) if self.keys[n : n + size] == wanted)

    def _shared(self, at: int, before: Sequence[str]) -> int:
        """How many of the words before a place are those that stood before the quotation."""
        return len({*self.keys[max(at - len(before), 0) : at]} & {*before})

    def _at(self, n: int) -> Place:
        span, text = self.words[n].span, self.chapter.text
        assert span is not None
        return Place(self.chapter.path, text.count("\n", 0, span[0]) + 1, span[0] - text.rfind("\n", 0, span[0]))
