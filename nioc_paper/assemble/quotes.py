"""Quotation marks in the language of their text. Pandoc writes English marks itself."""

from __future__ import annotations

from typing import Any

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.wording import ENGLISH, wording_for

_WORDING_KEYS = {"SingleQuote": "quoted_inside", "DoubleQuote": "quoted"}


def localize_quotes(blocks: list[Node], language: str) -> list[Node]:
    """Return a tree with the quotation marks of its languages; English quotations stay pandoc's own nodes."""
    has_other_languages = any(
        "lang" in tree.attributes(node) for node in tree.walk(blocks) if node["t"] in tree.TYPES_WITH_ATTR
    )
    return _localize_list(blocks, language) if has_own_quotes(language) or has_other_languages else blocks


def has_own_quotes(language: str) -> bool:
    """Return whether a language has other quotation marks than English."""
    return any(wording_for(language)[key] not in ENGLISH.values() for key in _WORDING_KEYS.values())


def _localize_quotes(content: object, language: str) -> object:
    if isinstance(content, list):
        return _localize_list(content, language)
    return _localize_node(content, language) if isinstance(content, dict) else content


def _localize_list(items: list[Any], language: str) -> list[Any]:
    out: list[Any] = []
    for item in items:
        is_word = isinstance(item, str) or (isinstance(item, dict) and isinstance(item.get("c", ""), str))
        new = item if is_word else _localize_quotes(item, language)
        out += new if isinstance(item, dict) and isinstance(new, list) else [new]
    return out


def _localize_node(node: Node, language: str) -> Node | list[Node]:
    if node.get("t") in tree.TYPES_WITH_ATTR:
        language = tree.attributes(node).get("lang", language)
    localized: Node = {key: value if key == "pos" else _localize_quotes(value, language) for key, value in node.items()}
    if localized.get("t") != "Quoted":
        return localized
    return _with_quote_marks(localized, wording_for(language)[_WORDING_KEYS[localized["c"][0]["t"]]])


def _with_quote_marks(node: Node, marks: str) -> Node | list[Node]:
    if marks in ENGLISH.values():
        return node
    before, after = marks.split("{}")
    return [{"t": "Str", "c": before}, *node["c"][1], {"t": "Str", "c": after}]
