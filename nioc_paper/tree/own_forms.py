"""Forms of our Markdown that pandoc's reader leaves as they are: `<br>` in table cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nioc_paper.model import Node
from nioc_paper.tree.nodes import rewrite

WRITTEN_BREAK: Node = {"t": "LineBreak", "written": True}
"""Line break that an author has written as such: signs behind it begin no list."""
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def read_own_forms(blocks: Sequence[Node], text: str) -> Sequence[Node]:
    """Return the blocks of a text with the forms that pandoc has left as they are written."""
    if _LINE_BREAK.search(text):
        blocks = rewrite(_with_line_breaks, blocks)
    return blocks


def is_line_break(node: Node) -> bool:
    """Return whether a node is the HTML of a line break."""
    return node["t"] == "RawInline" and _LINE_BREAK.fullmatch(node["c"][1].strip()) is not None


def _with_line_breaks(node: Node) -> Node:
    """Return a table whose cells have line breaks; any other node as it is."""
    if node["t"] != "Table":
        return node
    table: Node = rewrite(lambda inner: WRITTEN_BREAK if is_line_break(inner) else inner, node)
    return table
