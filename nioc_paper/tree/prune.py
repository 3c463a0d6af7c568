"""Remove nodes from pandoc's tree, with containers left empty and surplus spaces. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from nioc_paper.model import Node
from nioc_paper.tree.constructors import span
from nioc_paper.tree.nodes import TYPES_WITH_ATTR, Caption, Row, classes, plain_text, walk, without_id
from nioc_paper.tree.strategy_items import ITEM_PREFIXES

_CLOSING_PUNCTUATION = tuple(".,;:!?)]’”،؛۔؟")
"""Signs without a space before them."""
_FIGURE_CONTENT_TYPES = ("Image", "CodeBlock", "Table")
"""Content of a figure; without it the caption is removed too."""
_RUN_TYPES = (
    *("Para", "Plain", "Emph", "Strong", "Underline", "Strikeout", "Superscript", "Subscript", "SmallCaps", "Note"),
    *("BlockQuote", "BulletList", "LineBlock"),
)
"""Types whose content is a run of nodes, or a list of runs."""
_CONTENT_INDEX: Mapping[str, int] = MappingProxyType(
    {"Quoted": 1, "Span": 1, "Link": 1, "Image": 1, "Cite": 1, "Div": 1, "OrderedList": 1, "Header": 2, "Figure": 2}
)
"""Index of the run in the content of other types."""


def without_targets(node: Node) -> Node | None:
    """Return a node of a copy without its id and link, so that nothing leads to it; None for a note or raw text."""
    if node["t"] in ("Note", "RawInline"):
        return None
    if node["t"] == "Link":
        return span(node["c"][1])
    return without_id(node) if node["t"] in TYPES_WITH_ATTR else node


class Pruner(Struct):
    """Removes nodes from trees and counts them; a node inside a removed one is not counted."""

    should_remove: Callable[[Node], bool]
    """Returns whether a node is removed."""
    removed_count: int = 0

    def prune_blocks(self, blocks: Sequence[Node]) -> Sequence[Node]:
        """Return the remaining blocks; the same object if nothing is removed."""
        return self.prune_run(blocks) if any(map(self.should_remove, walk(blocks))) else blocks

    def prune_run(self, nodes: Sequence[Node]) -> list[Node]:
        """Return the rest of a run of nodes; empty if only blanks are left."""
        out: list[Node] = []
        has_gap = False
        for node in nodes:
            if (pruned := self.prune_node(node)) is None:
                has_gap = True
                continue
            before = bool(out) and _is_blank(out[-1])
            if has_gap and before and plain_text(pruned).startswith(_CLOSING_PUNCTUATION):
                out.pop()
            if not (has_gap and _is_blank(pruned) and (before or not out)):
                out.append(pruned)
            has_gap = has_gap and _is_blank(pruned)
        if has_gap and out and _is_blank(out[-1]):
            out.pop()
        return [] if all(map(_is_blank, out)) else out

    def prune_part(self, part: Sequence[Any]) -> list[Any] | None:
        """Return the rest of a run, or of a list of runs; None if it had content and has none now."""
        if part and isinstance(part[0], list):
            pruned: list[Any] = [item for item in map(self.prune_part, part) if item is not None]
        else:
            pruned = self.prune_run(part)
        return pruned if pruned or not part else None

    def prune_node(self, node: Node) -> Node | None:
        """Return a node with its remaining content; None if it is removed, or has no content left."""
        kind = node["t"]
        if self.should_remove(node):
            self.removed_count += 1
            return None
        if kind in _RUN_TYPES:
            pruned = self.prune_part(node["c"])
            return None if pruned is None else {**node, "c": pruned}
        if kind == "Table":
            return self.prune_table(node)
        if kind == "DefinitionList":
            entries = [
                [term, definition]
                for a, b in node["c"]
                if (term := self.prune_part(a)) and (definition := self.prune_part(b))
            ]
            return {**node, "c": entries} if entries else None
        return self.prune_content(node) if kind in _CONTENT_INDEX else node

    def prune_content(self, node: Node) -> Node | None:
        """Prune a node with more than its content: attributes, a target, a caption."""
        index, content = _CONTENT_INDEX[node["t"]], list(node["c"])
        if node["t"] == "Cite":
            return self.prune_citation(node)
        if node["t"] == "Figure":
            content[1] = self.prune_caption(content[1])
        before = content[index]
        pruned = self.prune_item_fields(before) if ITEM_PREFIXES.keys() & classes(node) else self.prune_part(before)
        if pruned is None and node["t"] != "Image":
            return None
        content[index] = pruned or []
        is_figure = node["t"] == "Figure" or (node["t"] == "Div" and {"figure", "table"} & {*classes(node)})
        if is_figure and _has_figure_content(before) and not _has_figure_content(pruned):
            return None
        return {**node, "c": content}

    def prune_citation(self, node: Node) -> Node:
        """Prune around the keys of a citation; a changed citation loses its source text, which has everything."""
        pruned = [c | {k: self.prune_run(c[k]) for k in ("citationPrefix", "citationSuffix")} for c in node["c"][0]]
        return node if pruned == node["c"][0] else {**node, "c": [pruned, []]}

    def prune_item_fields(self, blocks: Sequence[Node]) -> list[Node] | None:
        """Prune the blocks of a recommendation or gap: a field goes with its value, and everything with the text."""
        *text, last = blocks or [{"t": "Null"}]
        if last["t"] != "BulletList":
            return self.prune_part(blocks)
        pruned = self.prune_part(text)
        items = [
            item
            for old in last["c"]
            if (item := self.prune_part(old)) and (item == old or not plain_text(item).endswith(":"))  # a field's name
        ]
        return pruned and [*pruned, *([{**last, "c": items}] if items else [])]

    def prune_caption(self, caption: Caption) -> Caption:
        """Prune a caption: its short form, and its blocks."""
        short, blocks = caption
        return [short, self.prune_part(blocks) or []]

    def prune_table(self, table: Node) -> Node | None:
        """Return a table without rows left empty; None if it had rows and has none now."""
        attr, caption, columns, head, bodies, foot = table["c"]
        pruned = [[own, count, self.prune_rows(heads), self.prune_rows(rows)] for own, count, heads, rows in bodies]
        if any(rows for *_, rows in bodies) and not any(rows for *_, rows in pruned):
            return None
        head, foot = [head[0], self.prune_rows(head[1])], [foot[0], self.prune_rows(foot[1])]
        return {**table, "c": [attr, self.prune_caption(caption), columns, head, pruned, foot]}

    def prune_rows(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows that have content, or had none before."""
        pruned = [[attr, [[*cell[:-1], self.prune_part(cell[-1]) or []] for cell in cells]] for attr, cells in rows]
        return [row for row, old in zip(pruned, rows, strict=True) if row == old or any(cell[-1] for cell in row[1])]


def _is_blank(node: Node) -> bool:
    return node["t"] in ("Space", "SoftBreak", "LineBreak")


def _has_figure_content(blocks: object) -> bool:
    return any(node["t"] in _FIGURE_CONTENT_TYPES for node in walk(blocks))
