"""Forms of our Markdown that pandoc's reader leaves as they are: `<br>` in table cells, `$$…$$ {#eq-…}`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nioc_paper.model import Node
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.tree.nodes import classes, rewrite

WRITTEN_BREAK: Node = {"t": "LineBreak", "written": True}
"""Line break that an author has written as such: signs after it begin no list."""
EQUATION = "equation"
"""Class of the span around a display formula with an id."""
_EQUATION_ID = late_pattern(r"\{#(eq-[\w-]+)\}(.*)", re.DOTALL)
_LINE_BREAK = late_pattern(r"<br\s*/?>", re.IGNORECASE)


def read_own_forms(blocks: Sequence[Node], text: str) -> Sequence[Node]:
    """Return the blocks of a text with the forms that pandoc has left as they are written."""
    if _LINE_BREAK.search(text):
        blocks = rewrite(_with_line_breaks, blocks)
    if "{#eq-" in text:
        blocks = rewrite(_with_equations, blocks)
    return blocks


def is_equation(node: Node) -> bool:
    """Return whether a node is a display formula with an id."""
    return node["t"] == "Span" and EQUATION in classes(node)


def is_line_break(node: Node) -> bool:
    """Return whether a node is the HTML of a line break."""
    return node["t"] == "RawInline" and _LINE_BREAK.fullmatch(node["c"][1].strip()) is not None


def _with_line_breaks(node: Node) -> Node:
    """Return a table whose cells have line breaks; any other node as it is."""
    if node["t"] != "Table":
        return node
    broken: Node = rewrite(lambda inner: WRITTEN_BREAK if is_line_break(inner) else inner, node)
    return broken


def _with_equations(node: Node) -> Node:
    """Return a paragraph or span whose display formulas have their ids; any other node as it is."""
    if node["t"] in ("Para", "Plain"):
        return {**node, "c": _label_formulas(node["c"])}
    if node["t"] == "Span":
        return {**node, "c": [node["c"][0], _label_formulas(node["c"][1])]}
    return node


def _label_formulas(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines with a span around each display formula that has an id after it."""
    out: list[Node] = []
    for node in inlines:
        label = _EQUATION_ID.fullmatch(node["c"]) if node["t"] == "Str" else None
        blank = bool(out) and out[-1]["t"] in ("Space", "SoftBreak")
        formula = out[-1 - blank] if len(out) > blank else None
        if label and formula and formula["t"] == "Math" and formula["c"][0]["t"] == "DisplayMath":
            del out[-1 - blank :]
            place = {"pos": formula["pos"]} if "pos" in formula else {}
            out.append({"t": "Span", "c": [[label[1], [EQUATION], []], [formula]], **place})
            out += [{**node, "c": label[2]}] * bool(label[2])
        else:
            out.append(node)
    return out
