"""Marks in a chapter's tree by which its leaves and atoms are found again in a Word file, and the leaves themselves."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.review.leaf import Cell, Leaf, Token, joined, tokens

LEAF, ATOM = "nb", "na-"
"""How the marks' names begin: a leaf's is an empty span at its end, an atom's a span around it."""
_STYLES = ("Emph", "Strong", "Strikeout", "Superscript", "Subscript", "Underline", "SmallCaps")
_ATOMS: Mapping[str, str] = {"Cite": "cite", "Link": "xref", "Note": "note", "Math": "math", "Image": "image"}


@dataclass(slots=True)
class Marked:
    """A tree with its marks, and its leaves in the order of the text; a note's stand behind the leaf that calls it."""

    blocks: list[Node]
    leaves: list[Leaf]
    values: Mapping[str, str]
    """What stands behind each atom, as far as it can be told by its words: keys of sources, a formula, a target."""
    boxes: Mapping[int, tuple[str, ...]]
    """The classes of each division, by its number in the text."""


def mark(blocks: Sequence[Node]) -> Marked:
    """Put a mark on every leaf and every atom of a chapter's tree."""
    marker = _Marker()
    marked = marker.blocks(list(blocks), _Where())
    return Marked(marked, marker.leaves, marker.values, marker.boxes)


@dataclass(frozen=True, slots=True)
class _Where:
    """What stands around a block."""

    kind: str = "para"
    depth: int = 0
    ordered: bool = False
    note: str = ""
    cell: Cell | None = None
    boxes: tuple[int, ...] = ()


