"""Nodes of our chapters for parts of a foreign file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.tree.chapter_markdown import split_for_escapes

_CALLOUTS: Mapping[str, str] = MappingProxyType(
    {"note": "note", "tip": "tip", "warning": "warning", "caution": "warning", "danger": "warning"}
)
"""Our callouts by those of other tools; the others are notes with their name as the title."""
_UNREADABLE = re.compile(r"\\[A-Za-z]{2,}\*?[{\[]|\[\^[^\]\s]+\]|^:::")
"""Commands of TeX, notes without words, and marks of blocks: printed as they are, they would be errors here."""


def word_nodes(text: str) -> list[Node]:
    """Return a word; one that would be read as markup is code."""
    if not text:
        return []
    return [code_node(text)] if _UNREADABLE.search(text) else split_for_escapes(text)


def code_node(text: str) -> Node:
    """Return words as code."""
    return {"t": "Code", "c": [tree.attr(), text]}


def markdown_node(text: str) -> Node:
    """Return Markdown that is written as it is."""
    return {"t": "RawInline", "c": ["markdown", text]}


def figure_node(anchor: str, caption: Sequence[Node], values: Sequence[Sequence[str]], target: Sequence[str]) -> Node:
    """Return a figure; its picture has the words of the caption, as pandoc's writer expects."""
    picture = {"t": "Image", "c": [["", [], list(values)], list(caption), list(target)]}
    words = [tree.plain_block(caption)] if caption else []
    return {"t": "Figure", "c": [tree.attr(anchor), [None, words], [tree.plain_block([picture])]]}


def image_parts(figure: Node) -> tuple[str, Sequence[Node], Sequence[Sequence[str]], Sequence[str]]:
    """Return id, words, attributes and target of the picture of a figure."""
    image = next(node for node in tree.walk(figure["c"][2]) if node["t"] == "Image")
    (anchor, _, values), words, target = image["c"]
    return anchor, words, values, target


def callout_node(kind: str, title: str, blocks: Sequence[Node]) -> Node:
    """Return a callout of ours: a note, a tip or a warning, without headings and other callouts inside."""
    out = list(blocks)
    if not title and out and out[0]["t"] == "Header":
        title = tree.plain_text(out.pop(0)["c"][2])
    name = _CALLOUTS.get(kind, "note")
    if not title and kind not in _CALLOUTS:
        title = kind.capitalize()
    inside = [block for node in out for block in _plain_blocks(node)]
    return tree.div(inside, name, values={"title": title} if title else None)


def _plain_blocks(node: Node) -> list[Node]:
    """Return a block that a callout can hold: headings and callouts become paragraphs."""
    if node["t"] == "Header":
        return [tree.para([tree.strong(node["c"][2])])]
    if node["t"] == "Div":
        title = tree.attributes(node).get("title", "")
        head = [tree.para([tree.strong(tree.text_inlines(f"{title}"))])] if title else []
        return [*head, *node["c"][1]]
    return [node]
