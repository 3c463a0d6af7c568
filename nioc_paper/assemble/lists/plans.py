"""Lists of gaps, findings, recommendations, objectives and risks."""

from __future__ import annotations

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import (
    ListContext,
    cell,
    column_heads,
    field_value,
    item_blocks,
    number_cell,
    owner_name,
    reference_to,
    references_to,
)
from nioc_paper.assemble.repeated_blocks import enclose
from nioc_paper.model import Node


def build_gaps(context: ListContext) -> list[Node]:
    """Return all gaps with their kinds, and the recommendations that close them."""
    closed: dict[str, list[str]] = {}
    for _, item in context.items_of_kind("recommendation"):
        for name in item.field_parts("closes"):
            closed.setdefault(name, []).append(item.id)
    heads = column_heads(context, ("no", 0.09), ("gap", 0.58), ("type", 0.14), ("closed_by", 0.19))
    rows = [
        [
            number_cell(context, item),
            item_blocks(context, chapter, item),
            cell(field_value(context, chapter, item, "type")),
            cell(references_to(context, closed.get(item.id, ())) or tree.text_inlines(context.missing_word("open"))),
        ]
        for chapter, item in context.items_of_kind("gap")
    ]
    return [tree.table(heads, rows, "generated", "gaps")] if rows else []


def build_findings(context: ListContext) -> list[Node]:
    """Return the findings of the chapters, each with its section."""
    items = [
        enclose(
            [],
            item_blocks(context, chapter, item, with_sources=True),
            tree.in_parentheses(reference_to(context, f"sec-{chapter.id}")),
        )
        for chapter, item in context.items_of_kind("finding")
    ]
    return [tree.div([tree.block_list(items)], "generated", "findings")] if items else []


def build_recommendations(context: ListContext) -> list[Node]:
    """Return the recommendations, each with its number."""
    items = [
        enclose([*reference_to(context, item.id), {"t": "Str", "c": ":"}], item_blocks(context, chapter, item))
        for chapter, item in context.items_of_kind("recommendation")
    ]
    return [tree.div([tree.block_list(items)], "generated", "recommendations")] if items else []


def build_objectives(context: ListContext) -> list[Node]:
    """Return all objectives with owner, indicator, target and the recommendations that serve them."""
    served: dict[str, list[str]] = {}
    for _, item in context.items_of_kind("recommendation"):
        for name in item.field_parts("objective"):
            served.setdefault(name, []).append(item.id)
    heads = column_heads(
        context,
        ("no", 0.06),
        ("objective", 0.24),
        ("owner", 0.14),
        ("indicator", 0.2),
        ("target", 0.16),
        ("recommendations", 0.2),
    )
    rows = [
        [
            number_cell(context, item),
            item_blocks(context, chapter, item),
            cell(tree.text_inlines(owner_name(context, item))),
            *(cell(field_value(context, chapter, item, name, "—")) for name in ("indicator", "target")),
            cell(
                references_to(context, served.get(item.id, ()))
                or tree.text_inlines(context.missing_word("nothing_yet"))
            ),
        ]
        for chapter, item in context.items_of_kind("objective")
    ]
    return [tree.table(heads, rows, "generated", "objectives")] if rows else []


def build_risks(context: ListContext) -> list[Node]:
    """Return all risks with their responses."""
    heads = column_heads(context, ("no", 0.08), ("risk", 0.46), ("response", 0.46))
    rows = [
        [
            number_cell(context, item),
            item_blocks(context, chapter, item),
            cell(field_value(context, chapter, item, "response", "—")),
        ]
        for chapter, item in context.items_of_kind("risk")
    ]
    return [tree.table(heads, rows, "generated", "risks")] if rows else []
