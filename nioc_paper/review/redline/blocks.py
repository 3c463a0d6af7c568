"""Two trees as one: passages changed, new, gone and moved. Pure.

Accepting all changes of the result gives the new tree, rejecting all of them the old one, word for word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from nioc_paper import tree
from nioc_paper.model import PARAGRAPH, PUT_IN, TAKEN_OUT, Node, Revision
from nioc_paper.review.redline.align import LEAVES, aligned, signature
from nioc_paper.review.redline.moves import moved
from nioc_paper.review.redline.words import compare, whole

_GONE = "gone-"
"""Begins the id of what was taken out."""
_TOLD = ("data-status", "data-lead")
"""How a chapter stands, as its division tells."""


def redline(old: Sequence[Node], new: Sequence[Node], revision: Revision) -> list[Node]:
    """Two trees as one: words that were put in or taken out are spans of the classes `insertion` and `deletion`."""
    return moved(_Comparison(revision).blocks(old, new))


class _Comparison:
    def __init__(self, revision: Revision) -> None:
        self.revision = revision
        self.numbers = count(1)
        self.pairs: Mapping[str, Callable[[Any, Any], Any]] = {
            "Para": self.inlines,
            "Plain": self.inlines,
            "Header": lambda a, b: [*b[:2], self.inlines(a[2], b[2])],
            "Div": lambda a, b: [_was(a[0], b[0]), self.blocks(a[1], b[1])],
            "BlockQuote": self.blocks,
            "BulletList": self.items,
            "OrderedList": lambda a, b: [b[0], self.items(a[1], b[1])],
            "Figure": self.figure,
            "Table": self.table,
        }

    def blocks(self, old: Sequence[Node], new: Sequence[Node]) -> list[Node]:
        out: list[Node] = []
        for before, after in aligned(old, new):
            out += self.pair(before, after)
        return out

    def pair(self, old: Node | None, new: Node | None) -> list[Node]:
        together = self.pairs.get(new["t"]) if old and new and old["t"] == new["t"] else None
        if old and new and signature(old) == signature(new):
            return [new]
        same_columns = not (old and new and new["t"] == "Table") or len(old["c"][2]) == len(new["c"][2])
        if old and new and together and same_columns:
            return [{**new, "c": together(old["c"], new["c"])}]
        return [self.marked(block, kind) for block, kind in ((old, TAKEN_OUT), (new, PUT_IN)) if block]

    def inlines(self, old: Sequence[Node], new: Sequence[Node]) -> list[Node]:
        return compare(old, new, self.revision, self.blocks)

    def items(self, old: Sequence[list[Node]], new: Sequence[list[Node]]) -> list[list[Node]]:
        return [self.held(before or [], after or []) for before, after in aligned(old, new)]

    def held(self, old: Sequence[Node], new: Sequence[Node]) -> list[Node]:
        """What an item, a cell or a caption holds: its one passage is compared however little of it is left."""
        if len(old) == len(new) == 1 and old[0]["t"] == new[0]["t"] in LEAVES:
            return self.pair(old[0], new[0])
        both = self.blocks(old, new)
        # Nothing would part two of them.
        several = sum(block["t"] == "Plain" for block in both) > 1
        return [tree.para(b["c"]) if several and b["t"] == "Plain" else b for b in both]

    def figure(self, old: Any, new: Any) -> Any:
        """The picture is changed as a whole, its caption by words."""
        attr, (short, caption), content = new
        caption = self.held(old[1][1], caption)
        if signature(old[2]) != signature(content):
            content = self.pictures(old[2], content)
        return [attr, [short, caption], content]

    def pictures(self, old: Sequence[Node], new: Sequence[Node]) -> list[Node]:
        """Both pictures, in one paragraph where each is one: Word has a caption for no more."""
        if all(len(blocks) == 1 and blocks[0]["t"] in ("Para", "Plain") for blocks in (old, new)):
            both = [whole(b[0]["c"], self.revision, self.blocks, k) for b, k in ((old, TAKEN_OUT), (new, PUT_IN))]
            return [tree.plain_block([*both[0], *both[1]])]
        return [*(self.marked(b, TAKEN_OUT) for b in old), *(self.marked(b, PUT_IN) for b in new)]

    def table(self, old: Any, new: Any) -> Any:
        attr, (short, caption), columns, head, bodies, foot = new
        before = [row for body in old[4] for row in body[2] + body[3]]
        after = [row for body in bodies for row in body[2] + body[3]]
        own, heads = bodies[0][:2] if bodies else (["", [], []], 0)
        return [
            attr,
            [short, self.held(old[1][1], caption)],
            columns,
            [head[0], self.rows(old[3][1], head[1])],
            [[own, heads, [], self.rows(before, after)]],
            [foot[0], self.rows(old[5][1], foot[1])],
        ]

    def rows(self, old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
        out: list[Any] = []
        for before, after in aligned(old, new):
            if before and after and len(before[1]) == len(after[1]):
                cells = zip(before[1], after[1], strict=True)
                out.append([after[0], [[*there[:-1], self.held(here[-1], there[-1])] for here, there in cells]])
            else:
                out += [self.row(row, kind) for row, kind in ((before, TAKEN_OUT), (after, PUT_IN)) if row]
        return out

    def row(self, row: Any, kind: str) -> Any:
        """A row as put in or taken out; an empty cell has an end too, else Word would keep the row."""
        cells = [(cell, cell[-1] or [tree.plain_block([])]) for cell in row[1]]
        return [row[0], [[*cell[:-1], [self.marked(block, kind) for block in blocks]] for cell, blocks in cells]]

    # --- whole passages ---

    def marked(self, block: Node, kind: str) -> Node:
        """A block as put in or taken out, with every paragraph in it."""
        content = block.get("c")
        if block["t"] == "Header":
            level, attr, inlines = block["c"]
            return {**block, "c": [level, self.attr(attr, kind), self.all(inlines, kind)]}
        if block["t"] in ("Para", "Plain"):
            return {**block, "c": self.all(block["c"], kind)}
        if block["t"] == "CodeBlock":
            code = {"t": "Code", "c": [["", [], []], block["c"][1]]}
            return {"t": "Para", "c": self.all([code], kind)}
        inner = self.inside(content, kind)
        if block["t"] in ("Div", "Figure", "Table"):
            inner = [self.attr(inner[0], kind), *inner[1:]]
        return {**block, "c": inner} if content is not None else block

    def inside(self, content: Any, kind: str) -> Any:
        """The content of a block with the blocks in it marked."""
        if isinstance(content, list):
            return [self.inside(part, kind) for part in content]
        if isinstance(content, dict) and "t" in content:
            return self.marked(content, kind)
        return content

    def attr(self, attr: Any, kind: str) -> Any:
        """Attributes; what is gone has an id that nothing there now can have."""
        if kind == PUT_IN:
            return _was(["", [], []], attr)
        return _was(attr, [f"{_GONE}{next(self.numbers)}" if attr[0] else "", attr[1], _untold(attr[2])])

    def all(self, inlines: Sequence[Node], kind: str) -> list[Node]:
        name = {PUT_IN: "ins", TAKEN_OUT: "del"}[kind]
        end = tree.span([], id=f"{PARAGRAPH}{name}-{next(self.numbers)}")
        return [*whole(inlines, self.revision, self.blocks, kind), end]


def _was(old: Any, new: Any) -> Any:
    """The new attributes with what the old ones tell of how a chapter stands: writers print it below the title."""
    before = {key: value for key, value in old[2] if key in _TOLD}
    if not before and not any(key in _TOLD for key, _ in new[2]):
        return new
    return [*new[:2], [*new[2], *([key.replace("data-", "data-was-"), before.get(key, "")] for key in _TOLD)]]


def _untold(pairs: Any) -> list[Any]:
    return [[key, value] for key, value in pairs if key not in _TOLD]
