"""What was taken out in one place and put in at another, word for word: it was moved. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nioc_paper import tree
from nioc_paper.model import MOVED, PARAGRAPH, Node
from nioc_paper.review.redline.align import LEAVES

_LONG = 30
"""Characters that a moved passage has at least: short ones are the same by chance. A box or a list counts as one."""
_HOLDING = (*LEAVES, "Div", "BulletList", "OrderedList", "BlockQuote", "Table", "Figure")
_Passage = tuple[tuple[str, ...], list[str]]
"""What a passage is and says, and the numbers of the paragraphs in it."""


def moved(blocks: list[Node]) -> list[Node]:
    """A compared tree with its moves: both ends of each have its number."""
    names = _names(_passages(blocks, "del"), _passages(blocks, "ins"))

    def change(node: Node) -> Node:
        _, number = _end(node)
        if number not in names:
            return node
        *spans, _ = _inlines(node)
        inlines = [*map(_marked, spans), tree.span([], id=f"{PARAGRAPH}{names[number]}-{number}")]
        return {**node, "c": [*node["c"][:2], inlines] if node["t"] == "Header" else inlines}

    changed: list[Node] = tree.rewrite(change, blocks) if names else blocks
    return changed


def _names(gone: Iterator[_Passage], there: Iterator[_Passage]) -> Mapping[str, str]:
    """By the number of a paragraph where it moved, `from-2` or `to-2`."""
    places = defaultdict(list)
    for key, numbers in there:
        places[key].append(numbers)
    names: dict[str, str] = {}
    for key, numbers in gone:
        free = next((at for at in places[key] if not any(n in names for n in (*numbers, *at))), ())
        for old, new in zip(numbers, free, strict=False):
            move = len(names) // 2 + 1
            names |= {old: f"from-{move}", new: f"to-{move}"}
    return names


def _passages(blocks: Sequence[Node], kind: str) -> Iterator[_Passage]:
    """The passages that are of this kind as a whole, what holds others before these."""
    for node in tree.walk(blocks):
        if node["t"] in _HOLDING and len(tree.plain(node)) > _LONG:
            leaves = [leaf for leaf in tree.walk(node) if leaf["t"] in LEAVES]
            ends = [_end(leaf) for leaf in leaves]
            if all(end == kind for end, _ in ends):
                yield (node["t"], *map(tree.plain, leaves)), [number for _, number in ends]


def _end(node: Node) -> tuple[str, str]:
    """What happened to a paragraph as a whole, and its number; empty texts where nothing did."""
    inlines = _inlines(node)
    name = tree.identifier(inlines[-1]) if inlines else ""
    if not name.startswith(PARAGRAPH):
        return "", ""
    kind, _, number = name.removeprefix(PARAGRAPH).partition("-")
    return kind, number


def _inlines(node: Node) -> list[Node]:
    content: Any = node.get("c", []) if node["t"] in LEAVES else []
    inlines: list[Node] = content[2] if node["t"] == "Header" else content
    return inlines


def _marked(span: Node) -> Node:
    (name, classes, pairs), inlines = span["c"]
    return {"t": "Span", "c": [[name, [*classes, MOVED], pairs], inlines]}
