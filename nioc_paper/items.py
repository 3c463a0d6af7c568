"""Recommendations, gaps, findings and linkages: what they are in pandoc's tree, and what is said in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nioc_paper import tree
from nioc_paper.model import Block, Field, Node, Place

ITEMS: Mapping[str, str] = {"recommendation": "rec", "gap": "gap", "finding": "fnd", "linkage": "lnk"}
"""Kinds of blocks by class, with the prefix of their ids."""
_FIELD_NAME = re.compile(r"([A-Z][\w ]{0,30}):(?:\s|$)")


def item(node: Node, path: str) -> Block:
    """A recommendation, gap, finding or linkage from its Div."""
    kind = next(c for c in tree.classes(node) if c in ITEMS)
    content = node["c"][1]
    fields = _fields(content[-1], path) if content and content[-1]["t"] == "BulletList" else {}
    blocks = content[:-1] if fields else content
    place = Place(path, *node.get("at", (1, 1)))
    return Block(kind, tree.identifier(node), tree.plain(blocks), tuple(blocks), fields, tree.values(node), place)


def _fields(bullets: Node, path: str) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for item in bullets["c"]:
        inlines = item[0]["c"] if item and item[0]["t"] in ("Plain", "Para") else []
        name = _FIELD_NAME.match(tree.plain(inlines) + " ")
        if name is None:
            return {}
        value = _behind_colon(inlines)
        fields[name[1].lower()] = Field(tree.plain(value), tuple(value), Place(path, *item[0].get("at", (1, 1))))
    return fields


def _behind_colon(inlines: Sequence[Node]) -> list[Node]:
    for index, node in enumerate(inlines):
        if node["t"] == "Str" and ":" in node["c"]:
            rest = node["c"].partition(":")[2]
            tail = list(inlines[index + 1 :])
            return [{**node, "c": rest}, *tail] if rest else tail[1:] if tail and tail[0]["t"] == "Space" else tail
    return []
