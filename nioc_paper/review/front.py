"""The title and the summary of a chapter: in Word they are text, and in the source they stand in its front matter."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from nioc_paper.edit import EditError, set_value
from nioc_paper.model import Chapter
from nioc_paper.review.compare import Conflict
from nioc_paper.review.edits import Edit
from nioc_paper.review.leaf import tokens

_KEYS = ("title", "summary")


def put_in(chapter: Chapter, conflicts: Sequence[Conflict], unit: int) -> tuple[list[Edit], list[Conflict]]:
    """The changes among these that the front matter can take, and those that are left.

    What the tool prints before a title, its number, must have come back as it was sent.
    """
    made: dict[str, Edit] = {}
    left: list[Conflict] = []
    for conflict in conflicts:
        found = next(filter(None, (_edit(chapter, key, conflict, unit + len(made)) for key in _KEYS)), None)
        # A title is printed twice; changed twice in the same way it is one change.
        if found is None or made.setdefault(found[0], found[1]).text != found[1].text:
            left.append(conflict)
    return list(made.values()), left


def _edit(chapter: Chapter, key: str, conflict: Conflict, unit: int) -> tuple[str, Edit] | None:
    value: str = getattr(chapter.front, key) or ""
    sent, got = ([t.key for t in tokens(text)] for text in (conflict.sent, conflict.got))
    kept = [t.key for t in tokens(value)]
    before = len(sent) - len(kept)
    if not kept or not got[before:] or sent[before:] != kept or before > 2 or sent[:before] != got[:before]:
        return None
    words = " ".join(conflict.got.split()[len(conflict.sent.split()) - len(value.split()) :])
    try:
        text = set_value(chapter.text, key, words)
    except EditError:
        return None
    start = _alike(chapter.text, text)
    end = _alike(chapter.text[:start:-1], text[:start:-1])
    return key, Edit(start, len(chapter.text) - end, text[start : len(text) - end], unit, conflict.author)


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
