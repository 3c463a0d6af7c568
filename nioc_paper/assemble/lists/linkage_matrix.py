"""Matrix of linkages between categories; a list of pairs if it would be wider than a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import Cell, ListContext, cell, column_heads, reference_to
from nioc_paper.model import Category, Chapter, Node

_PAGE_LETTERS = 96
"""Letters of a table's type on a line of print."""
_PADDING_LETTERS = 3
"""Letters as wide as the padding of a column."""


def build_linkage_matrix(context: ListContext) -> list[Node]:
    """Return the linkages with their texts and the chapters that describe them, as a matrix if it fits a page."""
    categories = context.paper.settings.categories
    by_category = {c.front.category: c for c in context.chapters}
    pair_cells = {
        frozenset(pair): _describe_pair(context, by_category, *pair)
        for pair in combinations([c.id for c in categories], 2)
    }
    if not _fits_page(categories):
        return _build_pair_list(context, pair_cells)
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


def _fits_page(categories: Sequence[Category]) -> bool:
    """Whether a column for each category is as wide as the longest word of the titles."""
    longest = max((len(word) for category in categories for word in category.title.split()), default=0)
    return (len(categories) + 1) * (longest + _PADDING_LETTERS) <= _PAGE_LETTERS


def _build_pair_list(context: ListContext, pair_cells: Mapping[frozenset[str], Cell]) -> list[Node]:
    """Return the described linkages as rows, and the number of the others."""
    titles = {category.id: category.title for category in context.paper.settings.categories}
    missing = _not_described(context)
    rows = [
        [cell(tree.text_inlines(" – ".join(titles[name] for name in titles if name in pair))), pair_cell]
        for pair, pair_cell in pair_cells.items()
        if pair_cell != missing
    ]
    if left_out := len(pair_cells) - len(rows):
        rows.append([cell(tree.text_inlines(context.words["other_pairs"].format(f"{left_out:,}"))), missing])
    columns = column_heads(context, ("linkages", 0.4), ("map_how", 0.6))
    return [tree.table(columns, rows, "generated", "linkages")]


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
    return blocks or _not_described(context)


def _not_described(context: ListContext) -> Cell:
    return cell(tree.text_inlines(context.missing_word("not_yet_described")))
