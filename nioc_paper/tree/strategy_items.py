"""Recommendations, gaps, findings, linkages, objectives and risks in pandoc's tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nioc_paper.model import Item, ItemField, Limits, Node, Place
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree.nodes import attributes, classes, identifier, plain_text

ITEM_PREFIXES: Mapping[str, str] = {
    "recommendation": "rec",
    "gap": "gap",
    "finding": "fnd",
    "linkage": "lnk",
    "objective": "obj",
    "risk": "rsk",
}
"""Prefix of ids by class of the Div."""
_ANY, _ALWAYS = Limits(), Limits(needed="always")
_PLANNED = Limits(needed="plan", must_say=True)
_SHARED = Limits(is_shared=True)
_OWNER = Limits(refers_to="owner", needed="always")
ITEM_FIELDS: Mapping[str, Mapping[str, Limits]] = {
    "recommendation": {
        "owner": _OWNER,
        "support": Limits(refers_to="support"),
        "by": _ALWAYS,
        "indicator": Limits(needed="always", must_say=True),
        **dict.fromkeys(("baseline", "target"), _PLANNED),
        **dict.fromkeys(("source of data", "frequency", "legal basis"), _ANY),
        "cost": _PLANNED,
        **dict.fromkeys(("funding", "risk"), _ANY),
        "priority": Limits(refers_to="priority", needed="entries"),
        "closes": Limits(refers_to="gap"),
        "objective": Limits(refers_to="objective", needed="entries"),
        **dict.fromkeys(("pillar", "type"), _SHARED),
        "evidence": _ANY,
    },
    "gap": {"type": Limits(is_shared=True, needed="always"), "evidence": _ALWAYS},
    "objective": {
        "owner": _OWNER,
        "indicator": _ALWAYS,
        "baseline": _ANY,
        "target": _ALWAYS,
        **dict.fromkeys(("by", "evidence"), _ANY),
    },
    "risk": {"response": _ALWAYS, "owner": Limits(refers_to="owner"), "evidence": _ANY},
}
"""Fields by kind of item, with what a field must have."""
REFERENCE_FIELDS = frozenset(
    name
    for fields in ITEM_FIELDS.values()
    for name, limits in fields.items()
    if limits.refers_to in ("gap", "objective")
)
"""Names of fields with ids of other items."""
_FIELD_NAME = late_pattern(r"([A-Z][^:.,;!?\n]{0,40}):(?:\s|$)")


def read_item(node: Node, path: str) -> Item:
    """Return an item from its Div."""
    kind = next(c for c in classes(node) if c in ITEM_PREFIXES)
    content = node["c"][1]
    fields = _read_fields(node, path)
    blocks = content[:-1] if fields else content
    place = Place(path, *node.get("pos", (1, 1)))
    return Item(kind, identifier(node), plain_text(blocks), tuple(blocks), fields, attributes(node), place)


def read_field_lines(node: Node) -> list[tuple[str, Node]]:
    """Return the `- Name: value` lines at the end of an item's Div, with their names.

    Empty if it has none, or if another line is among them: the list is a part of the text then.
    """
    lines = _last_list(node)
    return [(name, line) for name, line in lines if line and name] if all(name for name, _ in lines) else []


def read_field_bullets(node: Node) -> list[list[Node]]:
    """Return the blocks of each `- Name: value` bullet at the end of an item's Div. Empty if it has none."""
    return list(node["c"][1][-1]["c"]) if read_field_lines(node) else []


def find_stray_lines(node: Node) -> list[Node]:
    """Return the lines without a name among the `- Name: value` lines of an item's Div."""
    lines = _last_list(node)
    return [line for name, line in lines if line and not name] if any(name for name, _ in lines) else []


def _last_list(node: Node) -> list[tuple[str, Node | None]]:
    """Return the first paragraph of each bullet at the end of a Div, with its name or an empty one."""
    content = node["c"][1]
    bullets = content[-1]["c"] if content and content[-1]["t"] == "BulletList" else []
    lines = [bullet[0] if bullet and bullet[0]["t"] in ("Plain", "Para") else None for bullet in bullets]
    return [(field_name(plain_text(line["c"])) if line else "", line) for line in lines]


def _read_fields(node: Node, path: str) -> dict[str, ItemField]:
    fields: dict[str, ItemField] = {}
    for name, line in read_field_lines(node):
        value = _after_colon(line["c"])
        fields[name] = ItemField(plain_text(value), tuple(value), Place(path, *line.get("pos", (1, 1))))
    return fields


def field_name(text: str) -> str:
    """Return the name of the field that a line of an item gives, in lower case; empty if the line is not a field."""
    match = _FIELD_NAME.match(text + " ")
    return match[1].lower() if match else ""


def _after_colon(inlines: Sequence[Node]) -> list[Node]:
    for index, node in enumerate(inlines):
        if node["t"] == "Str" and ":" in node["c"]:
            remainder = node["c"].partition(":")[2]
            tail = list(inlines[index + 1 :])
            if remainder:
                return [{**node, "c": remainder}, *tail]
            return tail[1:] if tail and tail[0]["t"] == "Space" else tail
    return []
