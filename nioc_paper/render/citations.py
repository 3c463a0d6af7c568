"""Citations taken out of a tree, set all at once, and put back: setting them is quick, and reading a paper is not.

What citeproc makes of a citation depends on all that are cited, in their order, and on the sign that follows it, which
goes where the citation has it already. So each is taken out with its sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nioc_paper import tree
from nioc_paper.model import Node

BIBLIOGRAPHY = "refs"
"""The id of the division that citeproc fills."""
_TEXTS = frozenset(("part", "front", "chapter", "annex"))


def passages(blocks: Any) -> list[list[Node]]:
    """Each citation with the word after it, in the order of the text."""
    found: list[list[Node]] = []

    def take(inlines: list[Node]) -> list[Node]:
        found.append(inlines)
        return inlines

    _replaced(blocks, take)
    return found


def document(passages: Iterable[Sequence[Node]]) -> list[Node]:
    """A document of nothing but such passages, and of the sources."""
    return [*({"t": "Plain", "c": list(inlines)} for inlines in passages), tree.div([], id=BIBLIOGRAPHY)]


def put_back(blocks: Any, cited: Iterable[list[Node]]) -> Any:
    """A tree with its passages replaced by what citeproc made of them, in the same order."""
    left = iter(cited)
    return _replaced(blocks, lambda _: next(left))


def listed(blocks: Sequence[Node], sources: Node) -> list[Node]:
    """A tree with the list of sources in its place."""

    def change(node: Node) -> Node:
        return sources if node["t"] == "Div" and node["c"][0][0] == BIBLIOGRAPHY else node

    # Looking for it in the chapters of a paper would take longer than all the rest.
    return [block if _TEXTS.intersection(tree.classes(block)) else tree.rewrite(change, block) for block in blocks]


def _replaced(blocks: Any, take: Callable[[list[Node]], list[Node]]) -> Any:
    kind = type(blocks)
    if kind is dict:
        if "t" not in blocks:
            return {key: _replaced(value, take) for key, value in blocks.items()}
        content = blocks.get("c")
        return {**blocks, "c": _replaced(content, take)} if type(content) in (list, dict) else blocks
    if kind is not list and kind is not tuple:
        return blocks
    out: list[Any] = []
    after = 0
    for place, node in enumerate(blocks):
        if place < after:
            continue
        if _is(node, "Cite"):
            after = place + 1
            word, rest = _parted(blocks[after]) if after < len(blocks) else ([], [])
            after += bool(word)
            out += [*take([node, *word]), *rest]
        else:
            out.append(_replaced(node, take) if type(node) in (dict, list) else node)
    return out


def _parted(node: Any) -> tuple[list[Node], list[Node]]:
    """The word with which a text begins, and the rest of it."""
    if not _is(node, "Str"):
        return [], []
    word, blank, rest = node["c"].partition(" ")
    return [{**node, "c": word}] if word else [], [{**node, "c": blank + rest}] if word and blank else []


def _is(node: Any, kind: str) -> bool:
    return type(node) is dict and node.get("t") == kind
