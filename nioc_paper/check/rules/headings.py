"""Rules about headings, and about notes that repeat one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import Fix, Node, Paper, Place
from nioc_paper.model.late_pattern import late_pattern

_STOP = late_pattern(r"(?<![.…])[.:;,](?<!\betc\.)(?<!\b[A-Z]\.)\Z")
_MAX_HEADING_WORDS = 12


def heading_with_stop(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A heading ends without a full stop, colon or comma.

    Bad: ### The piers.
    Good: ### The piers
    """
    for heading in text.chapter.headings:
        if match := _STOP.search(heading.title):
            yield Finding(heading.place, f"the heading '{heading.title}' ends with '{match[0]}'", "delete the mark")


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
                place = text.chapter.place(inlines[0])
                line = text.chapter.text.split("\n")[place.line - 1]
                above = [heading.level for heading in text.chapter.headings if heading.place.line < place.line]
                heading = f"{'#' * min(max([2, *above[-1:]]) + 1, 6)} {title.rstrip(':')}"
                fix = Fix(Place(place.path, place.line), line, heading) if "]" not in line else None
                yield Finding(place, f"'{title}' looks like a heading, but is not one", f"write '{heading}'", fix)