@dataclass(slots=True)
class _Marker:
    leaves: list[Leaf] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    boxes: dict[int, tuple[str, ...]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    run: list[Token] = field(default_factory=list)
    space: bool = False

    # --- blocks ---

    def blocks(self, blocks: list[Node], where: _Where) -> list[Node]:
        return [self.block(block, where) for block in blocks]

    def block(self, node: Node, where: _Where) -> Node:
        change = _BLOCKS.get(node["t"])
        return change(self, node, where) if change else node

    def leaf(self, inlines: list[Node], where: _Where, kind: str = "", level: int = 0) -> list[Node]:
        name = f"{LEAF}{self.counts['leaf']}"
        self.counts["leaf"] += 1
        at = len(self.leaves)
        outer, self.run, self.space = self.run, [], False
        marked = self.inlines(inlines, frozenset())
        leaf = Leaf(
            name,
            kind or where.kind,
            tuple(joined(self.run)),
            level or where.depth,
            where.ordered,
            where.note,
            where.cell,
            where.boxes,
        )
        self.run = outer
        self.leaves.insert(at, leaf)
        return [*marked, tree.span([], id=name)]

    def paragraph(self, node: Node, where: _Where) -> Node:
        return {**node, "c": self.leaf(node["c"], where)}

    def heading(self, node: Node, where: _Where) -> Node:
        level, attr, inlines = node["c"]
        return {**node, "c": [level, attr, self.leaf(inlines, where, "heading", level)]}

    def quote(self, node: Node, where: _Where) -> Node:
        return {**node, "c": self.blocks(node["c"], where)}

    def div(self, node: Node, where: _Where) -> Node:
        if {"generated", "figure", "table"} & {*tree.classes(node)}:
            where = replace(where, kind="caption")
        self.counts["box"] += 1
        self.boxes[self.counts["box"]] = tuple(tree.classes(node))
        inner = replace(where, boxes=(*where.boxes, self.counts["box"]))
        return {**node, "c": [node["c"][0], self.blocks(node["c"][1], inner)]}

    def bullets(self, node: Node, where: _Where) -> Node:
        inner = replace(where, kind="item", depth=where.depth + 1, ordered=False)
        return {**node, "c": [self.item(blocks, inner) for blocks in node["c"]]}

    def numbers(self, node: Node, where: _Where) -> Node:
        inner = replace(where, kind="item", depth=where.depth + 1, ordered=True)
        return {**node, "c": [node["c"][0], [self.item(blocks, inner) for blocks in node["c"][1]]]}

    def item(self, blocks: list[Node], where: _Where) -> list[Node]:
        """The first paragraph is the item; what follows belongs to it."""
        more = replace(where, kind="para")
        return [self.block(b, where if n == 0 else more) for n, b in enumerate(blocks)]

    def definitions(self, node: Node, where: _Where) -> Node:
        pairs = [
            [self.leaf(term, where, "term"), [self.blocks(each, where) for each in meanings]]
            for term, meanings in node["c"]
        ]
        return {**node, "c": pairs}

    def figure(self, node: Node, where: _Where) -> Node:
        attr, (short, caption), content = node["c"]
        caption = self.blocks(caption, replace(where, kind="caption"))
        return {**node, "c": [attr, [short, caption], content]}

    def table(self, node: Node, where: _Where) -> Node:
        attr, (short, caption), columns, head, bodies, foot = node["c"]
        number = self.counts["table"]
        self.counts["table"] += 1
        row = itertools.count()

        def rows(given: list[Any]) -> list[Any]:
            return [self._row(each, replace(where, kind="cell", cell=Cell(number, next(row), 0))) for each in given]

        head = [head[0], rows(head[1])]
        bodies = [[own, count, rows(heads), rows(body)] for own, count, heads, body in bodies]
        foot = [foot[0], rows(foot[1])]
        # Last, as in the source: there it stands below the table.
        caption = self.blocks(caption, replace(where, kind="caption"))
        return {**node, "c": [attr, [short, caption], columns, head, bodies, foot]}

    def _row(self, row: Any, where: _Where) -> Any:
        attr, cells = row
        assert where.cell is not None
        return [
            attr,
            [
                [*cell[:-1], self.blocks(cell[-1], replace(where, cell=replace(where.cell, column=column)))]
                for column, cell in enumerate(cells)
            ],
        ]

    def code(self, node: Node, where: _Where) -> Node:
        """Printed as it stands, unless it asks for a chart or a table; nobody edits it in Word."""
        if not {"chart", "table"} & {*tree.classes(node)}:
            name = f"{LEAF}{self.counts['leaf']}"
            self.counts["leaf"] += 1
            self.leaves.append(Leaf(name, "code", tuple(tokens(node["c"][1])), note=where.note, boxes=where.boxes))
        return node

    def lines(self, node: Node, where: _Where) -> Node:
        first, *rest = node["c"] or [[]]
        broken: list[Node] = list(first)
        for line in rest:
            broken += [{"t": "LineBreak"}, *line]
        return {"t": "Para", "c": self.leaf(broken, where, "code")}

    # --- inlines ---

    def inlines(self, inlines: list[Node], marks: frozenset[str]) -> list[Node]:
        return [self.inline(node, marks) for node in inlines]

    def inline(self, node: Node, marks: frozenset[str]) -> Node:
        kind, content = node["t"], node.get("c", [])
        if kind == "Str":
            self.words(str(content), marks)
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            self.space = True
        elif kind in _STYLES:
            return {**node, "c": self.inlines(content, marks | {kind})}
        elif kind == "Quoted":
            return self.quoted(node, marks)
        elif kind == "Code":
            self.words(content[1], marks | {"Code"})
        elif kind == "Span":
            return {**node, "c": [content[0], self.inlines(content[1], marks)]}
        elif kind == "Link" and content[1]:
            return {**node, "c": [content[0], self.inlines(content[1], marks), content[2]]}
        elif kind in _ATOMS:
            return self.atom(_ATOMS[kind], node, marks)
        return node

    def words(self, text: str, marks: frozenset[str]) -> None:
        self.run += tokens(text, space=self.space, marks=marks)
        if text.strip():
            self.space = text[-1].isspace()

    def quoted(self, node: Node, marks: frozenset[str]) -> Node:
        kind, inner = node["c"]
        opening, closing = ("“", "”") if kind["t"] == "DoubleQuote" else ("‘", "’")
        self.words(opening, marks)
        inner = self.inlines(inner, marks)
        self.space = False
        self.words(closing, marks)
        return {**node, "c": [kind, inner]}

    def atom(self, kind: str, node: Node, marks: frozenset[str]) -> Node:
        self.counts[kind] += 1
        name = f"{kind}-{self.counts[kind]}"
        self.values[name] = _value(node)
        self.run.append(Token("", self.space, marks, name))
        self.space = False
        if kind == "note":
            run, space = self.run, self.space
            blocks = self.blocks(node["c"], _Where(note=name))
            self.run, self.space = run, space
            return {**node, "c": blocks}
        return node if kind == "image" else tree.span([node], id=ATOM + name)


def _value(node: Node) -> str:
    """What tells one atom from another of its kind."""
    if node["t"] == "Cite":
        return " ".join(f"{c['citationMode']['t']}:{c['citationId']}:{_around(c)}" for c in node["c"][0])
    if node["t"] == "Math":
        return str(node["c"][1])
    return str(node["c"][2][0]) if node["t"] in ("Link", "Image") else ""


def _around(citation: Mapping[str, Any]) -> str:
    return f"{tree.plain(citation['citationPrefix'])}|{tree.plain(citation['citationSuffix'])}"


_BLOCKS: Mapping[str, Callable[[_Marker, Node, _Where], Node]] = {
    "Para": _Marker.paragraph,
    "Plain": _Marker.paragraph,
    "Header": _Marker.heading,
    "BlockQuote": _Marker.quote,
    "Div": _Marker.div,
    "BulletList": _Marker.bullets,
    "OrderedList": _Marker.numbers,
    "DefinitionList": _Marker.definitions,
    "Figure": _Marker.figure,
    "Table": _Marker.table,
    "CodeBlock": _Marker.code,
    "LineBlock": _Marker.lines,
}
