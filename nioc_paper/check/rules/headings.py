"""Rules about headings, and about notes that repeat one another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import Heading, Node, Paper
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.tree.scan import find_note_definitions

_STOP = late_pattern(r"(?<![.…])[.:;,](?<!\betc\.)(?<!\b[A-Z]\.)\Z")
_MAX_HEADING_WORDS = 12
_MIN_NOTE_WORDS = 4


def heading_with_stop(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A heading ends without a full stop, colon or comma.

    Bad: ### The piers.
    Good: ### The piers
    """
    for heading in text.chapter.headings:
        if match := _STOP.search(heading.title):
            yield Finding(heading.place, f"the heading '{heading.title}' ends with '{match[0]}'", "delete the mark")


def repeated_heading(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """No two headings of a chapter are alike: readers could not distinguish them in the contents.

    Headings that come back under three or more others are a pattern, and meant.

    Bad: ## Piers, and below it again ## Piers
    Good: ## Piers and ## Decks
    """
    first: dict[str, Heading] = {}
    counts = Counter(h.title.casefold() for h in text.chapter.headings)
    for heading in text.chapter.headings:
        title = heading.title.casefold()
        if title in first and (counts[title] < 3 or heading.level == 2):
            message = f"the heading '{heading.title}' occurs twice"
            yield Finding(heading.place, message, f"the other is in line {first[title].place.line}; change one")
        first.setdefault(title, heading)


def bold_as_heading(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A heading is marked as one: a line in bold is missing from the table of contents.

    Bad: a paragraph that is **The piers** alone
    Good: ### The piers
    """
    yield from _bold_lines(text, text.chapter.blocks)


def _bold_lines(text: ChapterText, blocks: Sequence[Node]) -> Iterator[Finding]:
    for node, after in pairwise(blocks):
        inlines = node["c"] if node["t"] == "Para" else []
        if len(inlines) == 1 and inlines[0]["t"] in ("Strong", "Emph") and after["t"] in ("Para", "BulletList"):
            title = tree.plain_text(inlines).strip()
            if title[-1:] not in ".!?" and len(title.split()) <= _MAX_HEADING_WORDS:
                hint = f"write '### {title.rstrip(':')}'"
                yield Finding(text.chapter.place(inlines[0]), f"'{title}' looks like a heading, but is not one", hint)


def repeated_note(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """No two footnotes have the same text.

    Bad: [^a]: The survey counts two decks. and [^b]: The survey counts two decks.
    Good: one note, and a reference to it: see the note above
    """
    first: dict[str, int] = {}
    for note in sorted(find_note_definitions(text.body_source).values(), key=re.Match.start):
        words = " ".join(note["text"].split())
        if len(re.sub(r"\[[^\]]*\]", "", words).split()) >= _MIN_NOTE_WORDS:
            line = text.place_at(note.start()).line
            if words in first:
                message, hint = (
                    f"the note '{note['label']}' has the same text as another",
                    f"the other is in line {first[words]}",
                )
                yield Finding(text.place_at(note.start()), message, f"{hint}; keep one, or refer to it")
            first.setdefault(words, line)
