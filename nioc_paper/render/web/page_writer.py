"""Writer of the web page: the whole paper in one file that loads no other and needs no script.

Chapters are rendered separately and cached.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from html import unescape
from itertools import chain
from typing import NamedTuple

from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.model import DELETION, Chart, Diagnostic, Document, Node, Place
from nioc_paper.render.common import charts, fonts, imprint, inline_charts, shared_passes, special_fonts
from nioc_paper.render.common.image_embedding import (
    Picture,
    image_embedder,
    make_placeholders,
    picture_data_uri,
    pictures_in,
    replace_placeholders,
)
from nioc_paper.render.common.shared_passes import lay_out_item, with_column_labels
from nioc_paper.render.common.templating import PageRenderer, require_policy
from nioc_paper.render.context import RenderContext
from nioc_paper.render.verify import html_reader
from nioc_paper.render.verify.normalized_text import Contents, combine_contents
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.concurrency import parallel_map, soon
from nioc_paper.wording import Wording, localized_digits, wording_for

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
    draw_charts = soon(partial(inline_charts.draw_inline_charts, document, context.theme, context.report, cache))
    pictures = charts.asset_pictures(document)
    placeholders = make_placeholders(pictures | {t: ("image/svg+xml", t.encode()) for t in document.charts})
    pictures_by_chapter = [pictures_in(block, placeholders) for block in document.blocks]
    for finding in foreign_pictures(chain.from_iterable(pictures_by_chapter), document, imprint.output_place(document)):
        context.report(finding)
    chapters = _render_chapters(document, placeholders, pictures_by_chapter, cache)
    main = Markup(join_fragments((text.html for text in chapters), document.language))  # noqa: S704 - pandoc's
    css = "".join(templates.text(name) for name in ("theme.css", "web.css"))
    if script_font := special_fonts.script_font_of(document):
        css += special_fonts.arabic_css(script_font, context.theme)
    drawn = dict.fromkeys(document.charts, inline_charts.NOT_DRAWN) | draw_charts()
    pages = PageRenderer(templates, imprint.template_context(document) | {"css": Markup(css), "policy": POLICY})  # noqa: S704 - ours
    # Attributes count: an alternative text is shown where the picture is not.
    letters = unescape("".join((pages.render(_PAGE_TEMPLATE, faces="", text=main), *drawn.values())))
    faces = fonts.font_face_css(letters, cache=cache)
    if script_font:
        faces += special_fonts.script_font_css(script_font, letters, fonts.font_data_uri, cache)
    page = pages.render(_PAGE_TEMPLATE, faces=Markup(faces), text=main)  # noqa: S704 - ours
    require_policy(_PAGE_TEMPLATE, page, POLICY)
    drawn_by_address = {picture_data_uri(placeholders[target]): markup for target, markup in drawn.items()}
    complete_page = inline_charts.replace_images(page, drawn_by_address)
    data = replace_placeholders(complete_page, {t: placeholders[t] for t in pictures}, pictures).encode()
    # A paper's own template may leave something out: the page itself is read back then.
    context.on_contents(combine_contents(c.contents for c in chapters) if main in page else html_reader.read_html(data))
    return data


def _render_chapters(
    document: Document,
    placeholders: Mapping[str, Picture],
    pictures_by_chapter: Sequence[Mapping[str, Picture | None]],
    cache: Cache,
) -> list[_ChapterHtml]:
    """Return the HTML of the chapters, from the cache if none of their inputs has changed."""
    settings_key = shared_passes.chapter_cache_key("web page", document)

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
    embed = image_embedder(placeholders)
    return (
        *shared_passes.SHARED_PASSES,
        lambda blocks, _: [_as_section(block) for block in blocks],
        add_web_features,
        shared_passes.node_pass(lambda node: embed(node) if node["t"] == "Image" else node),
    )


def _render_chapter(block: Node, document: Document, placeholders: Mapping[str, Picture]) -> _ChapterHtml:
    blocks = shared_passes.run_passes([block], _tree_passes(placeholders), document)
    # The only heading of level 1 is the title of the paper.
    html = blocks_to_fragment(blocks, "--shift-heading-level-by=1")
    return _ChapterHtml(html, html_reader.read_fragment(html))


def _as_section(block: Node) -> Node:
    """Return a chapter, an annex or the references as a section; any other block as it is."""
    if not _SECTION_CLASSES.intersection(tree.classes(block)):
        return block
    name, classes, pairs = tree.attr_triple(block)
    return tree.with_attr(block, [name, ["section", *classes], pairs])


_NOTE_CALL = re.compile(r'<a href="#fn(\d+)" class="footnote-ref" id="fnref\1" role="doc-noteref"><sup>\1</sup></a>')
_NOTE_NUMBER = re.compile(r'(<li id="fn|<a href="#fnref)(\d+)(">|" class="footnote-back")')
_NOTES_START = (
    '<section id="footnotes" class="footnotes footnotes-end-of-document" role="doc-endnotes">\n<hr />\n<ol>\n'
)
_NOTES_END = "</ol>\n</section>\n"
_EMPTY_HEADING = re.compile(r"<th[^>]*></th>")


def add_web_features(blocks: list[Node], document: Document) -> list[Node]:
    """Return blocks with tables that scroll, data of charts, roles of changes and links of paragraph numbers."""
    handlers: Mapping[str, Callable[[Node], Node | list[Node]]] = {
        "Div": lambda node: _with_note_languages(lay_out_item(node)),
        "Span": lambda node: _web_span(_with_note_languages(node)),
        "Table": partial(_scrollable_table, name=wording_for(document.language, document.own_words)["table"]),
        "Figure": partial(_figure_with_data, document=document),
    }
    return tree.rewrite(lambda node: handlers[node["t"]](node) if node["t"] in handlers else node, blocks)


def blocks_to_fragment(blocks: Iterable[Node], *args: str) -> str:
    """Return blocks as HTML with formulas as MathML; `join_fragments` joins several."""
    # An empty corner cell heads nothing.
    return _EMPTY_HEADING.sub("<td></td>", shared_passes.blocks_to_html(blocks, "--mathml", *args))


def join_fragments(texts: Iterable[str], language: str) -> str:
    """Return fragments as one, with notes numbered through, in the language's digits, at the end."""
    words, count = wording_for(language), 0
    passages, notes = [], []
    for each in texts:
        passage, _, notes_html = _renumber_notes(each, count, words).partition(_NOTES_START)
        passages.append(passage)
        notes.append(notes_html.removesuffix(_NOTES_END))
        count += notes_html.count('<li id="fn')
    return "".join((*passages, *([_NOTES_START, *notes, _NOTES_END] if count else [])))


