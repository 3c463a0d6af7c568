"""Layout of recommendations and gaps: the main fields in a line, the others in lists below; in HTML a badge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.render.common.shared_passes import is_tracked_change

_KINDS = ("recommendation", "gap", "objective", "risk")
_LINES: Mapping[str, Sequence[str]] = {
    "leading": ("field-owner", "field-by", "field-closes", "field-type", "field-evidence", "field-response"),
    "others": (),
    "below": ("field-risk", "field-legal-basis"),
    "placing": ("field-priority", "field-objective", "field-pillar"),
}
"""Lists of fields from top to bottom, each with its fields in their order; one without has all that no list names."""
_LINE_OF_FIELD = {field: line for line, fields in _LINES.items() for field in fields}


def lay_out_item(division: Node) -> Node:
    """Return an item with its number as a badge, and its fields in lists; any other division as it is."""
    if tree.is_div(division, "fields"):
        return _with_divided_fields(division)
    if not any(tree.is_div(division, kind) for kind in _KINDS):
        return division
    attr, blocks = division["c"]
    return {"t": "Div", "c": [attr, [_with_badge(b) if tree.is_div(b, "title") else b for b in blocks]]}


def divide_fields(items: Sequence[list[Node]]) -> Mapping[str, Sequence[list[Node]]]:
    """Return the fields of an item by the list that they are in, in the order of their lines."""
    lines: dict[str, list[list[Node]]] = {name: [] for name in _LINES}
    for item in items:
        lines[_LINE_OF_FIELD.get(_field_class(item), "others")].append(item)
    for name, order in _LINES.items():
        if order:
            lines[name].sort(key=lambda item: order.index(_field_class(item)))
    return {name: items for name, items in lines.items() if items}


def _with_divided_fields(division: Node) -> Node:
    attr, (fields, *rest) = division["c"]
    lists = [tree.div([{"t": "BulletList", "c": items}], name) for name, items in divide_fields(fields["c"]).items()]
    return {"t": "Div", "c": [attr, [*lists, *rest]]}


def _field_class(item: list[Node]) -> str:
    """Return the class of a line's field; empty if it is not a field."""
    inlines = item[0]["c"] if item and item[0]["t"] in ("Plain", "Para") else []
    if inlines and is_tracked_change(inlines[0]):
        inlines = inlines[0]["c"][1]
    names = tree.classes(inlines[0]) if inlines and inlines[0]["t"] == "Span" else []
    return next((name for name in names if name.startswith("field-")), "")


def _with_badge(title: Node) -> Node:
    """Return a title whose label is divided into the kind and the number: Recommendation, TF-1."""
    return tree.rewrite(_divided_label, title)


def _divided_label(node: Node) -> Node:
    inlines = node["c"][1] if node["t"] == "Span" and "label" in tree.classes(node) else []
    kind, space, number = tree.plain_text(inlines).rpartition(" ")
    if not space or any(inline["t"] not in ("Str", "Space") for inline in inlines):
        return node
    parts = [tree.span([{"t": "Str", "c": text}], name) for text, name in ((kind, "kind"), (number, "badge"))]
    return {"t": "Span", "c": [node["c"][0], [parts[0], {"t": "Space"}, parts[1]]]}
