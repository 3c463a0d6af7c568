"""Drawing of a list for a phone, in place of a chart that is too wide for one: groups of entries with a line above."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple

from nioc_paper.assemble.lists.vega_layers import (
    LINE_HEIGHT,
    NARROW_PICTURE_WIDTH,
    Spec,
    count_fitting_letters,
    layered_spec,
    mark_layer,
    text_layer,
)

_INDENT, _MARK = 18, 8
"""Pixels before the words of an entry, and of its mark."""
_GAP, _GROUP_GAP = 7, 9
"""Pixels between entries, and before a group."""


class ListGroup(NamedTuple):
    """Entries under a heading, which may be empty: each a quiet line and its text."""

    heading: str
    entries: Sequence[tuple[str, str]]


def draw_narrow_list(groups: Sequence[ListGroup]) -> Spec:
    """Return the groups one below the other, each entry with a dot and a line along its words."""
    drawing = _ListDrawing()
    for group in groups:
        drawing.add_group(group)
    layers = [
        mark_layer("rule", drawing.lines, "hairline"),
        text_layer(drawing.texts["head"], "ink", fontWeight=600),
        text_layer(drawing.texts["quiet"], "quiet"),
        text_layer(drawing.texts["ink"], "ink"),
        mark_layer("point", drawing.dots, "strong", shape="circle", size=60, filled=True),
    ]
    return layered_spec(NARROW_PICTURE_WIDTH, drawing.height, layers)


class _ListDrawing:
    """Positions of the words, dots and lines of a list, added from top to bottom."""

    def __init__(self) -> None:
        self.texts: dict[str, list[dict[str, object]]] = {"head": [], "quiet": [], "ink": []}
        """Lines of words by style."""
        self.dots: list[dict[str, object]] = []
        self.lines: list[dict[str, object]] = []
        self.height = 0.0

    def add_group(self, group: ListGroup) -> None:
        """Add the heading of a group and its entries."""
        self.height += _GROUP_GAP if self.height else 0
        self.add_text("head", group.heading, 0)
        for quiet, text in group.entries:
            self.add_entry(quiet, text)

    def add_entry(self, quiet: str, text: str) -> None:
        """Add an entry with its dot, and the line along its words."""
        self.height += _GAP / 2
        top = self.height
        self.dots.append({"x": _MARK / 2, "y": top + LINE_HEIGHT / 2})
        self.add_text("quiet", quiet, _INDENT)
        self.add_text("ink", text, _INDENT)
        self.lines.append({"x": _MARK / 2, "y": top + LINE_HEIGHT, "y2": self.height})
        self.height += _GAP / 2

    def add_text(self, style: str, text: str, x: float) -> None:
        """Add a text, broken into lines, to the right of `x`."""
        for line in wrap(text, count_fitting_letters(NARROW_PICTURE_WIDTH - x)):
            self.texts[style].append({"x": x, "y": self.height + LINE_HEIGHT / 2, "text": line})
            self.height += LINE_HEIGHT
