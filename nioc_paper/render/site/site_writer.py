"""Writer of the website: the frame of its pages, and the files that they load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import Document, Node, Templates
from nioc_paper.render.common import fonts, imprint, inline_charts, special_fonts
from nioc_paper.render.common.images import pictures_in
from nioc_paper.render.common.theme import read_theme, resolve_variables
from nioc_paper.render.context import RenderContext
from nioc_paper.render.site import meta
from nioc_paper.render.site.page_frame import PageFrame
from nioc_paper.render.site.page_text import (
    SuggestionMail,
    bibliography_entries,
    cached_page_texts,
    picture_address,
    style_rules,
)
from nioc_paper.render.site.pages import SiteOptions, plan_pages
from nioc_paper.render.verify import html_reader, inventory
from nioc_paper.render.web import fragments
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.wording import wording_for

_STYLESHEETS = ("theme.css", "web.css", "site/site.css")
_COPIED_FILES = ("site.js", "suggest.svg")
ICON = "icon.svg"

SiteFiles = dict[str, bytes]


def build_site(document: Document, options: SiteOptions, context: RenderContext) -> SiteFiles:
    """Return the files of the site by path, for a document with resolved citations. Reports findings."""
    place = imprint.output_place(document)
    for finding in fragments.foreign_pictures(pictures_in(document.blocks, {}), document, place):
        context.report(finding)
    entries = bibliography_entries(document)
    document = with_citing_chapters(document, options.cited_in)
    page_plan = plan_pages(document)
    mail = SuggestionMail.for_site(document, options.contact, options.url) if options.contact else None
    html_texts = cached_page_texts(document, page_plan, entries, context.cache, mail)
    texts = {page.name: html for page, html in zip(page_plan.texts, html_texts, strict=True)}
    for page in page_plan.texts:
        place = imprint.output_place(replace(document, blocks=(page.block,)))
        expected, contents = inventory.ExpectedContents((page.block,)), html_reader.read_site_fragment(texts[page.name])
        inventory.report_missing(expected, contents, "website", place, context.report)
    frame = PageFrame(document, options, context.templates, page_plan)
    drawn = inline_charts.draw_inline_charts(document, context.theme, context.report, context.cache)
    drawn_by_address = {picture_address(target): markup for target, markup in drawn.items()}
    pages = {
        f"{name}.html": inline_charts.replace_images(html, drawn_by_address) for name, html in frame.render_pages(texts)
    }
    return {
        **{name: html.encode() for name, html in pages.items()},
        **{picture_address(target): asset.data for target, asset in document.assets.items()},
        **_shared_files(document, pages, context),
        **meta.machine_files(document, options, page_plan),
        **{download.name: download.data for download in options.downloads},
    }


def _shared_files(document: Document, pages: Mapping[str, str], context: RenderContext) -> SiteFiles:
    """Return the files that all pages load: style sheet, script, icons and fonts."""
    font_css, font_files = font_css_and_files(document, context.templates, "".join(pages.values()), context.cache)
    copied = {name: context.templates.data(f"site/{name}") for name in _COPIED_FILES}
    css = stylesheet(context.templates, pages, font_css)
    return {**font_files, **copied, ICON: render_icon(context.templates), "site.css": css.encode()}


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
        links = [_link(titles[target], target) for target in targets if target in titles]
        words = [*tree.text_inlines(label), *(node for link in links for node in ({"t": "Space"}, link))]
        line = [tree.div([{"t": "Plain", "c": words}], "cited-in")] if links else []
        return {**node, "c": [node["c"][0], [*node["c"][1], *line]]}

    blocks = (tree.rewrite(add_chapters, b) if tree.is_div(b, "references") else b for b in document.blocks)
    return replace(document, blocks=tuple(blocks)) if chapters_by_key else document


def _link(title: str, target: str) -> Node:
    return {"t": "Link", "c": [["", [], []], tree.text_inlines(title), [f"#{target}", ""]]}
