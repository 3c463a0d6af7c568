"""Changes of a chapter's text, as replacements at offsets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters of the source replaced by others."""

    start: int
    end: int
    text: str
    unit: int = 0
    """Edits of one unit stand or fall together."""
    author: str = ""
    """Who made the change, as the file names them; empty where it was not tracked."""


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made. Of two at the same place the first comes first. Raises ValueError on an overlap."""
    out, position = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start < position:
            raise ValueError(f"two changes of the characters before {position}")
        out += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*out, text[position:]])
