"""Figures and tables of a chapter, with their labels and the content that their blocks request."""

from __future__ import annotations

from dataclasses import dataclass

from nioc_paper import tree
from nioc_paper.assemble.inlines import allowed_attributes
from nioc_paper.assemble.lists import ListContext
from nioc_paper.assemble.lists.cells import caption_blocks
from nioc_paper.assemble.lists.data_tables import build_data_table, find_chart
from nioc_paper.assemble.numbers import DATA_LIST
from nioc_paper.model import Chapter, Node


@dataclass(frozen=True, slots=True)
class FloatBuilder:
    """Builder of one chapter's figures and tables."""

    context: ListContext
    chapter: Chapter

    def label_caption(self, node: Node) -> Node:
        """Return a figure or table whose caption, if any, begins with its label."""
        attr, (short, blocks), *rest = node["c"]
        return {**node, "c": [allowed_attributes(attr), [short, self.with_label(attr[0], blocks)], *rest]}

    def with_label(self, name: str, blocks: list[Node]) -> list[Node]:
        """Return a caption that begins with its label."""
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

    def build_figure(self, node: Node) -> Node:
        """Return a `.figure` block, or one that requests a chart, as a figure: its paragraph becomes the caption."""
        (name, *_), blocks = node["c"]
        chart, caption_with_label = (
            find_chart(self.context, self.chapter, node),
            self.with_label(name, caption_blocks(node)),
        )
        if chart is None:
            return {
                "t": "Figure",
                "c": [
                    tree.attr(name),
                    [None, caption_with_label],
                    [b for b in blocks if b not in caption_blocks(node)],
                ],
            }
        picture = {"t": "Image", "c": [tree.attr(), tree.text_inlines(chart.alt), [f"chart:{chart.id}", ""]]}
        return {
            "t": "Figure",
            "c": [
                tree.attr(name),
                [None, self.with_data_link(name, caption_with_label)],
                [tree.plain_block([picture])],
            ],
        }

    def with_data_link(self, name: str, blocks: list[Node]) -> list[Node]:
        """Return a caption with a link to the data of its chart, if they are printed."""
        data_label = self.context.labels.get(DATA_LIST)
        if not data_label or not name or not blocks:
            return blocks
        before, _, after = self.context.words["data_in"].partition("{}")
        link = [
            *tree.text_inlines(before),
            {"t": "Space"},
            tree.cross_reference(data_label, f"data-{name}"),
            {"t": "Str", "c": after},
        ]
        last = blocks[-1]
        return [*blocks[:-1], {**last, "c": [*last["c"], {"t": "Space"}, *link]}]

    def build_table(self, node: Node) -> Node | list[Node]:
        """Return a `.table` block as a table: its first paragraph becomes the caption, later ones stand below."""
        (name, *_), blocks = node["c"]
        places = [self.chapter.place(b) for b in blocks if b["t"] == "CodeBlock"]
        data_table = next((t for t in self.chapter.tables if t.place in places), None)
        title, *below = caption_blocks(node) or [tree.plain_block([])]
        return (
            build_data_table(data_table, self.with_label(name, [title]), below, id=name)
            if data_table
            else [title, *below]
        )
