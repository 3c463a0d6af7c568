"""Frame of the pages: all that surrounds their text, filled from templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from markupsafe import Markup
from msgspec import Struct

from nioc_paper.model import Document, SiteProgress, Templates
from nioc_paper.render.common import page_context
from nioc_paper.render.common.templating import PageRenderer, require_policy
from nioc_paper.render.site import meta
from nioc_paper.render.site.owners import OwnerRequests, collect_owners
from nioc_paper.render.site.page_text import without_style_attributes
from nioc_paper.render.site.pages import HOME, Page, PagePlan
from nioc_paper.render.site.progress.progress_context import progress_context
from nioc_paper.render.site.site_options import SiteOptions
from nioc_paper.wording import format_date, wording_for


class PageFrame(Struct, frozen=True, dict=True):
    """Frame around the text of every page."""

    document: Document
    options: SiteOptions
    templates: Templates
    page_plan: PagePlan

    @cached_property
    def shared_context(self) -> dict[str, object]:
        """Values that the templates of all pages share."""
        words = wording_for(self.document.language, self.document.labels)
        return page_context.template_context(self.document) | {
            "around": self.options,
            "plan": self.page_plan,
            "owners": self.owners,
            "changed": {path: format_date(on, words) for path, on in self.options.changed.items()},
        }

    @cached_property
    def owners(self) -> list[OwnerRequests]:
        """Recommendations by owner."""
        paper, words = self.options.paper, wording_for(self.document.language, self.document.labels)
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
