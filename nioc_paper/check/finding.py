"""Types of rules and findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from nioc_paper.check.text.chapter_text import ChapterText, Texts
from nioc_paper.check.text.passages import Passage
from nioc_paper.model import Cause, Chapter, Fix, Paper, Place


class Finding(NamedTuple):
    """A place and a message; the runner adds the rule's name and its severity."""

    place: Place
    message: str
    hint: str = ""
    fix: Fix | None = None
    """Unambiguous correction."""
    kind: str = ""
    """Kind of the rule, if its function finds several: person, of `dead-name/person`."""
    cause: Cause | None = None
    """Entry at which it is shown together with others."""


class DeclaredKind(NamedTuple):
    """Kind of a rule: a letter for each strictness as in `check.rule_tables`, and what the kind asks for."""

    letters: str
    sentence: str = ""
    """Empty for that of the rule."""


Rule = Callable[[Paper], Iterator[Finding]]
ChapterRule = Callable[[Paper, Chapter], Iterator[Finding]]
TextRule = Callable[[Paper, ChapterText], Iterator[Finding]]
"""Rule about the text of one chapter. The paper holds the registers and no chapter."""
WordRule = Callable[[Paper, Texts], Iterator[Finding]]
"""Rule about the words of a list of printed texts: a chapter's, or that of all registers."""
PassageRule = Callable[[Passage], Iterator[Finding]]
"""Rule about a text on its own, wherever it is printed: in a chapter, its front matter, or a register."""
GatheredRow = tuple[Place, list[Any]]
"""Row that a comparison gathers from a chapter: its place, and texts, numbers and lists of them."""
Gather = Callable[[Paper, ChapterText], Iterator[GatheredRow]]
"""Gather rows from the text of one chapter. The paper holds the registers and no chapter."""
Compare = Callable[[Paper, Iterable[GatheredRow]], Iterator[Finding]]
"""Rule that compares the rows of all chapters, and those with the registers."""
