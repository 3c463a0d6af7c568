"""Depths and indents of the items of a list, in the order of a received file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_MAX_SHIFT = 4
"""Spaces by which an item may be further in than the text of the item that it is in: with more it is code."""


class ItemPlace(NamedTuple):
    """Place of an item in its list."""

    indent: int
    """Number of spaces before its marker."""
    depth: int
    """Depth, from 1."""
    is_first: bool
    """Whether it is the first item of the list at its depth."""


class _OpenItem(NamedTuple):
    level: int
    """Level in Word."""
    indent: int
    content: int
    """Number of characters before its text."""


class ListIndents:
    """Items of a list that the next one may be in or beside, outermost first."""

    def __init__(self, steps: Mapping[int, int] | None = None) -> None:
        self._open: list[_OpenItem] = []
        self._steps = steps or {}
        """Spaces by which the author moves an item in another one to the right, by the width of its marker."""
        self.is_changed = False
        """Whether an item of this list has another level than in the source."""
        self.reported_shifts: set[int] = set()
        """Numbers of levels by which items of this list were moved without getting another depth."""

    def place(self, level: int, indent: int, width: int) -> ItemPlace:
        """Add the next item by its level in Word; keeps its indent in the source if that gives the same depth."""
        sibling = None
        while self._open and self._open[-1].level >= level:
            sibling = self._open.pop()
        outer = self._open[-1] if self._open else _OpenItem(0, 0, 0)
        fitting = range(outer.content, outer.content + _MAX_SHIFT)
        if sibling:
            indent = sibling.indent
        elif indent not in fitting:
            inner_indent = outer.indent + self._steps.get(outer.content - outer.indent, 0)
            indent = inner_indent if inner_indent in fitting else outer.content
        self._open.append(_OpenItem(level, indent, indent + width))
        return ItemPlace(indent, len(self._open), is_first=sibling is None)

    def end_before(self, indent: int) -> None:
        """End the list before a paragraph, unless that is indented as a part of its items."""
        if self._open and indent < self._open[0].content:
            self._open.clear()
            self.is_changed, self.reported_shifts = False, set()
