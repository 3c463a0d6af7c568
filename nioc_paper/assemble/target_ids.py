"""Ids of numbered blocks that have none: without one, all of them would share a number and a link."""

from __future__ import annotations

from itertools import count

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.audience import with_blocks
from nioc_paper.model import Chapter, Node, Paper

_NUMBERED_CLASSES = frozenset(("recommendation", "gap", "objective", "risk", "figure", "table"))
_NAMES_WITHOUT_ID = frozenset(("Figure#", "Table#", *(f".{name}#" for name in _NUMBERED_CLASSES)))
"""Names in trees that may have numbered blocks without an id."""


def with_target_ids(paper: Paper) -> Paper:
    """Return the paper with an id on every numbered block."""
    return replace(paper, chapters=tuple(map(_with_ids, paper.chapters)))


def _with_ids(chapter: Chapter) -> Chapter:
    if _NAMES_WITHOUT_ID.isdisjoint(chapter.names) or not any(map(_lacks_id, tree.walk_blocks(chapter.blocks))):
        return chapter
    numbers = count(1)

    def with_id(node: Node) -> Node:
        if not _lacks_id(node):
            return node
        (_, *names_and_pairs), *rest = node["c"]
        # An underscore: no id of the author's has the form.
        return {**node, "c": [[f"{chapter.id}_{next(numbers)}", *names_and_pairs], *rest]}

    return with_blocks(chapter, tuple(tree.rewrite(with_id, chapter.blocks, skip_types=tree.TEXT_TYPES)))


def _lacks_id(node: Node) -> bool:
    """Whether a block gets a number, and has no id."""
    match node["t"]:
        case "Figure":
            is_numbered = True
        case "Table":
            is_numbered = bool(node["c"][1][1])
        case "Div":
            is_numbered = not _NUMBERED_CLASSES.isdisjoint(tree.classes(node))
        case _:
            is_numbered = False
    return is_numbered and not tree.identifier(node)
