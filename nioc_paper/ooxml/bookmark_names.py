"""Pandoc's names for the bookmarks of a Word file. Without lxml, which writers of other files do not need."""

from __future__ import annotations

import hashlib


def bookmark_name(id: str) -> str:
    """Return pandoc's bookmark name for an id: Word allows 40 characters and a letter at the start."""
    if id[:1].isalpha() and len(id) <= 40:
        return id
    return "X" + hashlib.sha1(id.encode(), usedforsecurity=False).hexdigest()[1:]
