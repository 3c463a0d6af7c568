"""Links in the words of a link: HTML has none, so the outer one is divided around them. Pure."""

from __future__ import annotations

from itertools import groupby

from nioc_paper import tree
from nioc_paper.model import Node


def divide_links(blocks: list[Node], _document: object) -> list[Node]:
    """Return blocks in which no link has another one, such as that of a citation, in its words."""
    return tree.rewrite(_divide_link, blocks)


def _divide_link(node: Node) -> Node | list[Node]:
    if node["t"] != "Link" or not any(map(_has_link, node["c"][1])):
        return node
    (name, *attributes), inlines, target = node["c"]
    out: list[Node] = []
    for is_inner, run in groupby(inlines, key=_has_link):
        words = list(run)
        is_bare = is_inner or not tree.plain_text(words).strip()
        if is_bare:
            out += words
        else:
            out.append({"t": "Link", "c": [[name, *attributes], words, target]})
            name = ""
    return out


def _has_link(inline: Node) -> bool:
    return any(node["t"] == "Link" for node in tree.walk(inline))
