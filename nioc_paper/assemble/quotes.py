"""Quotation marks in the language of the text that they stand in. Pandoc itself writes those of English."""

from __future__ import annotations

from typing import Any

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.wording import ENGLISH, labels

_KEYS = {"SingleQuote": "quoted_inside", "DoubleQuote": "quoted"}


def quoted(blocks: Any, language: str) -> Any:
    """A tree with its quotations in the marks of their languages; English ones stay quotations of pandoc's."""
    other = any("lang" in tree.values(node) for node in tree.walk(blocks) if node["t"] in tree.WITH_ATTRIBUTES)
    english = all(labels(language)[key] in ENGLISH.values() for key in _KEYS.values())
    return blocks if english and not other else _quoted(blocks, language)


def _quoted(blocks: Any, language: str) -> Any:
    if isinstance(blocks, list):
        out: list[Any] = []
        for item in blocks:
            word = isinstance(item, str) or (isinstance(item, dict) and isinstance(item.get("c", ""), str))
            new = item if word else _quoted(item, language)
            out += new if isinstance(item, dict) and isinstance(new, list) else [new]
        return out
    if not isinstance(blocks, dict):
        return blocks
    if blocks.get("t") in tree.WITH_ATTRIBUTES:
        language = tree.values(blocks).get("lang", language)
    node = {key: value if key == "at" else _quoted(value, language) for key, value in blocks.items()}
    return _marked(node, labels(language)[_KEYS[node["c"][0]["t"]]]) if node.get("t") == "Quoted" else node


def _marked(node: Node, marks: str) -> Node | list[Node]:
    if marks in ENGLISH.values():
        return node
    before, after = marks.split("{}")
    return [{"t": "Str", "c": before}, *node["c"][1], {"t": "Str", "c": after}]
