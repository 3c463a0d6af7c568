"""Writer of the website: the frame of its pages, and the files that they load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple

from lxml import etree
from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.citations_as_text import printed_fields
from nioc_paper.domain.mentions import items_by_body
from nioc_paper.model import Document, Item, ListEntry, Node, Paper, SiteProgress, Templates
from nioc_paper.render.common import fonts, imprint, inline_charts, special_fonts
from nioc_paper.render.common.image_embedding import pictures_in
from nioc_paper.render.common.templating import PageRenderer, require_policy
from nioc_paper.render.common.theme import read_theme, resolve_variables
from nioc_paper.render.context import RenderContext
from nioc_paper.render.site.page_html import (
    SuggestionMail,
    bibliography_entries,
    cached_page_texts,
    picture_address,
    style_rules,
    without_style_attributes,
)
from nioc_paper.render.site.page_plan import HOME, Page, PagePlan, SiteOptions, plan_pages
from nioc_paper.render.site.progress_page import growth_charts, progress_context
from nioc_paper.render.verify import html_reader, losses
from nioc_paper.render.web import page_writer
from nioc_paper.system.cache import NO_CACHE, Cache
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
        return format_date(item.due_on, wording) if item.due_on else printed_words(item, "by")

    recommendations = (item for chapter in paper.chapters for item in chapter.items_of_kind("recommendation"))
    items_by_owner = items_by_body(paper, recommendations, "owner", partial(printed_words, field="owner"))
    entries: Mapping[str, ListEntry] = {entry.id: entry for entry in document.recommendations}
    for owner, items in sorted(items_by_owner.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        printed = (item for item in items if item.id in entries)
        items_by_date = sorted(printed, key=lambda item: item.field_text("by") or "~")
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
        optional = {"owners": self.owners, "search": self.options.search}
        for name in ("lists", "404", *(name for name, is_wanted in optional.items() if is_wanted)):
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
            "canonical": page_address(self.options.url, address),
            "policy": POLICY,
        } | more
        html = self.renderer.render(template, **context)
        require_policy(template, html, context["policy"])
        return without_style_attributes(html)


_STYLESHEETS = ("theme.css", "web.css", "site/site.css")
ICON = "icon.svg"

SiteFiles = dict[str, bytes]


def build_site(document: Document, options: SiteOptions, context: RenderContext) -> SiteFiles:
    """Return the files of the site by path, for a document with resolved citations. Reports findings."""
    place = imprint.output_place(document)
    for finding in page_writer.foreign_pictures(pictures_in(document.blocks, {}), document, place):
        context.report(finding)
    entries = bibliography_entries(document)
    document = with_citing_chapters(document, options.cited_in)
    page_plan = plan_pages(document)
    mail = SuggestionMail.for_site(document, options.contact, options.url) if options.contact else None
    html_texts = cached_page_texts(document, page_plan, entries, context.cache, mail)
    texts = {page.name: html for page, html in zip(page_plan.texts, html_texts, strict=True)}
    for page in page_plan.texts:
        place = imprint.output_place(replace(document, blocks=(page.block,)))
        expected, contents = losses.ExpectedContents((page.block,)), html_reader.read_site_fragment(texts[page.name])
        losses.report_missing(expected, contents, "website", place, context.report)
    wording = wording_for(document.language, document.own_words)
    growth = growth_charts(options.progress, wording) if options.progress else {}
    charted = replace(document, charts={**document.charts, **growth})
    drawn = inline_charts.draw_inline_charts(charted, context.theme, context.report, context.cache)
    drawn_by_address = {picture_address(target): markup for target, markup in drawn.items()}
    rendered = PageFrame(document, options, context.templates, page_plan).render_pages(texts)
    pages = {f"{name}.html": inline_charts.replace_images(html, drawn_by_address) for name, html in rendered}
    font_css, font_files = font_css_and_files(document, context.templates, "".join(pages.values()), context.cache)
    return {
        **{name: html.encode() for name, html in pages.items()},
        **{picture_address(target): asset.data for target, asset in document.assets.items()},
        **font_files,
        **{name: context.templates.data(f"site/{name}") for name in ("site.js", "suggest.svg")},
        ICON: render_icon(context.templates),
        "site.css": stylesheet(context.templates, pages, font_css).encode(),
        **machine_files(document, options, page_plan),
        **{download.name: download.data for download in options.downloads},
    }


def font_css_and_files(
    document: Document, templates: Templates, html: str | None, cache: Cache = NO_CACHE
) -> tuple[str, SiteFiles]:
    """Return font rules for the letters of pages, or of any page, None, and the font files that they load."""
    files: SiteFiles = {}

    def add_font(name: str, data: bytes) -> str:
        path = f"type/{name.lower().replace(' ', '-')}"
        files[path] = data
        return path

    css = fonts.font_face_css(html, address=add_font, cache=cache)
    if script_font := special_fonts.script_font_of(document):
        css += special_fonts.script_font_css(script_font, html, add_font, cache)
        css += special_fonts.arabic_css(script_font, read_theme(templates))
    return css, files


def render_icon(templates: Templates) -> bytes:
    """Return the icon of the site in the colours of the theme. Raises TemplateError."""
    return resolve_variables(templates.text(f"site/{ICON}"), read_theme(templates)).encode()


def stylesheet(templates: Templates, pages: Mapping[str, str], font_css: str) -> str:
    """Return the style sheet: the site's own rules, those for styles of the pages, and those of the fonts.

    Families for Arabic letters replace those of the theme, so the fonts come last.
    """
    return "".join(templates.text(name) for name in _STYLESHEETS) + style_rules(pages) + font_css


def with_citing_chapters(document: Document, chapters_by_key: Mapping[str, Sequence[str]]) -> Document:
    """Return a document whose list of references names the chapters that cite each source, by their ids."""
    titles = {entry.id: f"{entry.number} {entry.title}".strip() for entry in document.contents}
    label = wording_for(document.language, document.own_words)["cited_in"]

    def add_chapters(node: Node) -> Node:
        if node["t"] != "Div" or not tree.is_div(node, "csl-entry"):
            return node
        targets = [f"sec-{name}" for name in chapters_by_key.get(tree.identifier(node).removeprefix("ref-"), ())]
        links = [tree.link(tree.text_inlines(titles[name]), f"#{name}") for name in targets if name in titles]
        words = [*tree.text_inlines(label), *(node for link in links for node in ({"t": "Space"}, link))]
        line = [tree.div([tree.plain_block(words)], "cited-in")] if links else []
        return tree.with_content(node, [*tree.content(node), *line])

    blocks = (tree.rewrite(add_chapters, b) if tree.is_div(b, "references") else b for b in document.blocks)
    return replace(document, blocks=tuple(blocks)) if chapters_by_key else document


# --- files that only programs read ------------------------------------------------------------------------------------


# The search is WebAssembly; it evaluates no text as code.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
)
"""Content security policy of every page: only files of the site, and no inline script."""


def page_address(url: str, name: str) -> str:
    """Return the public address of a page; empty if the site's is not known. The home page is the folder."""
    return f"{url}/{'' if name == HOME else f'{name}.html'}" if url else ""


def machine_files(document: Document, options: SiteOptions, page_plan: PagePlan) -> dict[str, bytes]:
    """Return the files that only programs read; those that need the site's address only if it is known."""
    files = {".nojekyll": b""}  # otherwise GitHub Pages leaves out files that begin with an underscore
    if options.url:
        root = etree.Element("urlset", xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
        changed = {page.name: options.changed.get(page.path, document.date) for page in page_plan.pages}
        days = {HOME: document.date} | changed
        for name, on in days.items():
            url = etree.SubElement(root, "url")
            etree.SubElement(url, "loc").text = page_address(options.url, name)
            if on:
                etree.SubElement(url, "lastmod").text = on.isoformat()
        files["sitemap.xml"] = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
        files["robots.txt"] = f"User-agent: *\nAllow: /\nSitemap: {options.url}/sitemap.xml\n".encode()
    return files
