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
    texts: dict[str, list[dict[str, object]]] = {"head": [], "quiet": [], "ink": []}
    dots: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    y = 0.0

    def add(style: str, text: str, x: float) -> None:
        nonlocal y
        for line in wrap(text, count_fitting_letters(NARROW_PICTURE_WIDTH - x)):
            texts[style].append({"x": x, "y": y + LINE_HEIGHT / 2, "text": line})
            y += LINE_HEIGHT

    for group in groups:
        y += _GROUP_GAP if y else 0
        add("head", group.heading, 0)
        for quiet, text in group.entries:
            y += _GAP / 2
            dots.append({"x": _MARK / 2, "y": y + LINE_HEIGHT / 2})
            top = y
            add("quiet", quiet, _INDENT)
            add("ink", text, _INDENT)
            lines.append({"x": _MARK / 2, "y": top + LINE_HEIGHT, "y2": y})
            y += _GAP / 2
    layers = [
        mark_layer("rule", lines, "hairline"),
        text_layer(texts["head"], "ink", fontWeight=600),
        text_layer(texts["quiet"], "quiet"),
        text_layer(texts["ink"], "ink"),
        mark_layer("point", dots, "strong", shape="circle", size=60, filled=True),
    ]
    return layered_spec(NARROW_PICTURE_WIDTH, y, layers)
