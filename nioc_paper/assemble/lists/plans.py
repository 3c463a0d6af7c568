"""Lists made of recommendations, gaps and findings."""

from __future__ import annotations

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import Context, brief, cell, columns, day, own, owner, reference, references, value
from nioc_paper.model import Node


def action_plan(context: Context) -> list[Node]:
    """Every recommendation with who does what by when, and how one will know."""
    heads = columns(
        context,
        ("no", 0.055),
        ("recommendation", 0.31),
        ("owner", 0.09),
        ("support", 0.16),
        ("by", 0.115),
        ("indicator", 0.195),
        ("closes", 0.075),
    )
    rows = [
        [
            own(context, block),
            cell(brief(block)),
            cell(tree.text(owner(context, block))),
            cell(tree.text(f"{context.words['semicolon']} ".join(block.values("support")))),
            cell(tree.text(day(block.value("by"), context.words))),
            cell(value(block, "indicator")),
            cell(references(context, block.values("closes"))),
        ]
        for _, block in context.blocks("recommendation")
    ]
    return [tree.div([tree.table(heads, rows, "generated", "action-plan")], "landscape")] if rows else []


def monitoring(context: Context) -> list[Node]:
    """Every indicator with where it starts and where it is to go."""
    heads = columns(
        context,
        ("no", 0.055),
        ("indicator", 0.25),
        ("baseline", 0.2),
        ("target", 0.205),
        ("source of data", 0.11),
        ("frequency", 0.075),
        ("responsible", 0.105),
    )
    rows = [
        [
            own(context, block),
            *(cell(value(block, name, "—")) for name in ("indicator", "baseline", "target")),
            cell(value(block, "source of data", owner(context, block))),
            cell(value(block, "frequency", context.words["yearly"])),
            cell(tree.text(owner(context, block))),
        ]
        for _, block in context.blocks("recommendation")
    ]
    return [tree.div([tree.table(heads, rows, "generated", "monitoring")], "landscape")] if rows else []


def gaps(context: Context) -> list[Node]:
    """Every gap, its kind, and what closes it."""
    closed: dict[str, list[str]] = {}
    for _, block in context.blocks("recommendation"):
        for name in block.values("closes"):
            closed.setdefault(name, []).append(block.id)
    heads = columns(context, ("no", 0.09), ("gap", 0.58), ("type", 0.14), ("closed_by", 0.19))
    rows = [
        [
            own(context, block),
            cell(brief(block)),
            cell(value(block, "type")),
            cell(references(context, closed.get(block.id, ())) or tree.text(context.missing("open"))),
        ]
        for _, block in context.blocks("gap")
    ]
    return [tree.table(heads, rows, "generated", "gaps")] if rows else []


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
