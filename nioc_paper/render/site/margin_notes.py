"""Copies of notes and sources for the margin of a wide screen, beside the passage that first calls them.

Screen readers, prints and narrow screens have notes and sources at the end of the page; the copies are hidden there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.tree.key_numbers import is_key_number, margin_copy
from nioc_paper.tree.prune import without_targets
from nioc_paper.wording import localized_digits, wording_for

_MARGIN_CLASS = "margin"
_END_CLASSES = ("sources", "references")
"""Divisions at the end of a page, which call nothing."""


def add_margin_notes(blocks: list[Node], document: Document, bibliography: Mapping[str, Node]) -> list[Node]:
    """Return the division of a page with copies before each of its blocks that calls notes or new sources."""
    (division,) = blocks
    attr, content = division["c"]
    words = wording_for(document.language, document.labels)
    numbers = (localized_digits(str(number), words) for number in count(1))
    shown_sources: set[str] = set()
    content_with_copies: list[Node] = []
    for block in content:
        copies = [] if _is_end(block) else [*_copies(block, bibliography, numbers, shown_sources)]
        content_with_copies += [tree.div(copies, _MARGIN_CLASS, values={"aria-hidden": "true"})] if copies else []
        content_with_copies.append(block)
    return [{**division, "c": [attr, content_with_copies]}]


def _is_end(block: Node) -> bool:
    return any(tree.is_div(block, name) for name in _END_CLASSES)


def _copies(
    block: Node, bibliography: Mapping[str, Node], numbers: Iterator[str], shown_sources: set[str]
) -> Iterator[Node]:
    """Yield copies of the notes of a block, and of sources that no block before has cited, in the order of calls."""
    for node in tree.walk(block):
        if node["t"] == "Note":
            number = tree.span([{"t": "Str", "c": next(numbers)}], "number")
            yield tree.div([tree.plain_block([number]), *_without_links(node["c"])], "note-copy")
        elif is_key_number(node):
            yield tree.div([tree.plain_block(margin_copy(node))], "number-copy")
        elif node["t"] == "Link" and (name := node["c"][2][0][1:]) in bibliography and name not in shown_sources:
            shown_sources.add(name)
            yield tree.div(_without_links(bibliography[name]["c"][1]), "source-copy")


def _without_links(blocks: list[Node]) -> list[Node]:
    """Return blocks without ids, links and notes: nothing leads to the copy."""
    return tree.rewrite(without_targets, blocks)
