"""Frame of the pages: all that surrounds their text, filled from templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from typing import Any, NamedTuple

from markupsafe import Markup
from msgspec import Struct

from nioc_paper import tree
from nioc_paper.domain.citations import printed_fields
from nioc_paper.domain.mentions import recommendations_by_body
from nioc_paper.model import Document, Item, ListEntry, Paper, SiteProgress, Templates
from nioc_paper.render.common import imprint
from nioc_paper.render.common.templating import PageRenderer, require_policy
from nioc_paper.render.site import meta
from nioc_paper.render.site.page_text import without_style_attributes
from nioc_paper.render.site.pages import HOME, Page, PagePlan, SiteOptions
from nioc_paper.render.site.progress_context import progress_context
from nioc_paper.wording import Wording, format_date, wording_for


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


class PageFrame(Struct, frozen=True, dict=True):
    """Frame around the text of every page."""

    document: Document
    options: SiteOptions
    templates: Templates
    page_plan: PagePlan

    @cached_property
    def shared_context(self) -> dict[str, object]:
        """Values that the templates of all pages share."""
        words = wording_for(self.document.language, self.document.own_words)
        return imprint.template_context(self.document) | {
            "around": self.options,
            "plan": self.page_plan,
            "owners": self.owners,
            "changed": {path: format_date(on, words) for path, on in self.options.changed.items()},
        }

    @cached_property
    def owners(self) -> list[OwnerRequests]:
        """Recommendations by owner."""
        paper, words = self.options.paper, wording_for(self.document.language, self.document.own_words)
        return [*collect_owners(paper, self.page_plan, self.document, words)] if paper else []

    @cached_property
    def renderer(self) -> PageRenderer:
        """Renderer of the pages."""
        return PageRenderer(self.templates, self.shared_context)

    def render_pages(self, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Yield every page with its name; `texts` are the HTML of the chapters by page."""
        for page in self.page_plan.pages:
            yield page.name, self.render_chapter(page, texts[page.name])
        yield HOME, self.render_home(texts)
        for name in (
            "lists",
            "404",
            *(["owners"] if self.owners else []),
            *(["search"] if self.options.search else []),
        ):
            yield name, self.render_page(name)
        if self.options.progress:
            yield "progress", self.render_progress(self.options.progress)

    def render_progress(self, site_progress: SiteProgress) -> str:
        """Return the page on the paper's progress."""
        return self.render_page("progress", **progress_context(self.document, self.page_plan, site_progress))

    def render_home(self, texts: Mapping[str, str]) -> str:
        """Return the home page, with the summary for decision makers if the paper has one."""
        return self.render_page(HOME, summary=Markup(texts.get(HOME, "")))  # noqa: S704 - ours

    def render_chapter(self, page: Page, text: str) -> str:
        """Return a page with a chapter, an annex or the sources."""
        before, after = self.page_plan.neighbours(page)
        return self.render_page("chapter", page=page, text=Markup(text), before=before, after=after)  # noqa: S704 - ours

    def render_page(self, name: str, page: Page | None = None, **more: Any) -> str:
        """Return a page from the template of its kind."""
        address, template = page.name if page else name, f"site/{name}.html"
        context = {
            "page": page,
            "name": address,
            "canonical": meta.page_address(self.options.url, address),
            "structured": meta.structured_data(self.document, self.options, page, address),
            "policy": meta.POLICY,
        } | more
        html = self.renderer.render(template, **context)
        require_policy(template, html, context["policy"])
        return without_style_attributes(html)
