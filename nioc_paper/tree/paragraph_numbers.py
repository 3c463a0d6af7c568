"""Paragraphs as reviewers count them: the same in a review copy and on the website. Pure.

Counted are the units that a reader points at: each paragraph of running text, quotation and box. A list belongs to
the paragraph before it, and counts only without one. Headings, figures and tables have their own numbers; cells,
captions and notes belong to those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from nioc_paper.model import Node
from nioc_paper.tree.nodes import content, is_div, plain_text, rewrite, with_content

_LIST_TYPES = ("BulletList", "OrderedList", "DefinitionList")
_BOX_CLASSES = ("recommendation", "gap", "finding", "linkage", "objective", "risk", "pullquote", "callout")
_UNCOUNTED_TYPES = ("Header", "Figure", "Table", "CodeBlock", "HorizontalRule")
"""Blocks without paragraph number; a list after one belongs to no paragraph before it."""

MarkParagraph = Callable[[int, list[Node]], list[Node]]
"""Takes the number of a unit and the inlines of its first paragraph, and returns these with a mark."""


def mark_paragraphs(blocks: Sequence[Node], mark: MarkParagraph) -> list[Node]:
    """Return the blocks of a chapter, with a mark in the first paragraph of every unit."""
    return _ParagraphCounter(mark).mark_blocks(blocks)


class _ParagraphCounter(Struct):
    mark: MarkParagraph
    count: int = 0
    follows_text: bool = False
    """Whether a list here belongs to the paragraph before it."""

    def mark_blocks(self, blocks: Sequence[Node]) -> list[Node]:
        return [self.mark_block(block) for block in blocks]

    def mark_block(self, block: Node) -> Node:
        kind = block["t"]
        if kind == "Div" and not any(is_div(block, box) for box in _BOX_CLASSES):
            return with_content(block, self.mark_blocks(content(block)))
        if kind in _UNCOUNTED_TYPES:
            self.follows_text = False
            return block
        marked = block if kind in _LIST_TYPES and self.follows_text else self.mark_unit(block)
        self.follows_text = kind != "Div"
        return marked

    def mark_unit(self, block: Node) -> Node:
        """Return a block with the next number in its first paragraph, if it has one."""
        pending = [self.count + 1]
        new: Node = self.mark_first(block, pending)
        self.count += not pending
        return new

    def mark_first(self, item: object, pending: list[int]) -> Any:
        """Return an item with its first paragraph marked, and remove the number from the list."""
        if isinstance(item, list):
            return [self.mark_first(part, pending) for part in item]
        if not isinstance(item, dict) or not pending or "c" not in item or item["t"] in _UNCOUNTED_TYPES:
            return item
        if item["t"] in ("Para", "Plain"):
            # A picture alone is no paragraph.
            words = plain_text(rewrite(lambda node: None if node["t"] == "Image" else node, item["c"]))
            return {**item, "c": self.mark(pending.pop(), item["c"])} if words else item
        if item["t"] == "LineBlock":
            first, *rest = item["c"]
            return {**item, "c": [self.mark(pending.pop(), first), *rest]}
        return {**item, "c": self.mark_first(item["c"], pending)}
