"""Audience and present place of the passages that comments are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import get_args

from nioc_paper import tree
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.model import AUDIENCES, Chapter, Comment, Place, ReviewPoint
from nioc_paper.model.reviews import Sensitivity
from nioc_paper.review.docx.bookmarks import PARAGRAPH_PREFIX, add_bookmarks
from nioc_paper.review.docx.comment_reader import SensitivityLookup
from nioc_paper.review.docx.paragraph import tokenize
from nioc_paper.review.exchange.incoming import blank_front_matter
from nioc_paper.review.merge.markdown_source import locate_words

_MAX_QUOTE, _MIN_QUOTE = 12, 3
"""Words of a quotation to search for: at most, at least."""


def make_sensitivity_lookup(chapter: Chapter) -> SensitivityLookup:
    """Return a lookup of a passage's audience by its bookmarks.

    Without a known bookmark it may be any passage, so the strictest audience applies.
    """
    blocks = add_bookmarks(chapter.blocks).blocks
    chapter_level = AUDIENCES.index(chapter.front.sensitivity)
    level_by_bookmark = dict.fromkeys(_bookmark_names(blocks), chapter_level)
    for node in tree.walk(blocks):
        inside = [node] if node["t"] == "Div" else [n for n in tree.walk(node) if n["t"] == "Span"]
        if node["t"] in ("Div", "Para", "Plain", "Header") and (
            level := max(map(sensitivity_level, inside), default=0)
        ):
            level_by_bookmark |= {
                bookmark: max(level_by_bookmark[bookmark], level) for bookmark in _bookmark_names(node)
            }
    sensitivities: tuple[Sensitivity, ...] = get_args(Sensitivity)
    highest = max(level_by_bookmark.values(), default=chapter_level)
    return lambda bookmarks: sensitivities[
        max((level_by_bookmark.get(name, highest) for name in bookmarks), default=highest)
    ]


def _bookmark_names(nodes: object) -> Iterator[str]:
    """Yield the names of the paragraph bookmarks in a tree."""
    return (
        name
        for n in tree.walk(nodes)
        if n["t"] == "Span" and re.fullmatch(rf"{PARAGRAPH_PREFIX}\d+", name := tree.identifier(n))
    )


class QuoteFinder:
    """Finds the words of comments in a chapter's present text."""

    def __init__(self, chapter: Chapter) -> None:
        self.chapter = chapter
        paragraphs = locate_words(blank_front_matter(chapter), add_bookmarks(chapter.blocks).paragraphs).paragraphs
        self.tokens = [t for paragraph in paragraphs for t in paragraph.tokens if not t.atom]
        self.normalized_words = [t.normalized for t in self.tokens]

    def locate(self, point: ReviewPoint) -> Place | None:
        """Return the place of the words that a point is about; None if they are gone, or were never known."""
        context = point.before if isinstance(point, Comment) else ""
        quote, before = ([t.normalized for t in tokenize(words)] for words in (point.quoted[0], context))
        # A comment on a picture, or between paragraphs, quotes nothing.
        for length in sorted({min(len(quote), n) for n in (_MAX_QUOTE, 6, _MIN_QUOTE)} - {0}, reverse=True):
            matches = [n for n in self._find_all(quote[:length]) if self.tokens[n].span]
            if matches:
                best = max(matches, key=lambda n: self._count_shared(n, before))
                return self._place_at(best)
        return None

    def _find_all(self, phrase: Sequence[str]) -> Iterator[int]:
        size = len(phrase)
        return (
            n for n in range(len(self.normalized_words) - size + 1) if self.normalized_words[n : n + size] == phrase
        )

    def _count_shared(self, index: int, before: Sequence[str]) -> int:
        """Count the words before a position that also come before the quotation."""
        return len({*self.normalized_words[max(index - len(before), 0) : index]} & {*before})

    def _place_at(self, index: int) -> Place:
        span, text = self.tokens[index].span, self.chapter.text
        assert span is not None
        return Place(self.chapter.path, text.count("\n", 0, span[0]) + 1, span[0] - text.rfind("\n", 0, span[0]))
