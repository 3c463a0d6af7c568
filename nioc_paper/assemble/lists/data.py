"""Tables of data: those that chapters ask for, and those behind the charts."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper import tree
from nioc_paper.assemble.lists import pictures
from nioc_paper.assemble.lists.cells import Context, mark_at, reference, title
from nioc_paper.model import Chapter, Chart, DataTable, Node
from nioc_paper.wording import digits

_ROWS = 300
"""Of a table behind a chart: more are counted, and not printed."""
_COLUMNS = 8
"""That fit a sheet upright."""


def data(context: Context) -> list[Node]:
    """The data of every chart and picture, in print order: each a table that is called like its figure."""
    return [
        _behind(context, tree.identifier(node), chart.data, [*title(node), *mark_at(context, chapter.place(node))])
        for chapter in context.chapters
        for node in tree.walk(chapter.blocks)
        if node["t"] == "Div" and tree.identifier(node) and (chart := drawn(context, chapter, node))
    ]


def drawn(context: Context, chapter: Chapter, node: Node) -> Chart | None:
    """The chart or the picture that a block holds."""
    if name := pictures.name_of(node, context.paper):
        return pictures.PICTURES[name](context)
    places = [chapter.place(block) for block in node["c"][1] if block["t"] == "CodeBlock"]
    return next((c for c in chapter.charts if c.place in places), None) if "figure" in tree.classes(node) else None


def _behind(context: Context, name: str, made: DataTable, words: Sequence[Node]) -> Node:
    caption = [*reference(context, name), {"t": "Str", "c": context.words["stop"]}, {"t": "Space"}, *words]
    if len(made.rows) > _ROWS:
        rest = context.words["rows_not_printed"].format(digits(f"{len(made.rows):,}", context.words))
        return tree.div([tree.para([*caption, {"t": "Space"}, *tree.text(rest)])], id=f"data-{name}")
    printed = table(made, [tree.plain_block(caption)], id=f"data-{name}")
    return tree.div([printed], "landscape") if len(made.heads) > _COLUMNS else printed


def table(made: DataTable, caption: Sequence[Node], below: Sequence[Node] = (), *, id: str) -> Node:
    """A table of data with its caption; what is said below it, such as its source, is its foot."""
    rows = [[[tree.plain_block(tree.text(value))] for value in row] for row in made.rows]
    if made.total:
        rows[-1] = [[tree.plain_block([tree.strong(cell[0]["c"])] if cell[0]["c"] else [])] for cell in rows[-1]]
    columns = list(zip(made.heads, _shares(made), strict=True))
    plain = tree.table(columns, rows, "data", id=id, aligns=made.aligns)
    attr, _, specs, head, [[own, _, above, body]], foot = plain["c"]
    if below:
        cell = [tree.attr(), {"t": "AlignLeft"}, 1, len(made.heads), list(below)]
        foot = [tree.attr(), [[tree.attr(), [cell]]]]
    bodies = [[own, int(_names_rows(made)), above, body]]
    return {"t": "Table", "c": [attr, [None, list(caption)], specs, head, bodies, foot]}


def _names_rows(made: DataTable) -> bool:
    """Whether the first column tells the rows from each other: its cells are then their heads."""
    first = [row[0] for row in made.rows]
    return made.aligns[0] == "left" and len(set(first)) == len(first)


def _shares(made: DataTable) -> list[float]:
    """Shares of the width by what the columns hold; a head may take two lines, but breaks no word."""
    needs = [_need(head, [row[i] for row in made.rows]) for i, head in enumerate(made.heads)]
    return [need / sum(needs) for need in needs]


def _need(head: str, values: Sequence[str]) -> float:
    longest = max(map(len, values), default=0)
    return 3 + max(min(longest, 40), len(head) / 2, *map(len, head.split()))
