"""Bodies that recommendations, objectives and risks name in a field."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nioc_paper.model import Chapter, Item, Paper


def recommendations_by_body(
    paper: Paper, chapters: Iterable[Chapter], field: str, printed_words: Callable[[Item], str]
) -> dict[str, list[Item]]:
    """Return the recommendations of each body that a field names, in print order."""
    items = (item for chapter in chapters for item in chapter.items_of_kind("recommendation"))
    return items_by_body(paper, items, field, printed_words)


def items_by_body(
    paper: Paper, items: Iterable[Item], field: str, printed_words: Callable[[Item], str]
) -> dict[str, list[Item]]:
    """Return the items of each body that a field names.

    A known body has its full name, and a field without one the words that are printed.
    """
    by_body: dict[str, list[Item]] = {}
    for item in items:
        bodies = paper.bodies(item, field)
        is_known = any(organization for _, organization in bodies)
        names = [organization.name if organization else name for name, organization in bodies]
        for name in dict.fromkeys(names if is_known else filter(None, [printed_words(item)])):
            by_body.setdefault(name, []).append(item)
    return by_body
