"""Extraction of citations: citeproc is quick to set them all, and slow to read a whole paper.

The form of a citation depends on all citations in their order, and on the sign that follows it, which may move before
it. So each is extracted with the word that follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from nioc_paper import tree
from nioc_paper.model import Node

BIBLIOGRAPHY_ID = "refs"
"""Id of the division that citeproc fills."""
_CONTAINER_TYPES = (list, dict)
_TEXT_CLASSES = frozenset(("part", "front", "chapter", "annex"))


class ExtractedCitations:
    """Tree without its citations, and the citations, each with the next word, in the order of the text.

    Parts without citations are shared with the original tree: two trees of a long paper would take much memory.
    """

    def __init__(self, blocks: Sequence[Node]) -> None:
        self.passages: list[list[Node]] = []
        self._positions: list[tuple[list[Any], int]] = []
        """Place of each citation: list of nodes, and index."""
        self._stripped_blocks: list[Node] = self._extract(blocks)

    def reinsert(self, cited: Iterable[list[Node]]) -> list[Node]:
        """Return the tree with citeproc's results in place of its passages, in the same order. Call once."""
        for (run, place), words in reversed([*zip(self._positions, cited, strict=True)]):
            run[place:place] = words
        return self._stripped_blocks

    def _extract(self, content: Any) -> Any:
        # `type(…) is`: quicker than isinstance, and this walks the whole tree.
        kind = type(content)
        if kind is dict:
            return self._extract_mapping(content)
        return self._extract_list(content) if kind is list or kind is tuple else content

    def _extract_mapping(self, content: dict[str, Any]) -> dict[str, Any]:
        before = len(self.passages)
        new = {
            key: self._extract(value)
            for key, value in content.items()
            if key != "at" and type(value) in _CONTAINER_TYPES
        }
        return content if len(self.passages) == before else {**content, **new}

    def _extract_list(self, content: Any) -> Any:
        before, out = len(self.passages), list[Any]()
        after = 0
        for place, node in enumerate(content):
            if place < after:
                continue
            if _is_node(node, "Cite"):
                after = place + 1
                word, rest = _split_first_word(content[after]) if after < len(content) else ([], [])
                after += bool(word)
                self.passages.append([node, *word])
                self._positions.append((out, len(out)))
                out += rest
            else:
                out.append(self._extract(node) if type(node) in _CONTAINER_TYPES else node)
        return content if len(self.passages) == before else out


def citation_blocks(passages: Iterable[Sequence[Node]]) -> list[Node]:
    """Return a document of these passages and the bibliography only."""
    return [*({"t": "Plain", "c": list(inlines)} for inlines in passages), tree.div([], id=BIBLIOGRAPHY_ID)]


def with_bibliography(blocks: Sequence[Node], sources: Node) -> list[Node]:
    """Return a tree with the bibliography in its place."""

    def insert_sources(node: Node) -> Node:
        return sources if node["t"] == "Div" and node["c"][0][0] == BIBLIOGRAPHY_ID else node

    # Chapters are not searched for it: that would take longer than all the rest.
    return [
        block if _TEXT_CLASSES.intersection(tree.classes(block)) else tree.rewrite(insert_sources, block)
        for block in blocks
    ]


def _split_first_word(node: Any) -> tuple[list[Node], list[Node]]:
    """Return the first word of a text, and its rest."""
    if not _is_node(node, "Str"):
        return [], []
    word, blank, rest = node["c"].partition(" ")
    return [{**node, "c": word}] if word else [], [{**node, "c": blank + rest}] if word and blank else []


def _is_node(node: Any, kind: str) -> bool:
    return type(node) is dict and node.get("t") == kind
