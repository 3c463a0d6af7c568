"""Tables of data: those that chapters ask for, and those behind the charts."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper import tree
from nioc_paper.model import DataTable, Node


def table(made: DataTable, caption: Sequence[Node], below: Sequence[Node] = (), *, id: str) -> Node:
    """A table of data with its caption; what is said below it, such as its source, is its foot."""
    rows = [[[tree.plain_block(tree.text(value))] for value in row] for row in made.rows]
    if made.total:
        rows[-1] = [[tree.plain_block([tree.strong(cell[0]["c"])] if cell[0]["c"] else [])] for cell in rows[-1]]
    node = tree.table([(head, None) for head in made.heads], rows, "data", id=id, aligns=made.aligns)
    attr, _, specs, head, bodies, foot = node["c"]
    if below:
        cell = [tree.attr(), {"t": "AlignLeft"}, 1, len(made.heads), list(below)]
        foot = [tree.attr(), [[tree.attr(), [cell]]]]
    return {"t": "Table", "c": [attr, [None, list(caption)], specs, head, bodies, foot]}
