"""Matrix of linkages between categories."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import Cell, ListContext, cell, reference_to
from nioc_paper.model import Chapter, Node


def build_linkage_matrix(context: ListContext) -> list[Node]:
    """Return the matrix of linkages: their texts, and the chapters that describe them."""
    categories = context.paper.settings.categories
    by_category = {c.front.category: c for c in context.chapters}
    pair_cells = {
        frozenset(pair): _describe_pair(context, by_category, *pair)
        for pair in combinations([c.id for c in categories], 2)
    }
    share = 1 / (len(categories) + 1) if categories else None
    columns = [("", share), *((c.title, share) for c in categories)]
    rows = [
        [
            cell([tree.strong(tree.text_inlines(row.title))]),
            *(
                cell(tree.text_inlines("—")) if row is column else pair_cells[frozenset((row.id, column.id))]
                for column in categories
            ),
        ]
        for row in categories
    ]
    return [tree.table(columns, rows, "generated", "linkages")] if rows else []


def link_description(context: ListContext, here: Chapter | None, there: Chapter | None) -> str:
    """Return how a chapter describes the link from its subject to another's; empty if it does not."""
    if here is None or there is None:
        return ""
    hows = [link.how or context.words["named"] for link in here.front.links if link.to == there.id]
    described = any(b.attributes.get("to") == there.id for b in here.items_of_kind("linkage"))
    return f"{context.words['semicolon']} ".join(hows) or context.words["described"] * described


def _describe_pair(context: ListContext, chapters: Mapping[str, Chapter], one: str, other: str) -> Cell:
    """Return the texts of two chapters on each other, each text once with its chapters."""
    places_by_description: dict[str, list[list[Node]]] = {}
    words = context.words
    for here, there in ((one, other), (other, one)):
        if how := link_description(context, chapters.get(here), chapters.get(there)):
            places_by_description.setdefault(how, []).append(reference_to(context, f"sec-{chapters[here].id}"))
    blocks = [
        # Paragraphs, because tight ones would run together in a cell.
        tree.para(
            [
                *tree.text_inlines(how),
                {"t": "Space"},
                *tree.in_parentheses(tree.join_inlines(places, separator=words["comma"])),
            ]
        )
        for how, places in places_by_description.items()
    ]
    return blocks or cell(tree.text_inlines(context.missing_word("not_yet_described")))
