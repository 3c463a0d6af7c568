"""Find moves: passages deleted in one place and inserted, word for word, in another. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nioc_paper import tree
from nioc_paper.model import MOVED, PARAGRAPH_MARK_PREFIX, Node
from nioc_paper.redline.align_blocks import TEXT_BLOCKS
from nioc_paper.redline.inlines import WRAPPERS

_MIN_LENGTH = 30
"""Minimum length of a moved passage in characters: short ones are equal by chance. A Div or list counts as one."""
_MOVABLE_BLOCKS = (*TEXT_BLOCKS, "Div", "BulletList", "OrderedList", "BlockQuote", "Table", "Figure")
_ChangedBlock = tuple[tuple[str, ...], list[str]]
"""Type and texts of a passage, and the numbers of the paragraphs in it."""


def mark_moves(blocks: list[Node]) -> list[Node]:
    """Return a compared tree with its moves marked: both ends of each have its number."""
    names = _match_moves(_wholly_changed_blocks(blocks, "del"), _wholly_changed_blocks(blocks, "ins"))

    def mark_paragraph(node: Node) -> Node:
        _, number = _paragraph_change(node)
        if number not in names:
            return node
        *spans, _ = _inlines_of(node)
        inlines = [*map(_add_moved_class, spans), tree.span([], id=f"{PARAGRAPH_MARK_PREFIX}{names[number]}-{number}")]
        return {**node, "c": [*node["c"][:2], inlines] if node["t"] == "Header" else inlines}

    changed: list[Node] = tree.rewrite(mark_paragraph, blocks) if names else blocks
    return changed


def _match_moves(deleted: Iterator[_ChangedBlock], inserted: Iterator[_ChangedBlock]) -> Mapping[str, str]:
    """Return `from-2` or `to-2` by the number of each moved paragraph."""
    inserted_numbers = defaultdict(list)
    for key, numbers in inserted:
        inserted_numbers[key].append(numbers)
    names: dict[str, str] = {}
    for key, numbers in deleted:
        free = next(
            (others for others in inserted_numbers[key] if not any(n in names for n in (*numbers, *others))),
            (),
        )
        for old, new in zip(numbers, free, strict=False):
            move = len(names) // 2 + 1
            names |= {old: f"from-{move}", new: f"to-{move}"}
    return names


def _wholly_changed_blocks(blocks: Sequence[Node], kind: str) -> Iterator[_ChangedBlock]:
    """Yield the passages changed as a whole in this way, containers before their contents."""
    for node in tree.walk(blocks):
        if node["t"] in _MOVABLE_BLOCKS and len(tree.plain_text(node)) > _MIN_LENGTH:
            paragraphs = [paragraph for paragraph in tree.walk(node) if paragraph["t"] in TEXT_BLOCKS]
            ends = [_paragraph_change(paragraph) for paragraph in paragraphs]
            if all(end == kind for end, _ in ends):
                yield (node["t"], *map(_marked_text, paragraphs)), [number for _, number in ends]


def _marked_text(paragraph: Node) -> str:
    """Return the words of a paragraph, and the words of each of its marks: a move changes neither."""
    marks = (f"{n['t']} {tree.plain_text(n)}" for n in tree.walk(paragraph) if n["t"] in WRAPPERS)
    return "\n".join((tree.plain_text(paragraph), *marks))


def _paragraph_change(node: Node) -> tuple[str, str]:
    """Return how a whole paragraph changed, and its number; empty texts if it did not."""
    inlines = _inlines_of(node)
    name = tree.identifier(inlines[-1]) if inlines else ""
    if not name.startswith(PARAGRAPH_MARK_PREFIX):
        return "", ""
    kind, _, number = name.removeprefix(PARAGRAPH_MARK_PREFIX).partition("-")
    return kind, number


def _inlines_of(node: Node) -> list[Node]:
    content: Any = node.get("c", []) if node["t"] in TEXT_BLOCKS else []
    inlines: list[Node] = content[2] if node["t"] == "Header" else content
    return inlines


def _add_moved_class(span: Node) -> Node:
    (name, classes, pairs), inlines = span["c"]
    return {"t": "Span", "c": [[name, [*classes, MOVED], pairs], inlines]}
