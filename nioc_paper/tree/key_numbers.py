"""Key numbers: passages that print and the website repeat in the margin, the first fact in large type."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper.model import Node
from nioc_paper.tree import build
from nioc_paper.tree.nodes import WORD_TYPES, classes, plain_text, rewrite, walk

KEY_NUMBER, _VALUE = "key-number", "value"
"""Class of a passage with a key number, and of the number in it."""


def mark_key_numbers(blocks: list[Node]) -> list[Node]:
    """Return blocks in which the first fact of each key number has a span of its own."""
    if not any(is_key_number(node) for node in walk(blocks)):
        return blocks
    marked: list[Node] = rewrite(_mark_value, blocks, skip_types=WORD_TYPES)
    return marked


def is_key_number(node: Node) -> bool:
    """Return whether a node is a passage with a key number."""
    return node["t"] == "Span" and KEY_NUMBER in classes(node)


def margin_copy(passage: Node) -> list[Node]:
    """Return the words of a key number for the margin, the number first; without links, citations and notes."""
    number, words = _number_and_words(passage["c"][1])
    return [build.span(build.text_inlines(number), _VALUE), build.span(build.text_inlines(words), "para")]


def _mark_value(node: Node) -> Node:
    if not is_key_number(node):
        return node
    attr, inlines = node["c"]
    first = next((index for index, inline in enumerate(inlines) if _is_fact(inline)), None)
    marked = [build.span([inline], _VALUE) if index == first else inline for index, inline in enumerate(inlines)]
    return {**node, "c": [attr, marked]}


def _is_fact(inline: Node) -> bool:
    if inline["t"] != "Cite":
        return False
    key: str = inline["c"][0][0]["citationId"]
    return key.startswith("fact-")


def _number_and_words(inlines: Sequence[Node]) -> tuple[str, str]:
    """Return the marked number, and the words around it without citations."""
    number = [inline for inline in inlines if inline["t"] == "Span" and _VALUE in classes(inline)]
    words = [inline for inline in inlines if inline not in number and inline["t"] != "Cite"]
    return plain_text(number), plain_text(words)