def _renumber_notes(text: str, before: int, words: Wording) -> str:
    """Return a fragment whose note numbers follow `before` others."""

    def renumber_call(call_match: re.Match[str]) -> str:
        number = str(before + int(call_match[1]))
        sign = f"<sup>{localized_digits(number, words)}</sup></a>"
        return f'<a href="#fn{number}" class="footnote-ref" id="fnref{number}" role="doc-noteref">{sign}'

    return _NOTE_NUMBER.sub(lambda m: f"{m[1]}{before + int(m[2])}{m[3]}", _NOTE_CALL.sub(renumber_call, text))


def foreign_pictures(targets: Iterable[str], document: Document, place: Place) -> Iterator[Diagnostic]:
    """Yield a finding for each target of a picture that is not part of the paper."""
    own_targets = document.assets.keys() | document.charts.keys()
    for target in targets:
        if target not in own_targets:
            yield Diagnostic(place, "foreign-resource", f"'{target}' is not part of this paper")


def _web_span(span: Node) -> Node:
    if "paragraph-number" not in tree.classes(span):
        return shared_passes.with_aria_role(span)
    return tree.with_content(span, [tree.link(tree.content(span), f"#{tree.identifier(span)}")])


def _with_note_languages(node: Node) -> Node:
    """Return a node with its language and direction on the text of its notes, which are printed at the end."""
    pairs = {name: value for name, value in tree.attributes(node).items() if name in tree.LANGUAGE_ATTRIBUTES}
    if "dir" not in pairs or not any(inner["t"] == "Note" for inner in tree.walk(node)):
        return node

    def mark_paragraph(block: Node) -> Node:
        if block["t"] not in ("Para", "Plain") or any("dir" in tree.attributes(n) for n in tree.content(block)[:1]):
            return block
        return tree.with_content(block, [tree.with_attributes(tree.span(tree.content(block)), **pairs)])

    def mark_note(inner: Node) -> Node:
        return tree.rewrite(mark_paragraph, inner) if inner["t"] == "Note" else inner

    return tree.rewrite(mark_note, node, skip_types=tree.WORD_TYPES)


def _figure_with_data(figure: Node, document: Document) -> list[Node]:
    """Return a figure, and the data of its charts; deleted charts have none."""
    figure_as_changed = tree.rewrite(
        lambda n: None if shared_passes.is_tracked_change(n) and DELETION in tree.classes(n) else n, figure
    )
    targets = [tree.target(image) for image in tree.walk(figure_as_changed) if image["t"] == "Image"]
    shown_charts = [document.charts[target] for target in targets if target in document.charts]
    summary = wording_for(document.language, document.own_words)["data"]
    return [figure, *(part for chart in shown_charts for part in chart_data_details(chart, summary))]


def _scrollable_table(table: Node, name: str) -> Node:
    """Return a table with column labels, in a frame that a keyboard can reach and scroll, for narrow screens."""
    values = {"tabindex": "0", "role": "group", "aria-label": tree.plain_text(tree.caption(table)) or name}
    return tree.div([with_column_labels(table)], "scroll", values=values)


def chart_data_details(chart: Chart, summary: str) -> Iterator[Node]:
    """Yield a chart's data as a table that unfolds."""
    rows = ([[tree.plain_block(tree.text_inlines(cell))] for cell in row] for row in chart.data.rows)
    table = tree.table([(name, None) for name in chart.data.heads], rows, aligns=chart.data.aligns)
    yield {"t": "RawBlock", "c": ["html", f"<details class='data'><summary>{Markup.escape(summary)}</summary>"]}
    yield shared_passes.with_header_scope(table)
    yield {"t": "RawBlock", "c": ["html", "</details>"]}
