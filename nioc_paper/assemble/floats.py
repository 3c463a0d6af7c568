"""Figures and tables of a chapter as they are printed: each with its label, and with what its block asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nioc_paper import tree
from nioc_paper.assemble.lists import Context
from nioc_paper.assemble.lists.cells import caption
from nioc_paper.assemble.lists.data import drawn, table
from nioc_paper.assemble.numbers import DATA
from nioc_paper.model import Chapter, Node


@dataclass(frozen=True, slots=True)
class Floats:
    """Makes one chapter's figures and tables."""

    context: Context
    chapter: Chapter

    def captioned(self, node: Node) -> Node:
        """A figure or a table: its caption, if it has one, begins with its label."""
        attr, (short, blocks), *rest = node["c"]
        return {**node, "c": [allowed(attr), [short, self.labelled(attr[0], blocks)], *rest]}

    def labelled(self, name: str, blocks: list[Node]) -> list[Node]:
        """A caption that begins with its label."""
        label = self.context.labels.get(name)
        if not label or not blocks:
            return blocks
        first, *rest = blocks
        start = [
            tree.span([{"t": "Str", "c": label.replace(" ", "\u00a0")}], "label"),
            {"t": "Str", "c": self.context.words["stop"]},
            {"t": "Space"},
        ]
        return [{**first, "t": "Plain", "c": [*start, *first["c"]]}, *rest]

    def figure(self, node: Node) -> Node:
        """A `.figure` block, or one that asks for a picture, as a figure: the paragraph in it becomes the caption."""
        (name, *_), blocks = node["c"]
        chart, words = drawn(self.context, self.chapter, node), self.labelled(name, caption(node))
        if chart is None:
            return {"t": "Figure", "c": [tree.attr(name), [None, words], [b for b in blocks if b not in caption(node)]]}
        picture = {"t": "Image", "c": [tree.attr(), tree.text(chart.alt), [f"chart:{chart.id}", ""]]}
        return {"t": "Figure", "c": [tree.attr(name), [None, self.sourced(name, words)], [tree.plain_block([picture])]]}

    def sourced(self, name: str, blocks: list[Node]) -> list[Node]:
        """A caption that says where the data of its chart are, if they are printed."""
        where = self.context.labels.get(DATA)
        if not where or not name or not blocks:
            return blocks
        before, _, after = self.context.words["data_in"].partition("{}")
        link = [*tree.text(before), {"t": "Space"}, tree.xref(where, f"data-{name}"), {"t": "Str", "c": after}]
        last = blocks[-1]
        return [*blocks[:-1], {**last, "c": [*last["c"], {"t": "Space"}, *link]}]

    def table(self, node: Node) -> Node | list[Node]:
        """A `.table` block as a table: the first paragraph becomes its caption, what follows stands below it."""
        (name, *_), blocks = node["c"]
        places = [self.chapter.place(b) for b in blocks if b["t"] == "CodeBlock"]
        made = next((t for t in self.chapter.tables if t.place in places), None)
        title, *below = caption(node) or [tree.plain_block([])]
        return table(made, self.labelled(name, [title]), below, id=name) if made else [title, *below]


def allowed(attr: list[Any]) -> list[Any]:
    """An attribute triple with the keys that every output understands."""
    return [attr[0], attr[1], [kv for kv in attr[2] if kv[0] in tree.ATTRIBUTES]]
