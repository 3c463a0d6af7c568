"""Lists made of recommendations, gaps and findings."""

from __future__ import annotations

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import Context, brief, cell, day, field, owner, reference, references
from nioc_paper.model import Node


def action_plan(context: Context) -> list[Node]:
    """Every recommendation with who does what by when, and how one will know."""
    columns = (
        ("No.", 0.055),
        ("Recommendation", 0.31),
        ("Owner", 0.09),
        ("Support", 0.16),
        ("By", 0.115),
        ("Indicator", 0.195),
        ("Closes", 0.075),
    )
    rows = [
        [
            cell(reference(context, block.id, short=True)),
            cell(brief(block)),
            cell(tree.text(owner(context, block))),
            cell(tree.text("; ".join(block.values("support")))),
            cell(tree.text(day(block.value("by")))),
            cell(field(block, "indicator")),
            cell(references(context, block.values("closes"))),
        ]
        for _, block in context.blocks("recommendation")
    ]
    return [tree.div([tree.table(columns, rows, "generated", "action-plan")], "landscape")] if rows else []


def monitoring(context: Context) -> list[Node]:
    """Every indicator with where it starts and where it is to go."""
    columns = (
        ("No.", 0.055),
        ("Indicator", 0.25),
        ("Baseline", 0.2),
        ("Target", 0.205),
        ("Source of data", 0.11),
        ("Frequency", 0.075),
        ("Responsible", 0.105),
    )
    rows = [
        [
            cell(reference(context, block.id, short=True)),
            *(cell(field(block, name, "—")) for name in ("indicator", "baseline", "target")),
            cell(field(block, "source of data", owner(context, block))),
            cell(field(block, "frequency", "yearly")),
            cell(tree.text(owner(context, block))),
        ]
        for _, block in context.blocks("recommendation")
    ]
    return [tree.div([tree.table(columns, rows, "generated", "monitoring")], "landscape")] if rows else []


def gaps(context: Context) -> list[Node]:
    """Every gap, its kind, and what closes it."""
    closed: dict[str, list[str]] = {}
    for _, block in context.blocks("recommendation"):
        for name in block.values("closes"):
            closed.setdefault(name, []).append(block.id)
    columns = (("No.", 0.09), ("Gap", 0.58), ("Type", 0.14), ("Closed by", 0.19))
    rows = [
        [
            cell(reference(context, block.id, short=True)),
            cell(brief(block)),
            cell(field(block, "type")),
            cell(references(context, closed.get(block.id, ())) or tree.text("open")),
        ]
        for _, block in context.blocks("gap")
    ]
    return [tree.table(columns, rows, "generated", "gaps")] if rows else []


def findings(context: Context) -> list[Node]:
    """The findings of the chapters, each with where it is argued."""
    items = [
        [*brief(block, sources=True), {"t": "Space"}, *tree.bracketed(reference(context, f"sec-{chapter.id}"))]
        for chapter, block in context.blocks("finding")
    ]
    return [tree.bullets(items)] if items else []


def recommendations(context: Context) -> list[Node]:
    """The recommendations in a line each."""
    items = [
        [*reference(context, block.id), {"t": "Str", "c": ":"}, {"t": "Space"}, *brief(block)]
        for _, block in context.blocks("recommendation")
    ]
    return [tree.bullets(items)] if items else []
