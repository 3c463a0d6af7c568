"""What is asked of a chapter's tree, taken out of it once: small where the tree is large, and kept beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from nioc_paper import suggestions, tree
from nioc_paper.items import ITEMS
from nioc_paper.model import Node

_PREFIXES = {**ITEMS, "figure": "fig", "table": "tbl"}
_KINDS = {"Header": "sec", "Figure": "fig", "Table": "tbl"}
_FULL = ("Div", "CodeBlock", "Figure", "Table")
At = list[int]


class Outline(TypedDict):
    """Lists in the order of the text; a place is (line, column). JSON."""

    words: int
    headings: list[tuple[int, str, str, int, At]]
    """Level, title, id, words below it, place."""
    citations: list[tuple[str, At]]
    anchors: list[tuple[str, str, At]]
    """Id, kind, place."""
    links: list[tuple[str, At]]
    images: list[tuple[str, str, At]]
    """Target, words, place."""
    charts: list[tuple[str, str, At]]
    """Id of the figure, Vega-Lite in YAML, place."""
    tables: list[tuple[str, str, At]]
    """Id of the table, what is asked for in YAML, place."""
    items: list[Node]
    """The Divs of recommendations, gaps, findings and linkages, as they are."""
    suggestions: list[tuple[str, str, At]]
    """Kind, words, place."""


def outline(blocks: Sequence[Node]) -> Outline:
    """Take out of a located tree what is asked of it; all but the suggestions as if there were none."""
    nodes = tree.by_type(blocks)
    suggested = [(tree.classes(n)[0], tree.plain(n), _at(n)) for n in nodes["Span"] if suggestions.is_one(n)]
    if suggested:
        blocks = suggestions.settled(blocks)
        nodes = tree.by_type(blocks)
    counts = [tree.words(block) for block in blocks]
    return {
        "words": sum(counts),
        "headings": list(_headings(blocks, counts)),
        "citations": [(c["citationId"], _at(c)) for n in nodes["Cite"] for c in n["c"][0]],
        "anchors": sorted(_anchors(nodes), key=lambda anchor: anchor[2]),
        "links": [(n["c"][2][0], _at(n)) for n in nodes["Link"]],
        "images": [(n["c"][2][0], tree.values(n).get("alt") or tree.plain(n["c"][1]), _at(n)) for n in nodes["Image"]],
        "charts": list(_code(nodes, "chart", "figure")),
        "tables": list(_code(nodes, "table", "table")),
        "suggestions": suggested,
        "items": [n for n in nodes["Div"] if any(name in ITEMS for name in tree.classes(n))],
    }


def _at(node: Mapping[str, Any]) -> At:
    return list(node.get("at", (1, 1)))


def _code(nodes: Mapping[str, list[Node]], kind: str, around: str) -> Iterator[tuple[str, str, At]]:
    """The blocks of YAML of a kind: the id of what is around each, empty where nothing is; its text; its place."""
    ids = {id(c): tree.identifier(n) for n in nodes["Div"] if around in tree.classes(n) for c in n["c"][1]}
    return ((ids.get(id(c), ""), c["c"][1], _at(c)) for c in nodes["CodeBlock"] if kind in tree.classes(c))


def _headings(blocks: Sequence[Node], counts: Sequence[int]) -> Iterator[tuple[int, str, str, int, At]]:
    found = [(i, b) for i, b in enumerate(blocks) if b["t"] == "Header"]
    for position, (index, node) in enumerate(found):
        end = next((i for i, b in found[position + 1 :] if b["c"][0] <= node["c"][0]), len(blocks))
        # A section that holds only a picture or a generated list is not empty.
        full = sum(counts[index + 1 : end]) or sum(b["t"] in _FULL for b in blocks[index + 1 : end])
        yield node["c"][0], tree.plain(node["c"][2]), tree.identifier(node), full, _at(node)


def _anchors(nodes: Mapping[str, list[Node]]) -> Iterator[tuple[str, str, At]]:
    for kind in tree.WITH_ATTRIBUTES:
        for node in nodes[kind]:
            if name := tree.identifier(node):
                kinds = tree.classes(node)
                prefix = next((_PREFIXES[c] for c in kinds if c in _PREFIXES), "")
                yield name, prefix or _KINDS.get(kind, ""), _at(node)
