"""Chapters that cite a source, below its entry in the list of references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.wording import wording_for


def with_citing_chapters(document: Document, chapters_by_key: Mapping[str, Sequence[str]]) -> Document:
    """Return a document whose list of references names the chapters that cite each source, by their ids."""
    titles = {entry.id: f"{entry.number} {entry.title}".strip() for entry in document.contents}
    label = wording_for(document.language)["cited_in"]

    def add_chapters(node: Node) -> Node:
        if node["t"] != "Div" or not tree.is_div(node, "csl-entry"):
            return node
        targets = [f"sec-{name}" for name in chapters_by_key.get(tree.identifier(node).removeprefix("ref-"), ())]
        links = [_link(titles[target], target) for target in targets if target in titles]
        words = [*tree.text_inlines(label), *(node for link in links for node in ({"t": "Space"}, link))]
        line = [tree.div([{"t": "Plain", "c": words}], "cited-in")] if links else []
        return {**node, "c": [node["c"][0], [*node["c"][1], *line]]}

    blocks = (tree.rewrite(add_chapters, b) if tree.is_div(b, "references") else b for b in document.blocks)
    return replace(document, blocks=tuple(blocks)) if chapters_by_key else document


def _link(title: str, target: str) -> Node:
    return {"t": "Link", "c": [["", [], []], tree.text_inlines(title), [f"#{target}", ""]]}
