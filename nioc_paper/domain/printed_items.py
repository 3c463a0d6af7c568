"""Words of boxes as a document prints them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from nioc_paper import tree
from nioc_paper.domain.citations import plain_text_without_citations
from nioc_paper.model import Item, Node, Reference


def part_blocks(printed: Node | None, name: str) -> list[Node]:
    """Return the blocks of the title or the fields of a printed box; empty without one."""
    blocks = printed["c"][1] if printed else []
    return [inner for block in blocks if tree.is_div(block, name) for inner in block["c"][1]]


def printed_fields(printed: Node | None, item: Item, references: Mapping[str, Reference]) -> dict[str, str]:
    """Return the lines below a printed box by the names of the item's fields, without sources."""
    lines = [n for block in part_blocks(printed, "fields") for n in tree.walk(block) if n["t"] == "Plain"]
    texts = (plain_text_without_citations(line["c"][1:], references).removeprefix(":").strip() for line in lines)
    return dict(zip(item.fields, texts, strict=False))
