"""Changes of a chapter's title and summary: text in Word, front matter in the source."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from nioc_paper.edit.yaml import EditError, set_front_matter_value
from nioc_paper.model import Chapter
from nioc_paper.review.docx.paragraph import tokenize
from nioc_paper.review.merge.conflicts import MergeConflict
from nioc_paper.review.merge.edits import Edit

_FRONT_MATTER_KEYS = ("title", "summary")


def extract_front_matter_edits(
    chapter: Chapter, conflicts: Sequence[MergeConflict], unit: int
) -> tuple[list[Edit], list[MergeConflict]]:
    """Return the edits of the front matter among these conflicts, and the remaining conflicts.

    The number printed before a title must be unchanged.
    """
    edits_by_key: dict[str, Edit] = {}
    remaining: list[MergeConflict] = []
    for conflict in conflicts:
        keyed_edit = next(
            filter(None, (_make_edit(chapter, key, conflict, unit + len(edits_by_key)) for key in _FRONT_MATTER_KEYS)),
            None,
        )
        # A title is printed twice; the same change in both places is one change.
        if keyed_edit is None or edits_by_key.setdefault(keyed_edit[0], keyed_edit[1]).text != keyed_edit[1].text:
            remaining.append(conflict)
    return list(edits_by_key.values()), remaining


def _make_edit(chapter: Chapter, key: str, conflict: MergeConflict, unit: int) -> tuple[str, Edit] | None:
    value: str = getattr(chapter.front, key) or ""
    base, edited = ([t.normalized for t in tokenize(text)] for text in (conflict.base, conflict.edited))
    current = [t.normalized for t in tokenize(value)]
    prefix_length = len(base) - len(current)
    if (
        not current
        or not edited[prefix_length:]
        or base[prefix_length:] != current
        or base == edited
        or prefix_length > 2
        or base[:prefix_length] != edited[:prefix_length]
    ):
        return None
    words = " ".join(conflict.edited.split()[len(conflict.base.split()) - len(value.split()) :])
    try:
        text = set_front_matter_value(chapter.text, key, words)
    except EditError:
        return None
    start = _common_prefix_length(chapter.text, text)
    end = _common_prefix_length(chapter.text[:start:-1], text[:start:-1])
    return key, Edit(start, len(chapter.text) - end, text[start : len(text) - end], unit, conflict.author)


def _common_prefix_length(one: str, other: str) -> int:
    """Return the length of the common prefix of two texts."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
