"""Footnotes for print: a pandoc Note becomes a span that the page moves to its foot."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nioc_paper import tree
from nioc_paper.model import Node


def notes_to_footnotes(blocks: Iterable[Node]) -> list[Node]:
    """Return the tree with each Note as `Span.footnote`, with ids `note-1`, `note-2` … in text order.

    In a chapter they are `note-CHAPTER-1` …, independent of other chapters. Spans, because HTML closes a paragraph
    before any block inside it.
    """
    loose = itertools.count(1)
    return [_block_with_footnotes(block, loose) for block in blocks]


def _block_with_footnotes(block: Node, loose: Iterator[int]) -> Node:
    name = tree.identifier(block)
    chapter_prefix = f"{name.removeprefix('chapter-')}-" if name.startswith("chapter-") else ""
    numbers = itertools.count(1) if chapter_prefix else loose

    def note_to_span(node: Node) -> Node:
        if node["t"] != "Note":
            return node
        first, *more = _paragraph_inlines(node["c"]) or [[]]
        inlines = [*first, *(tree.span(each, "para") for each in more)]
        return tree.span(inlines, "footnote", id=f"note-{chapter_prefix}{next(numbers)}")

    footed: Node = tree.rewrite(note_to_span, block, skip_types=tree.WORD_TYPES)
    return footed


def _paragraph_inlines(blocks: Sequence[Node]) -> list[list[Node]]:
    return [inlines for block in blocks for inlines in _block_inlines(block)]


def _block_inlines(block: Node) -> list[list[Node]]:
    kind: str = block["t"]
    content: Any = block.get("c")
    if kind in ("Para", "Plain"):
        return [content]
    if kind == "BlockQuote":
        return _paragraph_inlines(content)
    if kind == "Div":
        return _paragraph_inlines(content[1])
    if kind in ("BulletList", "OrderedList"):
        items = content if kind == "BulletList" else content[1]
        return [inlines for item in items for inlines in _paragraph_inlines(item)]
    if kind == "LineBlock":
        return list(content)
    return [tree.text_inlines(tree.plain_text(block))]
