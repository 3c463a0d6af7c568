"""Likeness of texts by their runs of three words: recognizes a file that has lost its marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nioc_paper.review.docx.docx_text import DocxText

_RUN = 3
_MIN_RUNS = 20
"""A text of fewer runs is too short to be recognized."""
LIKE, HARDLY_LIKE = 0.3, 0.25
"""Share of common runs from which a file is taken for a chapter, and below which it hardly is one."""


def word_runs(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Return the runs of three words in a text."""
    return frozenset(tuple(words[n : n + _RUN]) for n in range(len(words) - _RUN + 1))


def casefolded_words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return re.findall(r"\w+", text.casefold())


def docx_words(docx_text: DocxText, *, bookmarked: bool = False) -> list[str]:
    """Return the words of a Word file in lower case; with `bookmarked` only those of the chapter's own passages."""
    passages = (p for p in docx_text.passages if p.bookmarks or not bookmarked)
    return casefolded_words(" ".join(passage.paragraph.text for passage in passages))


def is_like(chapter_words: Sequence[str], file_words: Sequence[str]) -> bool:
    """Return whether a file has much of a chapter, or a chapter much of a file."""
    common = len(word_runs(chapter_words) & word_runs(file_words))
    smaller = min(len(word_runs(chapter_words)), len(word_runs(file_words)))
    return common >= _MIN_RUNS and common >= LIKE * smaller


def kept_share(sent: Iterable[tuple[str, ...]], received: Iterable[tuple[str, ...]]) -> float:
    """Return the share of the sent runs that were received; 1 for a text too short to tell."""
    sent_runs = frozenset(sent)
    return len(sent_runs & frozenset(received)) / len(sent_runs) if len(sent_runs) >= _MIN_RUNS else 1.0
