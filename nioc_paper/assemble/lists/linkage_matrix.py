"""Linkages between categories: each pair once, as the lower triangle of a matrix, or as a list if that is too wide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import Cell, ListContext, cell, generated_table, reference_to, text_cell
from nioc_paper.model import Category, Chapter, Node

_PAGE_LETTERS = 96
"""Letters of a table's type on a line of print."""
_PADDING_LETTERS = 3
"""Letters as wide as the padding of a column."""
_STRENGTHS = ("strong", "weak", "claimed")


class LinkedPair(Struct, frozen=True):
    """Two categories, how each chapter describes their link, and the state of it."""

    first: Category
    second: Category
    chapters_by_how: Mapping[str, Sequence[Chapter]]
    evidence: str
    """Strongest evidence that a chapter gives; empty without any."""
    state: str
    """Key of the word for the evidence; without any, for the number of chapters that describe the link."""

    @property
    def hows(self) -> Sequence[str]:
        """Descriptions, each once."""
        return list(self.chapters_by_how)


def collect_pairs(context: ListContext) -> list[LinkedPair]:
    """Return all pairs of categories."""
    by_category = {chapter.front.category: chapter for chapter in context.chapters}
    return [
        _collect_pair(context, by_category, first, second)
        for first, second in combinations(context.paper.settings.categories, 2)
    ]


def _collect_pair(
    context: ListContext, by_category: Mapping[str, Chapter], first: Category, second: Category
) -> LinkedPair:
    one, other = by_category.get(first.id), by_category.get(second.id)
    descriptions: dict[str, list[Chapter]] = {}
    strengths: set[str] = set()
    for here, there in ((one, other), (other, one)):
        if here is not None and there is not None and (how := _describe_link(context, here, there)):
            descriptions.setdefault(how, []).append(here)
            strengths |= {link.evidence for link in here.front.links if link.to == there.id and link.evidence}
    evidence = next((strength for strength in _STRENGTHS if strength in strengths), "")
    sides = sum(map(len, descriptions.values()))
    described = ("not_yet_described", "one_side", "both_sides")[sides]
    if sides and not context.is_complete:
        described = "described"  # with passages withheld, one side may be both
    return LinkedPair(first, second, descriptions, evidence, f"evidence_{evidence}" if evidence else described)


def _describe_link(context: ListContext, here: Chapter, there: Chapter) -> str:
    """Return how a chapter describes the link from its subject to another's; empty if it does not."""
    hows = [link.how or context.words["named"] for link in here.front.links if link.to == there.id]
    described = any(b.attributes.get("to") == there.id for b in here.items_of_kind("linkage"))
    return f"{context.words['semicolon']} ".join(hows) or context.words["described"] * described


def build_linkage_matrix(context: ListContext) -> list[Node]:
    """Return the linkages with their texts and the chapters that describe them, as a triangle if it fits a page."""
    categories = context.paper.settings.categories
    cells = {(pair.first.id, pair.second.id): _pair_cell(context, pair) for pair in collect_pairs(context)}
    # A column is as wide as the longest word of the titles.
    longest = max((len(word) for category in categories for word in category.title.split()), default=0)
    if len(categories) * (longest + _PADDING_LETTERS) > _PAGE_LETTERS:
        return _build_pair_list(context, cells)
    if not cells:
        return []
    share = 1 / len(categories)
    columns = [("", share), *((c.title, share) for c in categories[:-1])]
    rows = [
        [
            cell([tree.strong(tree.text_inlines(row.title))]),
            *(cells.get((column.id, row.id), []) for column in categories[:-1]),
        ]
        for row in categories[1:]
    ]
    return [tree.table(columns, rows, "generated", "linkages")]


def _build_pair_list(context: ListContext, cells: Mapping[tuple[str, str], Cell]) -> list[Node]:
    """Return the described linkages as rows, and the number of the others."""
    titles = {category.id: category.title for category in context.paper.settings.categories}
    missing = _not_described(context)
    rows = [
        [text_cell(" – ".join(titles[name] for name in pair)), pair_cell]
        for pair, pair_cell in cells.items()
        if pair_cell != missing
    ]
    if left_out := len(cells) - len(rows):
        rows.append([text_cell(context.words["other_pairs"].format(f"{left_out:,}")), missing])
    return generated_table(context, "linkages", [("linkages", 0.4), ("map_how", 0.6)], rows)


def _pair_cell(context: ListContext, pair: LinkedPair) -> Cell:
    """Return the texts of two chapters on each other, each once with its chapters, and the strength of evidence."""
    comma = context.words["comma"]
    blocks = [
        # Paragraphs, because tight ones would run together in a cell.
        tree.para(
            [
                *tree.text_inlines(how),
                {"t": "Space"},
                *tree.in_parentheses(
                    tree.join_inlines((reference_to(context, f"sec-{c.id}") for c in chapters), separator=comma)
                ),
            ]
        )
        for how, chapters in pair.chapters_by_how.items()
    ]
    if pair.evidence:
        blocks.append(tree.para(tree.text_inlines(context.words[pair.state])))
    return blocks or _not_described(context)


def _not_described(context: ListContext) -> Cell:
    return text_cell(context.missing_word("not_yet_described"))
