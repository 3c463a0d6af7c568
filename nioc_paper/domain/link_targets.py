"""Targets of links: an id of the paper, also by the file of a chapter, as in `other.md` and `other.md#id`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urlsplit

from nioc_paper.model import Chapter
from nioc_paper.model.lazy_regex import late_pattern

_ADDRESS = late_pattern(r"[A-Za-z][A-Za-z0-9+.-]*:|[/\\]")


def linked_id(chapters: Iterable[Chapter], path: str, target: str) -> str | None:
    """Return the id that a link of a chapter leads to; None if it leads out of the paper.

    The link names the id, or the file of a chapter: from the folder of its own chapter, or from the root.
    """
    if target.startswith("#"):
        return target[1:]
    chapter = linked_chapter({c.path: c for c in chapters}, path, target)
    return None if chapter is None else unquote(urlsplit(target).fragment) or f"sec-{chapter.id}"


def linked_chapter(chapters: Mapping[str, Chapter], path: str, target: str) -> Chapter | None:
    """Return the chapter whose file a link names; None if it names none. `chapters` are by path."""
    if _ADDRESS.match(target):
        return None
    name = unquote(re.split("[#?]", target, maxsplit=1)[0])
    candidates = (posixpath.normpath(posixpath.join(folder, name)) for folder in (posixpath.dirname(path), ""))
    return next((chapters[candidate] for candidate in candidates if name and candidate in chapters), None)
