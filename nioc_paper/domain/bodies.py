"""Bodies that recommendations name as owner or support."""

from __future__ import annotations

from collections.abc import Iterable

from nioc_paper.model import Chapter, Item, Paper


def recommendations_by_body(paper: Paper, chapters: Iterable[Chapter], field: str) -> dict[str, list[Item]]:
    """Return the recommendations of each body that a field names, in print order; a known one has its full name."""
    by_body: dict[str, list[Item]] = {}
    for item in (item for chapter in chapters for item in chapter.items_of_kind("recommendation")):
        for name in item.field_parts(field):
            organization = paper.organization(name)
            by_body.setdefault(organization.name if organization else name, []).append(item)
    return by_body
