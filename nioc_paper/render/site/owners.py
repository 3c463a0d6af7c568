"""Recommendations by the body that is asked to carry them out, for a page of the site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from nioc_paper import tree
from nioc_paper.domain.citations import printed_fields
from nioc_paper.domain.mentions import recommendations_by_body
from nioc_paper.model import Document, Item, ListEntry, Paper
from nioc_paper.render.site.pages import PagePlan
from nioc_paper.wording import Wording, format_date


class Request(NamedTuple):
    """Recommendation to a body."""

    entry: ListEntry
    address: str
    due: str
    """Day as printed, or the words of the field; empty if there is neither."""


class OwnerRequests(NamedTuple):
    """Recommendations to one body, by date."""

    name: str
    requests: Sequence[Request]


def collect_owners(paper: Paper, page_plan: PagePlan, document: Document, wording: Wording) -> Iterator[OwnerRequests]:
    """Yield bodies with the recommendations to them, the most first."""
    nodes = (node for node in tree.walk_blocks(document.blocks) if tree.is_div(node, "recommendation"))
    printed_nodes = {tree.identifier(node): node for node in nodes}

    def printed_words(item: Item, field: str) -> str:
        return printed_fields(printed_nodes.get(item.id), item, paper.references).get(field, "")

    def due_day(item: Item) -> str:
        try:
            return format_date(date.fromisoformat(item.field_text("by")), wording)
        except ValueError:
            return printed_words(item, "by")

    items_by_owner = recommendations_by_body(paper, paper.chapters, "owner", partial(printed_words, field="owner"))
    entries: Mapping[str, ListEntry] = {entry.id: entry for entry in document.recommendations}
    for owner, items in sorted(items_by_owner.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        items_by_date = sorted(
            (item for item in items if item.id in entries), key=lambda item: item.field_text("by") or "~"
        )
        requests = [Request(entries[i.id], page_plan.homes.get(i.id, ""), due_day(i)) for i in items_by_date]
        yield OwnerRequests(owner, requests)
