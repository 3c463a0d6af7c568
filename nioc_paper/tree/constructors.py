"""Build nodes of pandoc's JSON tree. Pure; shapes are those of pandoc-types 1.23."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nioc_paper.model import Node
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree.nodes import Attr

_BLANK = late_pattern(r"[ \t\r\n]+")


def attr(id: str = "", classes: Iterable[str] = (), values: Mapping[str, str] | None = None) -> Attr:
    """Return an attribute triple."""
    return [id, list(classes), [[k, v] for k, v in (values or {}).items()]]


def text_inlines(words: str) -> list[Node]:
    """Return inlines of plain words; a line break of YAML is a blank."""
    out: list[Node] = []
    for word in _BLANK.split(words):
        if not word:
            continue
        out += [{"t": "Space"}, {"t": "Str", "c": word}] if out else [{"t": "Str", "c": word}]
    return out


def span(inlines: Sequence[Node], *names: str, id: str = "") -> Node:
    """Return a Span with classes."""
    return {"t": "Span", "c": [attr(id, names), list(inlines)]}


def strong(inlines: Sequence[Node]) -> Node:
    """Return bold text."""
    return {"t": "Strong", "c": list(inlines)}


def link(inlines: Sequence[Node], target: str, *names: str) -> Node:
    """Return a Link with classes."""
    return {"t": "Link", "c": [attr("", names), list(inlines), [target, ""]]}


def cross_reference(label: str, name: str) -> Node:
    """Return a reference to an id of the paper; its text is one word, so that no line breaks in it."""
    return link([{"t": "Str", "c": label.replace(" ", "\u00a0")}], f"#{name}", "xref")


def in_parentheses(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines in parentheses."""
    return [{"t": "Str", "c": "("}, *inlines, {"t": "Str", "c": ")"}]


def join_inlines(items: Iterable[Sequence[Node]], separator: str = ",") -> list[Node]:
    """Join runs of inlines with a sign and a space between them."""
    out: list[Node] = []
    for item in items:
        out += [{"t": "Str", "c": separator}, {"t": "Space"}, *item] if out else item
    return out


def para(inlines: Sequence[Node]) -> Node:
    """Return a paragraph."""
    return {"t": "Para", "c": list(inlines)}


def named_para(name: str, text: str) -> Node:
    """Return a paragraph that begins with a name in bold: "Next: text"."""
    return para([strong(text_inlines(f"{name}:")), {"t": "Space"}, *text_inlines(text)])


def plain_block(inlines: Sequence[Node]) -> Node:
    """Return a tight paragraph, for a list item or a table cell."""
    return {"t": "Plain", "c": list(inlines)}


def separate_paragraphs(blocks: Sequence[Node]) -> list[Node]:
    """Return blocks in which several tight paragraphs are paragraphs: HTML would join them."""
    has_several = sum(block["t"] == "Plain" for block in blocks) > 1
    return [{**block, "t": "Para"} if has_several and block["t"] == "Plain" else block for block in blocks]


def div(blocks: Sequence[Node], *names: str, id: str = "", values: Mapping[str, str] | None = None) -> Node:
    """Return a Div with classes."""
    return {"t": "Div", "c": [attr(id, names, values), list(blocks)]}


def header(level: int, inlines: Sequence[Node], *names: str, id: str = "") -> Node:
    """Return a heading."""
    return {"t": "Header", "c": [level, attr(id, names), list(inlines)]}


def bullet_list(items: Iterable[Sequence[Node]]) -> Node:
    """Return a tight list of inlines."""
    return block_list([plain_block(i)] for i in items)


def block_list(items: Iterable[Sequence[Node]]) -> Node:
    """Return a list of blocks."""
    return {"t": "BulletList", "c": [list(item) for item in items]}


def cite(key: str) -> Node:
    """Return a citation of one source, in brackets."""
    citation = {
        "citationId": key,
        "citationPrefix": [],
        "citationSuffix": [],
        "citationMode": {"t": "NormalCitation"},
        "citationNoteNum": 0,
        "citationHash": 0,
    }
    return {"t": "Cite", "c": [[citation], text_inlines(f"[@{key}]")]}


def table(
    columns: Sequence[tuple[str | None, float | None]],
    rows: Iterable[Sequence[Sequence[Node]]],
    *names: str,
    caption: Sequence[Node] = (),
    id: str = "",
    aligns: Sequence[str] = (),
    groups: Iterable[tuple[Sequence[Node], Iterable[Sequence[Sequence[Node]]]]] = (),
    below: Sequence[Sequence[Node]] = (),
) -> Node:
    """Return a table of blocks: columns are (heading, share of the width or None), each cell a list of blocks.

    `aligns` are `left`, `right` or `center`, one for each column. The last cell of a row takes the columns for which
    the row has none; a heading may be None, and has inlines of `below` under it. Each group has a heading, unless that
    is empty, and rows of its own.
    """
    column_specs = [
        [{"t": f"Align{align.title()}"}, {"t": "ColWidthDefault"} if w is None else {"t": "ColWidth", "c": w}]
        for (_, w), align in zip(columns, aligns or ["default"] * len(columns), strict=True)
    ]
    titles = [[plain_block(text_inlines(title))] for title, _ in columns if title is not None]
    for title, inlines in zip(titles, below, strict=False):
        title.extend([plain_block(inlines)] if inlines else [])
    head = [attr(), [_table_row(titles, len(columns))]]
    own_rows = [_table_row(cells, len(columns)) for cells in rows]
    bodies: list[Any] = []
    for group_head, group_rows in groups:
        head_rows = [_table_row([group_head], len(columns))] if group_head else []
        bodies.append([attr("", ["group"]), 0, head_rows, [_table_row(cells, len(columns)) for cells in group_rows]])
    if own_rows or not bodies:
        bodies.insert(0, [attr(), 0, [], own_rows])
    heading = [None, [plain_block(caption)] if caption else []]
    return {"t": "Table", "c": [attr(id, names), heading, column_specs, head, bodies, [attr(), []]]}


def _table_row(cells: Sequence[Sequence[Node]], columns: int) -> list[object]:
    spans = [1] * len(cells)
    spans[-1:] = [max(columns - len(cells), 0) + 1]
    cells_with_span = zip(cells, spans, strict=False)
    return [attr(), [[attr(), {"t": "AlignDefault"}, 1, span, [*cell]] for cell, span in cells_with_span]]
