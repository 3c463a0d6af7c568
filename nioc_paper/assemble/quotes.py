"""Quotation marks in the language of the text that they stand in. Pandoc itself writes those of English."""

from __future__ import annotations

from typing import Any

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.wording import ENGLISH, wording_for

_WORDING_KEYS = {"SingleQuote": "quoted_inside", "DoubleQuote": "quoted"}


def localize_quotes(blocks: Any, language: str) -> Any:
    """A tree with its quotations in the marks of their languages; English ones stay quotations of pandoc's."""
    has_other_languages = any(
        "lang" in tree.attributes(node) for node in tree.walk(blocks) if node["t"] in tree.TYPES_WITH_ATTR
    )
    is_english = all(wording_for(language)[key] in ENGLISH.values() for key in _WORDING_KEYS.values())
    return blocks if is_english and not has_other_languages else _localize_quotes(blocks, language)


def _localize_quotes(blocks: Any, language: str) -> Any:
    if isinstance(blocks, list):
        out: list[Any] = []
        for item in blocks:
            word = isinstance(item, str) or (isinstance(item, dict) and isinstance(item.get("c", ""), str))
            new = item if word else _localize_quotes(item, language)
            out += new if isinstance(item, dict) and isinstance(new, list) else [new]
        return out
    if not isinstance(blocks, dict):
        return blocks
    if blocks.get("t") in tree.TYPES_WITH_ATTR:
        language = tree.attributes(blocks).get("lang", language)
    node = {key: value if key == "at" else _localize_quotes(value, language) for key, value in blocks.items()}
    return (
        _with_quote_marks(node, wording_for(language)[_WORDING_KEYS[node["c"][0]["t"]]])
        if node.get("t") == "Quoted"
        else node
    )


def _with_quote_marks(node: Node, marks: str) -> Node | list[Node]:
    if marks in ENGLISH.values():
        return node
    before, after = marks.split("{}")
    return [{"t": "Str", "c": before}, *node["c"][1], {"t": "Str", "c": after}]
