"""Recommendations, gaps, findings and linkages in pandoc's tree."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nioc_paper.model import Item, ItemField, Node, Place
from nioc_paper.tree.nodes import attributes, classes, identifier, plain_text

ITEM_PREFIXES: Mapping[str, str] = {"recommendation": "rec", "gap": "gap", "finding": "fnd", "linkage": "lnk"}
"""Prefix of ids by class of the Div."""
ITEM_FIELDS: Mapping[str, Sequence[str]] = {
    "recommendation": (
        "owner",
        "support",
        "by",
        "indicator",
        "baseline",
        "target",
        "source of data",
        "frequency",
        "legal basis",
        "cost",
        "risk",
        "priority",
        "closes",
        "pillar",
        "type",
        "evidence",
    ),
    "gap": ("type", "evidence"),
}
"""Known fields by kind of item."""
_FIELD_NAME = re.compile(r"([A-Z][\w ]{0,30}):(?:\s|$)")


def read_item(node: Node, path: str) -> Item:
    """Return a recommendation, gap, finding or linkage from its Div."""
    kind = next(c for c in classes(node) if c in ITEM_PREFIXES)
    content = node["c"][1]
    fields = _read_fields(content[-1], path) if content and content[-1]["t"] == "BulletList" else {}
    blocks = content[:-1] if fields else content
    place = Place(path, *node.get("at", (1, 1)))
    return Item(kind, identifier(node), plain_text(blocks), tuple(blocks), fields, attributes(node), place)


def _read_fields(bullets: Node, path: str) -> dict[str, ItemField]:
    fields: dict[str, ItemField] = {}
    for bullet in bullets["c"]:
        inlines = bullet[0]["c"] if bullet and bullet[0]["t"] in ("Plain", "Para") else []
        name = field_name(plain_text(inlines))
        if not name:
            return {}
        value = _after_colon(inlines)
        fields[name] = ItemField(plain_text(value), tuple(value), Place(path, *bullet[0].get("at", (1, 1))))
    return fields


def field_name(text: str) -> str:
    """Return the name of the field that a line of an item gives, in lower case; empty if the line is no field."""
    match = _FIELD_NAME.match(text + " ")
    return match[1].lower() if match else ""


def _after_colon(inlines: Sequence[Node]) -> list[Node]:
    for index, node in enumerate(inlines):
        if node["t"] == "Str" and ":" in node["c"]:
            remainder = node["c"].partition(":")[2]
            tail = list(inlines[index + 1 :])
            return (
                [{**node, "c": remainder}, *tail]
                if remainder
                else tail[1:]
                if tail and tail[0]["t"] == "Space"
                else tail
            )
    return []
