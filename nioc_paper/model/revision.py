"""What changed between two versions, as it stands in a tree: spans of words, and marks at the ends of paragraphs."""

from __future__ import annotations

from dataclasses import dataclass

INSERTION, DELETION, MOVED = "insertion", "deletion", "moved"
"""Classes of spans. Pandoc writes the first two as tracked changes; what stands elsewhere now has the third too."""
PARAGRAPH_MARK_PREFIX = "nr-"
"""Begins the id of an empty span at the end of a paragraph that was put in, taken out or moved as a whole.

The rest of the id is `ins-7`, `del-7`, `from-2-7` or `to-2-7`: what happened, which move, and a number of its own.
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """Whose changes these are, and of when: what Word shows beside them."""

    author: str
    date: str
    """YYYY-MM-DDThh:mm:ssZ."""
