"""What a rule yields, and the small things that rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import Fix, Paper, Place


class Finding(NamedTuple):
    """A place and a message; the runner adds the rule's name and its severity."""

    place: Place
    message: str
    hint: str = ""
    fix: Fix | None = None
    """What to write instead, where there is no doubt."""


Rule = Callable[[Paper], Iterator[Finding]]
TextRule = Callable[[Paper, ChapterText], Iterator[Finding]]
"""Rule about the text of one chapter. The paper holds the registers and no chapter."""
GatheredRow = tuple[Any, ...]
"""Row that a comparison takes out of a chapter: texts, numbers and lists of them, the chapter's path first."""
Gather = Callable[[Paper, ChapterText], Iterator[GatheredRow]]
"""Takes rows out of the text of one chapter. The paper holds the registers and no chapter."""
Compare = Callable[[Iterable[GatheredRow]], Iterator[Finding]]
"""A rule that sets what was gathered from all chapters against each other."""


def find_duplicates(items: Iterable[tuple[str, Place]]) -> Iterator[tuple[str, Place, Place]]:
    """Names that come again: the name, where, and where it was first."""
    first: dict[str, Place] = {}
    for name, place in items:
        if name in first:
            yield name, place, first[name]
        else:
            first[name] = place
