"""Writer of the e-book: a file for each chapter, for any font size and for screen readers.

Pandoc writes changed chapters only: every build of all formats makes an e-book, also the one after an edit.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from functools import partial

from nioc_paper import tree
from nioc_paper.domain.audience import notices
from nioc_paper.model import Document, Node
from nioc_paper.ooxml import zips
from nioc_paper.render.common import arabic_fonts, chapter_cache, document_pictures
from nioc_paper.render.common.arabic_fonts import ScriptFont
from nioc_paper.render.common.images import Picture, make_placeholders, pictures_in
from nioc_paper.render.common.imprint import translated_title_inlines
from nioc_paper.render.common.theme import Theme, resolve_variables
from nioc_paper.render.context import RenderContext
from nioc_paper.render.epub import epub_package
from nioc_paper.render.epub.book import PACKAGE_FILE, BookPart, write_book
from nioc_paper.render.epub.epub_passes import group_blocks, prepare_blocks
from nioc_paper.render.verify import html_reader
from nioc_paper.render.verify.normalized_text import Contents, combine_contents
from nioc_paper.system.cache import cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.wording import format_date, text_direction, wording_for

_MIMETYPE_FILE = "mimetype"
_STYLESHEET = "EPUB/styles/stylesheet1.css"


def write(document: Document, context: RenderContext) -> bytes:
    """Return the bytes of the .epub. Reports `render-failed`; raises PandocError."""
    pictures = document_pictures.pictures_with_fonts(document, context.theme, context.report, context.cache)
    placeholders = make_placeholders(pictures)
    members = write_book(
        _book_parts(document, placeholders), _build_metadata(document), document.language, context.cache
    )
    bytes_by_placeholder = {placeholder: pictures[target][1] for target, (_, placeholder) in placeholders.items()}
    members = {name: bytes_by_placeholder.get(data, data) for name, data in members.items()}
    # Pandoc's sandbox reads no style sheet, font or cover, and its clock is at 1970: these are added afterwards.
    members, script_font = epub_package.finish_pages(members, document), arabic_fonts.script_font_of(document)
    theme_values = arabic_fonts.with_script_font(context.theme, script_font)
    members |= _style_files(script_font, members, theme_values, context)
    members[epub_package.COVER_FILE] = epub_package.draw_cover(document, theme_values, context)
    members[PACKAGE_FILE] = epub_package.extend_package_file(members, document)
    context.on_contents(combine_contents(_read_pages(members, context)))
    order = [_MIMETYPE_FILE, *sorted(members.keys() - {_MIMETYPE_FILE})]
    return zips.write_zip({name: members[name] for name in order}, document.timestamp, stored=(_MIMETYPE_FILE,))


def _book_parts(document: Document, placeholders: Mapping[str, Picture]) -> Iterator[BookPart]:
    """Yield the imprint and the chapters."""
    imprint = [*_imprint_blocks(document)]
    yield BookPart(tree.tree_hash(imprint), lambda: imprint)
    settings_key = chapter_cache.chapter_cache_key("e-book", document)
    for blocks in group_blocks(document):
        pictures = repr(pictures_in(blocks, placeholders))
        key = cache_key(settings_key, *map(document.block_hash, blocks), pictures)
        yield BookPart(key, partial(prepare_blocks, blocks, document, placeholders))


def _read_pages(members: Mapping[str, bytes], context: RenderContext) -> Iterator[Contents]:
    """Yield the contents read back from each page of a chapter; those of pages without a change are cached."""
    for name in html_reader.chapter_pages(members):
        key = cache_key("page of a book", source_hash(), members[name])
        yield json.loads(context.cache.get_or_create(key, partial(_page_contents_json, members[name])))


def _page_contents_json(page: bytes) -> bytes:
    return json.dumps(html_reader.read_epub_page(page)).encode()


def _imprint_blocks(document: Document) -> Iterator[Node]:
    wording = wording_for(document.language, document.labels)
    fields = (
        ("whole_paper", document.part_of),
        ("keywords", "; ".join(document.keywords)),
        ("publisher", document.publisher),
        ("edition", document.edition),
        ("date", format_date(document.date, wording)),
        ("version", document.version),
        ("rights", document.rights),
    )
    yield tree.header(1, tree.text_inlines(wording["imprint"]), "unnumbered", id="imprint")
    if document.copy.review:
        lines = (wording["review_copy"], *wording["review_how"].splitlines())
        yield tree.div([tree.para(tree.text_inlines(line)) for line in lines], "draft-note")
    elif document.draft:
        yield tree.div([tree.para(tree.text_inlines(wording["draft_note"]))], "draft-note")
    if notice_lines := notices(document, wording):
        yield tree.div([tree.para(tree.text_inlines(line)) for line in notice_lines], "notice")
    described = [(name, tree.text_inlines(text)) for name, text in fields if text]
    described += [("translated_title", inlines) for inlines in translated_title_inlines(document, wording)]
    terms = [[tree.text_inlines(wording[name]), [[tree.plain_block(inlines)]]] for name, inlines in described]
    yield {"t": "DefinitionList", "c": terms}


def _build_metadata(document: Document) -> dict[str, object]:
    """Return the metadata of the book; empty values are left out, as the standard forbids empty elements."""
    wording = wording_for(document.language, document.labels)
    draft_label = wording["review_copy" if document.copy.review else "draft"]
    draft = f" ({draft_label.lower()})" if document.draft else ""
    metadata: dict[str, object] = {
        "title": document.name + draft,
        "subtitle": document.subtitle,
        "author": list(document.authors),
        "publisher": document.publisher,
        "rights": document.rights,
        "subject": list(document.keywords),
        "lang": document.language,
        "toc-title": wording["contents"],
        "page-progression-direction": "rtl" if text_direction(document.language) == "rtl" else "",
        "accessModes": ["textual", "visual"],
        "accessibilitySummary": wording["accessibility"],
        "date": document.date.isoformat() if document.date else "",
        "identifier": uuid.uuid5(uuid.NAMESPACE_URL, f"urn:{document.stem}").urn,
    }
    if not document.described:
        features = ["readingOrder", "structuralNavigation", "tableOfContents"]  # all that pandoc names, but one
        metadata |= {"accessModeSufficient": ["textual,visual"], "accessibilityFeatures": features}
        del metadata["accessibilitySummary"]
    return {name: value for name, value in metadata.items() if value}


def _style_files(
    script_font: ScriptFont | None, members: Mapping[str, bytes], theme_values: Theme, context: RenderContext
) -> dict[str, bytes]:
    """Return the style sheet, and the fonts that it loads for the text of the pages, by name of the member."""
    files: dict[str, bytes] = {}
    face_css = ""

    def add_font(name: str, data: bytes) -> str:
        files[f"{epub_package.FONT_FOLDER}{name}"] = data
        return f"../fonts/{name}"

    if script_font:
        theme_values = {**theme_values, "hand-leading": str(script_font.browser_leading)}
        text = "".join(data.decode() for name, data in members.items() if name.endswith(".xhtml"))
        face_css = arabic_fonts.script_font_css(script_font, text, add_font, context.cache)
    css = resolve_variables(context.templates.text("epub.css"), theme_values) + face_css
    return {**files, _STYLESHEET: css.encode()}
