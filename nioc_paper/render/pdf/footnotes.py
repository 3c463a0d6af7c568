"""Notes for print: a pandoc Note becomes a span that the page moves to its margin or its foot."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.render.pdf.markers import FOOT_NOTE, MARGIN_COPY, MARGIN_NOTE, NOTE_CALL
from nioc_paper.tree.key_numbers import is_key_number, margin_copy

_MARGIN_LETTERS = 200
"""Letters of about six lines in the margin. The page counts the lines of a note, and moves it to its foot if needed."""
_RUNNING_TEXT = frozenset(("Para", "BulletList", "OrderedList"))


def notes_to_footnotes(blocks: Iterable[Node]) -> list[Node]:
    """Return the tree with each Note as `Span.footnote`, with ids `note-1`, `note-2` … in text order.

    In a chapter they are `note-CHAPTER-1` …, independent of other chapters; a short one that running text calls is for
    the margin. Spans, because HTML closes a paragraph before any block inside it.
    """
    loose = itertools.count(1)
    return [_block_with_footnotes(block, loose) for block in blocks]


def _block_with_footnotes(block: Node, loose: Iterator[int]) -> Node:
    name = tree.identifier(block)
    if not name.startswith("chapter-"):
        return _with_footnotes(block, (f"note-{number}" for number in loose), has_margin=False)
    ids = (f"note-{name.removeprefix('chapter-')}-{number}" for number in itertools.count(1))
    attr, blocks = block["c"]
    return {**block, "c": [attr, [_with_footnotes(each, ids, each["t"] in _RUNNING_TEXT) for each in blocks]]}


def _with_footnotes(block: Node, ids: Iterator[str], has_margin: bool) -> Node:
    def note_to_span(node: Node) -> Node:
        if node["t"] != "Note":
            return node
        first, *more = _paragraph_inlines(node["c"]) or [[]]
        inlines = [*first, *(tree.span(each, "para") for each in more)]
        name = next(ids)
        if not has_margin or len(tree.plain_text(inlines)) > _MARGIN_LETTERS:
            return tree.span(inlines, FOOT_NOTE, id=name)
        call = tree.span([], NOTE_CALL, id=f"{name}-call")
        return tree.span([call, tree.span(inlines, FOOT_NOTE, MARGIN_NOTE, id=name)])

    if has_margin:
        block = tree.rewrite(_with_margin_copy, block, skip_types=tree.WORD_TYPES | {"Note"})
    return tree.rewrite(note_to_span, block, skip_types=tree.WORD_TYPES)


def _with_margin_copy(node: Node) -> Node:
    """Return a key number with its copy for the margin before it."""
    if not is_key_number(node):
        return node
    attr, inlines = node["c"]
    return {**node, "c": [attr, [tree.span(margin_copy(node), MARGIN_NOTE, MARGIN_COPY), *inlines]]}


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
