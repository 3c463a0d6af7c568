"""Marks of a redline in a tree: spans of words, and marks at the ends of paragraphs."""

from __future__ import annotations

from msgspec import Struct

INSERTION, DELETION, MOVED = "insertion", "deletion", "moved"
"""Classes of spans. Pandoc writes the first two as tracked changes; moved text has the third too."""
PARAGRAPH_MARK_PREFIX = "nr-"
"""Prefix of the id of an empty span at the end of a paragraph that was inserted, deleted or moved as a whole. The rest
of the id is `ins-7`, `del-7`, `from-2-7` or `to-2-7`: the change, the number of the move, and a number of its own."""


class Revision(Struct, frozen=True):
    """Author and date of changes, which Word shows beside them."""

    author: str
    date: str
    """YYYY-MM-DDThh:mm:ssZ."""
