"""Notes for print: a pandoc Note becomes a span that the page carries to its foot."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nioc_paper import tree
from nioc_paper.model import Node


def at_foot(blocks: Iterable[Node]) -> list[Node]:
    """The tree with every Note as `Span.footnote`, numbered ids `note-1`, `note-2` … in the order of the text.

    Those of a chapter are `note-CHAPTER-1` …, so that no note of another chapter changes them. Spans, because HTML
    closes a paragraph before any block in it.
    """
    loose = itertools.count(1)
    return [_at_foot(block, loose) for block in blocks]


def _at_foot(block: Node, loose: Iterator[int]) -> Node:
    name = tree.identifier(block)
    own = f"{name.removeprefix('chapter-')}-" if name.startswith("chapter-") else ""
    numbers = itertools.count(1) if own else loose

    def change(node: Node) -> Node:
        if node["t"] != "Note":
            return node
        first, *more = _paragraphs(node["c"]) or [[]]
        inlines = [*first, *(tree.span(each, "para") for each in more)]
        return tree.span(inlines, "footnote", id=f"note-{own}{next(numbers)}")

    footed: Node = tree.rewrite(change, block, leave=tree.WORDS)
    return footed


def count(blocks: Iterable[Node]) -> int:
    """The number of notes in a tree."""
    return sum(node["t"] == "Note" for node in tree.walk(list(blocks)))


def _paragraphs(blocks: Sequence[Node]) -> list[list[Node]]:
    return [inlines for block in blocks for inlines in _flat(block)]


def _flat(block: Node) -> list[list[Node]]:
    kind: str = block["t"]
    content: Any = block.get("c")
    if kind in ("Para", "Plain"):
        return [content]
    if kind == "BlockQuote":
        return _paragraphs(content)
    if kind == "Div":
        return _paragraphs(content[1])
    if kind in ("BulletList", "OrderedList"):
        items = content if kind == "BulletList" else content[1]
        return [inlines for item in items for inlines in _paragraphs(item)]
    if kind == "LineBlock":
        return list(content)
    return [tree.text(tree.plain(block))]
