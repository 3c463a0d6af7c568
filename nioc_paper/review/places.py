"""Where in the Markdown a passage begins and ends, and where a new one goes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nioc_paper.review.leaf import Leaf
from nioc_paper.review.source import Source

_OWN_STYLE = frozenset(("recommendation", "gap", "finding", "linkage", "pullquote", "figure", "table", "generated"))
"""Classes of divisions that Word shows by the styles of what is in them."""
_ITEM = re.compile(r"^(?P<indent>[ \t>]*)(?P<marker>[-*+]|\d+[.)])(?P<space>[ \t]+)")
_BAR = re.compile(r"(?<!\\)\|")


class Places:
    """The lines of a source, as its leaves take them up."""

    def __init__(self, source: Source, boxes: Mapping[int, tuple[str, ...]]) -> None:
        self.text = source.text
        self.source = source
        self.own = {n for n, classes in boxes.items() if _OWN_STYLE & set(classes)}
        self.tables: dict[int, int] = {}
        for leaf, following in zip(source.leaves, (*source.leaves[1:], None), strict=True):
            if leaf.cell is not None and _placed(leaf):
                self.tables[leaf.cell.table] = self.lines(leaf)[1]
                if following is not None and following.kind == "caption" and _placed(following):
                    self.tables[leaf.cell.table] = self.lines(following)[1]

    def lines(self, leaf: Leaf) -> tuple[int, int]:
        """The whole lines of a leaf: the first character, and behind the last one. (0, 0) for one without a place."""
        spans = [t.span for t in leaf.tokens if t.span]
        if not spans:
            return 0, 0
        start = self.text.rfind("\n", 0, min(s for s, _ in spans)) + 1
        end = self.text.find("\n", max(e for _, e in spans))
        return start, len(self.text) if end < 0 else end

    def box(self, leaf: Leaf) -> int:
        """The outermost division around a leaf that has a style of its own in Word; 0 where there is none."""
        return next((n for n in leaf.boxes if n in self.own and n in self.source.boxes), 0)

    def end(self, leaf: Leaf) -> int:
        """Behind the block that a leaf is part of: a paragraph, a whole table, a whole box."""
        if box := self.box(leaf):
            return self.source.boxes[box][1]
        if leaf.cell is not None:
            return max(self.tables.get(leaf.cell.table, 0), self.lines(leaf)[1])
        return self.lines(leaf)[1]

    def apart(self, leaf: Leaf) -> int:
        """Behind the block that a leaf is part of, where a blank line follows: the text of a note can stand there."""
        at = self.text.find("\n\n", self.end(leaf))
        return len(self.text.rstrip("\n")) if at < 0 else at

    def cut(self, start: int, end: int) -> tuple[int, int]:
        """Lines with the line end before them; with a blank line too, where one stands on both sides.

        Not the one behind them: what is new may be put in there.
        """
        if not self.text[end:].strip():
            return len(self.text[:start].rstrip("\n")), len(self.text.rstrip("\n"))
        before = self.text[:start]
        if before.endswith("\n\n") and self.text.startswith("\n\n", end):
            return start - 2, end
        return max(start - 1, 0), end

    def gap(self, after: Leaf | None, new: Leaf, *, inside: bool = False) -> tuple[int, str, str]:
        """Where a new passage goes that follows a leaf: the offset, and what stands before it and behind it there.

        With `inside` it belongs to the box that the leaf is in.
        """
        if after is None:
            first = next((leaf for leaf in self.source.leaves if _placed(leaf)), None)
            at = self.lines(first)[0] if first else len(self.text)
            return at, "", "\n\n"
        at = self.lines(after)[1] if inside else self.end(after)
        tight = after.kind == "item" and new.kind == "item" and not (self.box(after) and not inside)
        follows = self.text[at : at + 2]
        loose = not tight and follows not in ("", "\n", "\n\n")
        return at, "\n" if tight else "\n\n", "\n" if loose else ""

    def marker(self, after: Leaf | None, new: Leaf) -> str:
        """What begins a new item of a list that follows a leaf."""
        indent = 0
        if after is not None and after.kind == "item":
            item = _ITEM.match(self.text[slice(*self.lines(after))])
            if item and new.level == after.level and new.ordered == after.ordered:
                return item[0]
            if item:
                indent = len(item["indent"]) + (len(item["marker"] + item["space"])) * (new.level - after.level)
        return " " * max(indent, 0) + ("1. " if new.ordered else "- ")

    def row(self, leaf: Leaf) -> str:
        """The line of a row of a pipe table; empty where the table is of another kind."""
        line = self.text[slice(*self.lines(leaf))]
        return line if _BAR.search(line) and not line.lstrip().startswith("+") else ""

    def cell(self, leaf: Leaf, column: int) -> tuple[int, int] | None:
        """Between which bars a cell stands in the row that a leaf is in."""
        start, _ = self.lines(leaf)
        line = self.row(leaf)
        bars = [m.start() for m in _BAR.finditer(line)]
        edges = bars if line.lstrip().startswith("|") else [-1, *bars]
        edges = edges if line.rstrip().endswith("|") else [*edges, len(line)]
        if column + 1 >= len(edges):
            return None
        return start + edges[column] + 1, start + edges[column + 1]


def _placed(leaf: Leaf) -> bool:
    return any(t.span for t in leaf.tokens)
