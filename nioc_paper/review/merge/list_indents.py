"""Depths and indents of the items of a list, in the order of a returned file."""

from __future__ import annotations

from typing import NamedTuple

_MAX_SHIFT = 4
"""Spaces by which an item may be further in than the text of the item that it is in: with more it is code."""


class ItemPlace(NamedTuple):
    """Number of spaces before the marker of an item, and its depth, from 1."""

    indent: int
    depth: int


class _OpenItem(NamedTuple):
    level: int
    """Level in Word."""
    indent: int
    content: int
    """Number of characters before its text."""


class ListIndents:
    """Items of a list that the next one may be in or beside, outermost first."""

    def __init__(self) -> None:
        self._open: list[_OpenItem] = []
        self.is_changed = False
        """Whether an item of this list has another indent than in the source."""

    def place(self, level: int, indent: int, width: int) -> ItemPlace:
        """Add the next item by its level in Word; keeps its indent in the source if that gives the same depth."""
        sibling = None
        while self._open and self._open[-1].level >= level:
            sibling = self._open.pop()
        content = self._open[-1].content if self._open else 0
        if sibling:
            indent = sibling.indent
        elif not content <= indent < content + _MAX_SHIFT:
            indent = content
        self._open.append(_OpenItem(level, indent, indent + width))
        return ItemPlace(indent, len(self._open))

    def end_before(self, indent: int) -> None:
        """End the list before a paragraph, unless that is indented as a part of its items."""
        if self._open and indent < self._open[0].content:
            self._open.clear()
            self.is_changed = False
