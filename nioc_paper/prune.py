"""Nodes taken out of pandoc's tree without a trace: what they leave empty goes too, and blanks around them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from nioc_paper import tree
from nioc_paper.items import ITEMS
from nioc_paper.model import Node

_CLOSING = tuple(".,;:!?)]’”،؛۔؟")
"""Signs before which no blank stands."""
_DRAWN = ("Image", "CodeBlock", "Table")
"""What a figure is made of: without it the caption goes as well."""
_RUNS = (
    *("Para", "Plain", "Emph", "Strong", "Underline", "Strikeout", "Superscript", "Subscript", "SmallCaps", "Note"),
    *("BlockQuote", "BulletList", "LineBlock"),
)
"""Types whose whole content is a run of nodes, or a list of such runs."""
_INSIDE: Mapping[str, int] = MappingProxyType(
    {"Quoted": 1, "Span": 1, "Link": 1, "Image": 1, "Cite": 1, "Div": 1, "OrderedList": 1, "Header": 2, "Figure": 2}
)
"""Where other types have theirs."""


@dataclass(slots=True)
class Pruner:
    """Takes nodes out of trees and counts them; one inside another is not counted."""

    gone: Callable[[Node], bool]
    """Whether a node is to go."""
    count: int = 0

    def blocks(self, blocks: Sequence[Node]) -> Sequence[Node]:
        """The blocks that are left: the same where nothing goes."""
        return self.run(blocks) if any(map(self.gone, tree.walk(blocks))) else blocks

    def run(self, nodes: Sequence[Node]) -> list[Node]:
        """What is left of a run of nodes; nothing where that would be blanks only."""
        out: list[Node] = []
        cut = False
        for node in nodes:
            left = self.node(node)
            if left is None:
                cut = True
                continue
            before = bool(out) and _blank(out[-1])
            if cut and before and tree.plain(left).startswith(_CLOSING):
                out.pop()
            if not (cut and _blank(left) and (before or not out)):
                out.append(left)
            cut = cut and _blank(left)
        if cut and out and _blank(out[-1]):
            out.pop()
        return [] if all(map(_blank, out)) else out

    def part(self, part: Sequence[Any]) -> list[Any] | None:
        """What is left of a run, or of a list of runs; None where there was something and nothing is left."""
        if part and isinstance(part[0], list):
            left: list[Any] = [item for item in map(self.part, part) if item is not None]
        else:
            left = self.run(part)
        return left if left or not part else None

    def node(self, node: Node) -> Node | None:
        """A node with what is left in it; None where it goes, or where nothing is left of what was in it."""
        kind = node["t"]
        if self.gone(node):
            self.count += 1
            return None
        if kind in _RUNS:
            left = self.part(node["c"])
            return None if left is None else {**node, "c": left}
        if kind == "Table":
            return self.table(node)
        if kind == "DefinitionList":
            entries = [[term, said] for a, b in node["c"] if (term := self.part(a)) and (said := self.part(b))]
            return {**node, "c": entries} if entries else None
        return self.inside(node) if kind in _INSIDE else node

    def inside(self, node: Node) -> Node | None:
        """A node that has more than what is in it: attributes, a target, a caption."""
        at, content = _INSIDE[node["t"]], list(node["c"])
        if node["t"] == "Cite":
            return self.citation(node)
        if node["t"] == "Figure":
            content[1] = self.caption(content[1])
        before = content[at]
        left = self.fields(before) if ITEMS.keys() & tree.classes(node) else self.part(before)
        if left is None and node["t"] != "Image":
            return None
        content[at] = left or []
        if _is_figure(node) and _drawn(before) and not _drawn(left):
            return None
        return {**node, "c": content}

    def citation(self, node: Node) -> Node:
        """A citation without what is gone from around its keys; then also without its source text, which has all."""
        left = [c | {k: self.run(c[k]) for k in ("citationPrefix", "citationSuffix")} for c in node["c"][0]]
        return node if left == node["c"][0] else {**node, "c": [left, []]}

    def fields(self, blocks: Sequence[Node]) -> list[Node] | None:
        """The blocks of a recommendation or a gap: a field goes with its value, and all goes with the text."""
        *text, last = blocks or [{"t": "Null"}]
        if last["t"] != "BulletList":
            return self.part(blocks)
        left = self.part(text)
        items = [item for old in last["c"] if (item := self.part(old)) and (item == old or not _named(item))]
        return left and [*left, *([{**last, "c": items}] if items else [])]

    def caption(self, caption: Sequence[Any]) -> list[Any]:
        """A caption: its short form, and its blocks."""
        short, blocks = caption
        return [short, self.part(blocks) or []]

    def table(self, table: Node) -> Node | None:
        """A table without the rows that are left empty; None where it had rows and has none."""
        attr, caption, columns, head, bodies, foot = table["c"]
        left = [[own, count, self.rows(heads), self.rows(rows)] for own, count, heads, rows in bodies]
        if any(rows for *_, rows in bodies) and not any(rows for *_, rows in left):
            return None
        head, foot = [head[0], self.rows(head[1])], [foot[0], self.rows(foot[1])]
        return {**table, "c": [attr, self.caption(caption), columns, head, left, foot]}

    def rows(self, rows: Sequence[Any]) -> list[Any]:
        """The rows that have something in them, or had nothing before."""
        left = [[attr, [[*cell[:-1], self.part(cell[-1]) or []] for cell in cells]] for attr, cells in rows]
        return [row for row, old in zip(left, rows, strict=True) if row == old or any(cell[-1] for cell in row[1])]


def _blank(node: Node) -> bool:
    return node["t"] in ("Space", "SoftBreak", "LineBreak")


def _named(item: Sequence[Node]) -> bool:
    """Whether only the name of a field is left in a line."""
    return tree.plain(item).endswith(":")


def _is_figure(node: Node) -> bool:
    return node["t"] == "Figure" or (node["t"] == "Div" and bool({"figure", "table"} & {*tree.classes(node)}))


def _drawn(blocks: Any) -> bool:
    return any(node["t"] in _DRAWN for node in tree.walk(blocks))
