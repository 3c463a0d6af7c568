"""Writer of the web page: the whole paper in one file that loads no other and needs no script.

Chapters are rendered separately and cached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from html import unescape
from itertools import chain
from typing import NamedTuple

from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.render.common import chapter_cache, charts, fonts, imprint, inline_charts, shared_passes, special_fonts
from nioc_paper.render.common.images import (
    Picture,
    embed_images,
    make_placeholders,
    picture_data_uri,
    pictures_in,
    replace_placeholders,
)
from nioc_paper.render.common.templating import PageRenderer, require_policy
from nioc_paper.render.context import RenderContext
from nioc_paper.render.verify import html_reader
from nioc_paper.render.verify.normalized_text import Contents, combine_contents
from nioc_paper.render.web import fragments
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.schedule import parallel_map
from nioc_paper.tree.pass_runner import run_passes

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
POLICY += "form-action 'none'; base-uri 'none'"
"""Content security policy: no script, and no request, neither by the page nor by hidden foreign content."""
_PAGE_TEMPLATE = "web.html"
_SECTION_CLASSES = frozenset(("front", "chapter", "annex", "references"))


class _ChapterHtml(NamedTuple):
    """Chapter as HTML."""

    html: str
    contents: Contents
    """Content read back from it."""


def write(document: Document, context: RenderContext) -> bytes:
    """Return the document as one HTML file, with its pictures and style sheet inside."""
    templates, cache = context.templates, context.cache
    drawn = inline_charts.draw_inline_charts(document, context.theme, context.report, cache)
    pictures = charts.asset_pictures(document)
    placeholders = make_placeholders(pictures | {t: ("image/svg+xml", text.encode()) for t, text in drawn.items()})
    pictures_by_chapter = [pictures_in(block, placeholders) for block in document.blocks]
    place = imprint.output_place(document)
    for finding in fragments.foreign_pictures(chain.from_iterable(pictures_by_chapter), document, place):
        context.report(finding)
    chapters = _render_chapters(document, placeholders, pictures_by_chapter, cache)
    main = Markup(fragments.join_fragments((text.html for text in chapters), document.language))  # noqa: S704 - pandoc's
    css = "".join(templates.text(name) for name in ("theme.css", "web.css"))
    if script_font := special_fonts.script_font_of(document):
        css += special_fonts.arabic_css(script_font, context.theme)
    pages = PageRenderer(templates, imprint.template_context(document) | {"css": Markup(css), "policy": POLICY})  # noqa: S704 - ours
    # Attributes count: an alternative text is shown where the picture is not.
    letters = unescape("".join((pages.render(_PAGE_TEMPLATE, faces="", text=main), *drawn.values())))
    faces = fonts.font_face_css(letters, cache=cache)
    if script_font:
        faces += special_fonts.script_font_css(script_font, letters, fonts.font_data_uri, cache)
    page = pages.render(_PAGE_TEMPLATE, faces=Markup(faces), text=main)  # noqa: S704 - ours
    require_policy(_PAGE_TEMPLATE, page, POLICY)
    if main in page:  # otherwise, with a paper's own template, the page itself is read back
        context.on_contents(combine_contents(text.contents for text in chapters))
    drawn_by_address = {picture_data_uri(placeholders[target]): markup for target, markup in drawn.items()}
    page = inline_charts.replace_images(page, drawn_by_address)
    return replace_placeholders(page, {t: placeholders[t] for t in pictures}, pictures).encode()


def _render_chapters(
    document: Document,
    placeholders: Mapping[str, Picture],
    pictures_by_chapter: Sequence[Mapping[str, Picture | None]],
    cache: Cache,
) -> list[_ChapterHtml]:
    """Return the HTML of the chapters, from the cache if none of their inputs has changed."""
    settings_key = chapter_cache.chapter_cache_key("web page", document)

    def render_or_load(chapter: tuple[Node, Mapping[str, Picture | None]]) -> _ChapterHtml:
        block, pictures = chapter
        charts = [document.charts.get(target) for target in pictures]
        name = cache_key(settings_key, document.block_hash(block), repr((pictures, charts)))
        html: _ChapterHtml = cache.get_or_make(
            name, lambda: _render_chapter(block, document, placeholders), _ChapterHtml
        )
        return html

    return parallel_map(render_or_load, [*zip(document.blocks, pictures_by_chapter, strict=True)])


def _tree_passes(placeholders: Mapping[str, Picture]) -> tuple[shared_passes.TreePass, ...]:
    """Return the passes of a chapter of the page, in their order."""
    return (
        *shared_passes.SHARED_PASSES,
        _wrap_sections,
        fragments.add_web_features,
        partial(embed_images, pictures=placeholders),
    )


def _render_chapter(block: Node, document: Document, placeholders: Mapping[str, Picture]) -> _ChapterHtml:
    blocks = run_passes([block], _tree_passes(placeholders), document)
    # The only heading of level 1 is the title of the paper.
    html = fragments.blocks_to_fragment(blocks, "--shift-heading-level-by=1")
    return _ChapterHtml(html, html_reader.read_fragment(html))


def _wrap_sections(blocks: list[Node], _document: Document) -> list[Node]:
    return [_as_section(block) for block in blocks]


def _as_section(block: Node) -> Node:
    """Return a chapter, an annex or the references as a section; any other block as it is."""
    if not _SECTION_CLASSES.intersection(tree.classes(block)):
        return block
    (name, classes, pairs), blocks = block["c"]
    return {"t": "Div", "c": [[name, ["section", *classes], pairs], blocks]}
