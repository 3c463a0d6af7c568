"""Extract the facts that rules and outputs ask of a chapter's tree: small, and cached beside the tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nioc_paper import tree
from nioc_paper.model import Anchor, Citation, DataBlock, Heading, Image, Link, Node, Outline, Place, Suggestion
from nioc_paper.tree import suggestions
from nioc_paper.tree.strategy_items import ITEM_PREFIXES, read_item

_PREFIX_BY_CLASS = {**ITEM_PREFIXES, "figure": "fig", "table": "tbl", "equation": "eq"}
_PREFIX_BY_TYPE = {"Header": "sec", "Figure": "fig", "Table": "tbl"}
_CONTENT_TYPES = ("Div", "CodeBlock", "Figure", "Table")


def extract_outline(blocks: Sequence[Node], path: str) -> Outline:
    """Extract the outline of a located tree. All but the suggestions are those of the tree without suggestions."""
    nodes = tree.group_by_type(blocks)
    suggested = tuple(
        Suggestion(suggestions.suggestion_kind(n), tree.plain_text(n), _place(n, path))
        for n in nodes["Span"]
        if suggestions.is_suggestion(n)
    )
    if suggested:
        blocks = suggestions.without_suggestions(blocks)
        nodes = tree.group_by_type(blocks)
    counts = [tree.count_words(block) for block in blocks]
    return Outline(
        words=sum(counts) if any(n for n, b in zip(counts, blocks, strict=True) if b["t"] != "Header") else 0,
        headings=tuple(_headings(blocks, counts, path)),
        citations=tuple(Citation(c["citationId"], _place(c, path)) for n in nodes["Cite"] for c in tree.citations(n)),
        anchors=tuple(sorted(_anchors(nodes, path), key=lambda anchor: anchor.place)),
        links=tuple(Link(tree.target(n), _place(n, path)) for n in nodes["Link"]),
        images=tuple(Image(tree.target(n), tree.alternative_text(n), _place(n, path)) for n in nodes["Image"]),
        chart_blocks=tuple(_data_blocks(nodes, "chart", "figure", path)),
        table_blocks=tuple(_data_blocks(nodes, "table", "table", path)),
        items=tuple(read_item(n, path) for n in nodes["Div"] if any(c in ITEM_PREFIXES for c in tree.classes(n))),
        suggestions=suggested,
        tree_names=tree.names_of_nodes(n for kind in tree.TYPES_WITH_ATTR for n in nodes[kind]),
    )


def _place(node: Node, path: str) -> Place:
    return Place(path, *node.get("pos", (1, 1)))


def _data_blocks(nodes: Mapping[str, list[Node]], kind: str, block_class: str, path: str) -> Iterator[DataBlock]:
    """Yield the YAML blocks of a kind."""
    ids = {id(c): tree.identifier(n) for n in nodes["Div"] if block_class in tree.classes(n) for c in tree.content(n)}
    for block in nodes["CodeBlock"]:
        if kind in tree.classes(block):
            yield DataBlock(ids.get(id(block), ""), tree.content(block), _place(block, path))


def _headings(blocks: Sequence[Node], counts: Sequence[int], path: str) -> Iterator[Heading]:
    headers = [(i, b) for i, b in enumerate(blocks) if b["t"] == "Header"]
    for position, (index, node) in enumerate(headers):
        end = next((i for i, b in headers[position + 1 :] if tree.level(b) <= tree.level(node)), len(blocks))
        # A section with only a picture or a generated list is not empty.
        words = sum(counts[index + 1 : end]) or sum(b["t"] in _CONTENT_TYPES for b in blocks[index + 1 : end])
        yield Heading(tree.level(node), tree.plain_text(node), tree.identifier(node), words, _place(node, path))


def _anchors(nodes: Mapping[str, list[Node]], path: str) -> Iterator[Anchor]:
    for kind in tree.TYPES_WITH_ATTR:
        for node in nodes[kind]:
            if name := tree.identifier(node):
                prefix = next((_PREFIX_BY_CLASS[c] for c in tree.classes(node) if c in _PREFIX_BY_CLASS), "")
                yield Anchor(name, prefix or _PREFIX_BY_TYPE.get(kind, ""), _place(node, path))
