"""The website: a page for each chapter, and those that lead to them. Static files that ask nobody for anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from nioc_paper.model import Diagnostic, Document, Place, SiteProgress, Templates
from nioc_paper.render.common import arabic_fonts, charts, fonts, html_prepare
from nioc_paper.render.common.templating import PageRenderer, require_policy
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.context import RenderContext
from nioc_paper.render.site import meta
from nioc_paper.render.site.options import Download, SiteOptions
from nioc_paper.render.site.page_text import (
    bibliography_entries,
    cached_page_texts,
    chart_data_address,
    picture_address,
    style_rules,
    without_style_attributes,
)
from nioc_paper.render.site.pages import HOME, Page, PagePlan, plan_pages
from nioc_paper.render.site.progress import progress_context
from nioc_paper.render.verify import html_reader, inventory
from nioc_paper.render.web import fragments
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.wording import format_date, wording_for

__all__ = ["Download", "PageFrame", "SiteOptions", "build_site", "font_css_and_files", "meta", "stylesheet"]

_STYLESHEETS = ("theme.css", "web.css", "site/site.css")
_COPIED_FILES = ("site.js", "icon.svg")


SiteFiles = dict[str, bytes]


def build_site(document: Document, options: SiteOptions, context: RenderContext) -> SiteFiles:
    """The files of the site by their paths. The document has its citations filled in."""
    for finding in fragments.foreign_pictures(document, Place("dist/site")):
        context.report(finding)
    page_plan, entries = plan_pages(document), bibliography_entries(document)
    html_texts = cached_page_texts(document, page_plan, entries, context.cache)
    texts = {page.name: html for page, html in zip(page_plan.pages, html_texts, strict=True)}
    for page in page_plan.pages:
        place = Place(f"dist/site/{page.name}.html")
        inventory.report_missing(
            (page.block,), html_reader.read_site_fragment(texts[page.name]), "website", place, context.report
        )
    frame = PageFrame(document, options, context.templates, page_plan)
    pages = {f"{name}.html": html for name, html in frame.render_pages(texts)}
    pictures = html_prepare.pictures_with_fonts(document, context.theme, context.report, context.cache)
    return {
        **{name: html.encode() for name, html in pages.items()},
        **{picture_address(target): data for target, (_, data) in pictures.items()},
        **interactive_chart_files(document, context),
        **style_files(document, pages, context),
        **meta.machine_files(document, options, page_plan),
        **{download.name: download.data for download in options.downloads},
    }


def interactive_chart_files(document: Document, context: RenderContext) -> SiteFiles:
    """What charts are drawn of in the browser, and the program that draws them there. Reports `render-failed`."""
    specs_by_path = {
        chart_data_address(target): charts.interactive_spec(chart, context.theme)
        for target, chart in document.charts.items()
    }
    try:
        return {**specs_by_path, "charts.js": charts.build_browser_engine(context.cache)} if specs_by_path else {}
    except ValueError as error:
        place = next(iter(document.charts.values())).place
        context.report(
            Diagnostic(place, "render-failed", f"the program that draws charts in a browser cannot be made: {error}")
        )
        return {}


def style_files(document: Document, pages: Mapping[str, str], context: RenderContext) -> SiteFiles:
    """Style sheet, script and typefaces."""
    css, files = font_css_and_files(document, context.templates, "".join(pages.values()), context.cache)
    fixed = {name: context.templates.data(f"site/{name}") for name in _COPIED_FILES}
    return {**files, **fixed, "site.css": (css + stylesheet(context.templates, pages)).encode()}


def font_css_and_files(
    document: Document, templates: Templates, text: str, cache: Cache = NO_CACHE
) -> tuple[str, SiteFiles]:
    """The typefaces with the letters of a text, as rules of a style sheet and the files that these name."""
    files: SiteFiles = {}

    def add_font(name: str, data: bytes) -> str:
        path = f"type/{name.lower().replace(' ', '-')}.woff2"
        files[path] = data
        return path

    css = fonts.font_face_css("".join(sorted(set(text))), address=add_font, cache=cache)
    if script_font := arabic_fonts.script_font_of(document):
        css += arabic_fonts.arabic_css(script_font, read_theme(templates), add_font, cache)
    return css, files


def stylesheet(templates: Templates, pages: Mapping[str, str]) -> str:
    """The rest of the style sheet: that of the site, and what pages ask for."""
    return "".join(templates.text(name) for name in _STYLESHEETS) + style_rules(pages)


@dataclass(frozen=True)
class PageFrame:
    """What stands around the text of every page."""

    document: Document
    options: SiteOptions
    templates: Templates
    page_plan: PagePlan

    @cached_property
    def shared_context(self) -> dict[str, Any]:
        """What all pages are filled with."""
        words = wording_for(self.document.language)
        return html_prepare.template_context(self.document) | {
            "around": self.options,
            "plan": self.page_plan,
            "changed": {path: format_date(on, words) for path, on in self.options.changed.items()},
        }

    @cached_property
    def renderer(self) -> PageRenderer:
        """Renders the pages."""
        return PageRenderer(self.templates, self.shared_context)

    def render_pages(self, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Every page by its name; `texts` are those of the chapters."""
        for page in self.page_plan.pages:
            yield page.name, self.render_chapter(page, texts[page.name])
        for name in (HOME, "lists", "404", *(["search"] if self.options.search else [])):
            yield name, self.render_page(name)
        if self.options.progress:
            yield "progress", self.render_progress(self.options.progress)

    def render_progress(self, standing: SiteProgress) -> str:
        """The page on how far the paper is."""
        return self.render_page("progress", **progress_context(self.document, self.page_plan, standing))

    def render_chapter(self, page: Page, text: str) -> str:
        """A page with a chapter, an annex or the sources."""
        before, after = self.page_plan.neighbours(page)
        return self.render_page("chapter", page=page, text=Markup(text), before=before, after=after)  # noqa: S704 - ours

    def render_page(self, name: str, page: Page | None = None, **more: Any) -> str:
        """A page of a kind."""
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
