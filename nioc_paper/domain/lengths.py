"""Length asked of a chapter. Pure."""

from __future__ import annotations

from nioc_paper.model import Chapter, Paper, Words


def required_words(paper: Paper, chapter: Chapter) -> Words:
    """Return the length asked of a chapter: its own, or that of its kind."""
    own_words, kind = chapter.front.words, paper.settings.chapter_kind(chapter.front.category).words
    return Words(
        target=kind.target if own_words.target is None else own_words.target,
        max=kind.max if own_words.max is None else own_words.max,
    )
