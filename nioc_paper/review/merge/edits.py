"""Edits of a text: replacements at offsets."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct


class Edit(Struct, frozen=True):
    """Replacement of characters of the source."""

    start: int
    end: int
    text: str
    unit: int = 0
    """Edits of one unit are applied or reverted together."""
    author: str = ""
    """Author of the change as named in the file; empty if it was not tracked."""


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with all edits applied; of two at the same place the first comes first.

    Raises ValueError on an overlap.
    """
    out, position = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start < position:
            raise ValueError(f"two changes of the characters before {position}")
        out += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*out, text[position:]])
