"""What a rule yields, and the small things that rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from nioc_paper.model import Fix, Paper, Place


class Finding(NamedTuple):
    """A place and a message; the runner adds the rule's name and its severity."""

    place: Place
    message: str
    hint: str = ""
    fix: Fix | None = None
    """What to write instead, where there is no doubt."""


Rule = Callable[[Paper], Iterator[Finding]]
GatheredRow = tuple[Any, ...]
"""What a comparison takes out of a chapter: texts, numbers and lists of them, the chapter's path first."""
Gather = Callable[[Paper], Iterator[GatheredRow]]
"""Takes it out of a paper with this chapter alone."""
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
