"""Which categories touch, as a matrix."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import Cell, Context, cell, reference
from nioc_paper.model import Chapter, Node


def linkages(context: Context) -> list[Node]:
    """Which categories touch, as a matrix: how, and in which chapter it is said."""
    categories = context.paper.settings.categories
    by_category = {c.front.category: c for c in context.chapters}
    said = {frozenset(pair): _said(context, by_category, *pair) for pair in combinations([c.id for c in categories], 2)}
    share = 1 / (len(categories) + 1) if categories else None
    columns = [("", share), *((c.title, share) for c in categories)]
    rows = [
        [
            cell([tree.strong(tree.text(row.title))]),
            *(cell(tree.text("—")) if row is column else said[frozenset((row.id, column.id))] for column in categories),
        ]
        for row in categories
    ]
    return [tree.table(columns, rows, "generated", "linkages")] if rows else []


def says(context: Context, here: Chapter | None, there: Chapter | None) -> str:
    """How a chapter says that its subject touches another's; empty when it does not say so."""
    if here is None or there is None:
        return ""
    hows = [link.how or context.words["named"] for link in here.front.links if link.to == there.id]
    described = any(b.attributes.get("to") == there.id for b in here.of("linkage"))
    return f"{context.words['semicolon']} ".join(hows) or context.words["described"] * described


def _said(context: Context, chapters: Mapping[str, Chapter], one: str, other: str) -> Cell:
    """What the two chapters say of each other, each text once with the chapters that say it."""
    said: dict[str, list[list[Node]]] = {}
    words = context.words
    for here, there in ((one, other), (other, one)):
        if how := says(context, chapters.get(here), chapters.get(there)):
            said.setdefault(how, []).append(reference(context, f"sec-{chapters[here].id}"))
    blocks = [
        # Paragraphs: tight ones would run together in a cell.
        tree.para([*tree.text(how), {"t": "Space"}, *tree.bracketed(tree.joined(places, by=words["comma"]))])
        for how, places in said.items()
    ]
    return blocks or cell(tree.text(context.missing("not_yet_described")))
