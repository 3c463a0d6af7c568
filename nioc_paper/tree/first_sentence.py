"""First sentence of a passage: chapters have one sentence a line."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper.model import Node
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.tree.nodes import plain_text

_SENTENCE_END = late_pattern(r"[.!?][”’)]*$")


def first_sentence(inlines: Sequence[Node]) -> list[Node]:
    """Return the inlines up to the end of the first line that ends a sentence."""
    for index, node in enumerate(inlines):
        if node["t"] == "SoftBreak" and _SENTENCE_END.search(plain_text(inlines[:index])):
            return list(inlines[:index])
    return list(inlines)
