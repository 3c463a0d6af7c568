"""Extract the facts that rules and outputs ask of a chapter's tree: small, and cached beside the tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypedDict

from nioc_paper import tree
from nioc_paper.model import Node, Place
from nioc_paper.tree import suggestions
from nioc_paper.tree.items import ITEM_PREFIXES, read_item

_PREFIX_BY_CLASS = {**ITEM_PREFIXES, "figure": "fig", "table": "tbl", "equation": "eq"}
_PREFIX_BY_TYPE = {"Header": "sec", "Figure": "fig", "Table": "tbl"}
_CONTENT_TYPES = ("Div", "CodeBlock", "Figure", "Table")
Position = list[int]


class ItemRow(NamedTuple):
    """Recommendation, gap or other item, as JSON holds it: reading it from its nodes takes eight times as long."""

    kind: str
    id: str
    text: str
    blocks: Sequence[Node]
    fields: Sequence[tuple[str, str, Sequence[Node], Position]]
    """Name, text, inlines, position."""
    attributes: Mapping[str, str]
    position: Position


class Outline(TypedDict):
    """Facts of a tree in the order of the text, as JSON. A position is (line, column)."""

    words: int
    headings: list[tuple[int, str, str, int, Position]]
    """Level, title, id, words below it, position."""
    citations: list[tuple[str, Position]]
    anchors: list[tuple[str, str, Position]]
    """Id, kind, position."""
    links: list[tuple[str, Position]]
    images: list[tuple[str, str, Position]]
    """Target, alternative text, position."""
    charts: list[tuple[str, str, Position]]
    """Id of the figure, Vega-Lite in YAML, position."""
    tables: list[tuple[str, str, Position]]
    """Id of the table, specification in YAML, position."""
    items: list[ItemRow]
    suggestions: list[tuple[str, str, Position]]
    """Kind, text, position."""
    names: list[str]
    """Names in the tree (`tree.collect_names`)."""


def extract_outline(blocks: Sequence[Node]) -> Outline:
    """Extract the outline of a located tree. All but the suggestions are those of the tree without suggestions."""
    nodes = tree.group_by_type(blocks)
    suggested = [
        (suggestions.suggestion_kind(n), tree.plain_text(n), _position(n))
        for n in nodes["Span"]
        if suggestions.is_suggestion(n)
    ]
    if suggested:
        blocks = suggestions.without_suggestions(blocks)
        nodes = tree.group_by_type(blocks)
    counts = [tree.count_words(block) for block in blocks]
    return {
        "words": sum(counts) if any(n for n, b in zip(counts, blocks, strict=True) if b["t"] != "Header") else 0,
        "headings": list(_headings(blocks, counts)),
        "citations": [(c["citationId"], _position(c)) for n in nodes["Cite"] for c in n["c"][0]],
        "anchors": sorted(_anchors(nodes), key=lambda anchor: anchor[2]),
        "links": [(n["c"][2][0], _position(n)) for n in nodes["Link"]],
        "images": [(n["c"][2][0], tree.alternative_text(n), _position(n)) for n in nodes["Image"]],
        "charts": list(_code_blocks(nodes, "chart", "figure")),
        "tables": list(_code_blocks(nodes, "table", "table")),
        "suggestions": suggested,
        "items": [_item_row(n) for n in nodes["Div"] if any(name in ITEM_PREFIXES for name in tree.classes(n))],
        "names": sorted(tree.names_of_nodes(n for kind in tree.TYPES_WITH_ATTR for n in nodes[kind])),
    }


def _position(node: Node) -> Position:
    return list(node.get("pos", (1, 1)))


def _item_row(node: Node) -> ItemRow:
    item = read_item(node, "")
    fields = [(name, f.value, f.inlines, _line_and_column(f.place)) for name, f in item.fields.items()]
    return ItemRow(item.kind, item.id, item.text, item.blocks, fields, item.attributes, _line_and_column(item.place))


def _line_and_column(place: Place) -> Position:
    return [place.line, place.column]


def _code_blocks(nodes: Mapping[str, list[Node]], kind: str, block_class: str) -> Iterator[tuple[str, str, Position]]:
    """Return the YAML blocks of a kind: id of the block around each (empty if there is none), text, position."""
    ids = {id(c): tree.identifier(n) for n in nodes["Div"] if block_class in tree.classes(n) for c in n["c"][1]}
    return ((ids.get(id(c), ""), c["c"][1], _position(c)) for c in nodes["CodeBlock"] if kind in tree.classes(c))


def _headings(blocks: Sequence[Node], counts: Sequence[int]) -> Iterator[tuple[int, str, str, int, Position]]:
    headers = [(i, b) for i, b in enumerate(blocks) if b["t"] == "Header"]
    for position, (index, node) in enumerate(headers):
        end = next((i for i, b in headers[position + 1 :] if b["c"][0] <= node["c"][0]), len(blocks))
        # A section with only a picture or a generated list is not empty.
        words = sum(counts[index + 1 : end]) or sum(b["t"] in _CONTENT_TYPES for b in blocks[index + 1 : end])
        yield node["c"][0], tree.plain_text(node["c"][2]), tree.identifier(node), words, _position(node)


def _anchors(nodes: Mapping[str, list[Node]]) -> Iterator[tuple[str, str, Position]]:
    for kind in tree.TYPES_WITH_ATTR:
        for node in nodes[kind]:
            if name := tree.identifier(node):
                kinds = tree.classes(node)
                prefix = next((_PREFIX_BY_CLASS[c] for c in kinds if c in _PREFIX_BY_CLASS), "")
                yield name, prefix or _PREFIX_BY_TYPE.get(kind, ""), _position(node)
