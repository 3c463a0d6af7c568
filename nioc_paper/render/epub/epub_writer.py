"""Writer of the e-book: a file for each chapter, for any font size and for screen readers.

Pandoc writes changed chapters only: every build of all formats makes an e-book, also the one after an edit.
"""

from __future__ import annotations

import textwrap
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial

from lxml import etree
from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.domain.audience import notices
from nioc_paper.model import Diagnostic, Document, Node
from nioc_paper.ooxml.package import write_zip
from nioc_paper.render.common import charts, imprint, shared_passes, special_fonts
from nioc_paper.render.common.image_embedding import Picture, image_embedder, make_placeholders, pictures_in
from nioc_paper.render.common.imprint import translated_title_inlines
from nioc_paper.render.common.shared_passes import lay_out_item, with_column_labels
from nioc_paper.render.common.special_fonts import ScriptFont
from nioc_paper.render.common.templating import PageRenderer
from nioc_paper.render.common.theme import Theme, resolve_variables
from nioc_paper.render.context import RenderContext
from nioc_paper.render.epub.cached_pages import PACKAGE_FILE, BookPart, finish_page, write_book
from nioc_paper.render.verify import html_reader
from nioc_paper.render.verify.normalized_text import Contents, combine_contents
from nioc_paper.system.cache import cache_key
from nioc_paper.system.concurrency import soon
from nioc_paper.system.files import source_hash
from nioc_paper.wording import format_date, language_attributes, text_direction, wording_for

_MIMETYPE_FILE = "mimetype"


def write(document: Document, context: RenderContext) -> bytes:
    """Return the bytes of the .epub. Reports `render-failed`; raises PandocError."""
    script_font = special_fonts.script_font_of(document)
    theme_values = special_fonts.with_script_font(context.theme, script_font)
    pictures = soon(partial(charts.narrow_pictures, document, context.theme, context.report, context.cache))
    placeholders = soon(lambda: make_placeholders(pictures()))
    cover = soon(partial(draw_cover, document, theme_values, context))
    parts, metadata = _book_parts(document, placeholders), _build_metadata(document)
    members = write_book(parts, metadata, document.language, context.cache)
    bytes_by_placeholder = {placeholder: pictures()[target][1] for target, (_, placeholder) in placeholders().items()}
    members = {name: bytes_by_placeholder.get(data, data) for name, data in members.items()}
    # Pandoc's sandbox reads no style sheet, font or cover, and its clock is at 1970: these are added afterwards.
    members = finish_pages(members, document)
    members |= _style_files(script_font, members, theme_values, context)
    members[COVER_FILE] = cover()
    members[PACKAGE_FILE] = extend_package_file(members, document)
    context.on_contents(combine_contents(_read_pages(members, context)))
    order = [_MIMETYPE_FILE, *sorted(members.keys() - {_MIMETYPE_FILE})]
    return write_zip({name: members[name] for name in order}, document.timestamp, stored=(_MIMETYPE_FILE,))


def _book_parts(
    document: Document, placeholders: Callable[[], Mapping[str, Picture]]
) -> Iterator[Callable[[], BookPart]]:
    """Yield functions that return the imprint and the chapters; only those with pictures wait for `placeholders`."""
    imprint = [*_imprint_blocks(document)]
    yield lambda: BookPart(tree.tree_hash(imprint), lambda: imprint)
    settings_key = shared_passes.chapter_cache_key("e-book", document)

    def make_part(blocks: list[Node]) -> BookPart:
        stand_ins = placeholders() if any(node["t"] == "Image" for node in tree.walk(blocks)) else {}
        key = cache_key(settings_key, *map(document.block_hash, blocks), repr(pictures_in(blocks, stand_ins)))
        return BookPart(key, partial(prepare_blocks, blocks, document, stand_ins))

    yield from (partial(make_part, blocks) for blocks in group_blocks(document))


def _read_pages(members: Mapping[str, bytes], context: RenderContext) -> Iterator[Contents]:
    """Yield the contents read back from each page of a chapter; those of pages without a change are cached."""
    for name in html_reader.chapter_pages(members):
        key = cache_key("page of a book", source_hash(), members[name])
        yield context.cache.get_or_make(key, partial(html_reader.read_epub_page, members[name]))


def _imprint_blocks(document: Document) -> Iterator[Node]:
    wording = wording_for(document.language, document.own_words)
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
    wording = wording_for(document.language, document.own_words)
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
    files, face_css = dict[str, bytes](), ""

    def add_font(name: str, data: bytes) -> str:
        files[f"{FONT_FOLDER}{name}"] = data
        return f"../fonts/{name}"

    if script_font:
        theme_values = {**theme_values, "hand-leading": str(script_font.browser_leading)}
        text = "".join(data.decode() for name, data in members.items() if name.endswith(".xhtml"))
        face_css = special_fonts.script_font_css(script_font, text, add_font, context.cache)
    css = resolve_variables(context.templates.text("epub.css"), theme_values) + face_css
    return {**files, "EPUB/styles/stylesheet1.css": css.encode()}


# --- tree passes of the e-book: a file for each chapter, tables and figures for pages of any width --------------------


def _lower_heading(node: Node) -> Node:
    """Return a heading one level lower; any other node as it is."""
    return {**node, "c": [node["c"][0] + 1, *node["c"][1:]]} if node["t"] == "Header" else node


def group_blocks(document: Document) -> list[list[Node]]:
    """Return the blocks of a document in groups that are prepared separately: each starts a file."""
    if document.form != "paper":
        return [list(document.blocks)]
    groups: list[list[Node]] = []
    for block in document.blocks:
        first = next(iter(block["c"][1]), block) if block["t"] == "Div" else block
        if not groups or (first["t"] == "Header" and first["c"][0] == 1):
            groups.append([])
        groups[-1].append(block)
    return groups


def prepare_blocks(blocks: list[Node], document: Document, placeholders: Mapping[str, Picture]) -> list[Node]:
    """Return the blocks of a group for the book: a heading of level 1 that nothing encloses starts a file."""
    handlers = {**_NODE_HANDLERS, "Image": image_embedder(placeholders)}
    passes: tuple[shared_passes.TreePass, ...] = (
        _in_one_chapter,
        *shared_passes.SHARED_PASSES,
        lambda parts, _: [block for part in parts for block in _unwrap_division(part)],
        # Images as placeholders, reflowable tables, anchors of figures, roles of changes.
        shared_passes.node_pass(lambda node: handlers[node["t"]](node) if node["t"] in handlers else node),
    )
    return shared_passes.run_passes(blocks, passes, document)


def _in_one_chapter(blocks: list[Node], document: Document) -> list[Node]:
    """Return a brief or a sheet as one chapter, so that its sections start no files; a paper as it is."""
    if document.form == "paper":
        return blocks
    title = tree.header(1, tree.text_inlines(document.title), id=document.form)
    return [title, *tree.rewrite(_lower_heading, blocks)]


def _unwrap_division(part: Node) -> list[Node]:
    """Return the blocks of a chapter: a heading starts a file only if nothing encloses it.

    The heading keeps the chapter's language and type; pandoc gives them to the file's section.
    """
    if part["t"] != "Div":
        return [part]
    attributes = {name: value for name, value in tree.attributes(part).items() if name in tree.LANGUAGE_ATTRIBUTES}
    attributes |= next((_EPUB_TYPES[name] for name in tree.classes(part) if name in _EPUB_TYPES), {})
    blocks: list[Node] = part["c"][1]
    return [
        tree.with_attributes(block, **attributes) if attributes and block is blocks[0] else block for block in blocks
    ]


_EPUB_TYPES: Mapping[str, Mapping[str, str]] = {
    "front": {"epub:type": "preface", "role": "doc-preface"},
    "part": {"epub:type": "part", "role": "doc-part"},
    "chapter": {"epub:type": "chapter", "role": "doc-chapter"},
    "annex": {"epub:type": "appendix", "role": "doc-appendix"},
    "references": {"epub:type": "bibliography", "role": "doc-bibliography"},
}
"""Types of divisions in the vocabulary of EPUB, and roles for assistive tools."""


def _with_outer_anchor(figure: Node) -> Node:
    """Return a figure with its id around it: pandoc finds no ids of figures when it redirects links."""
    (anchor, *rest), *content = figure["c"]
    return tree.div([{"t": "Figure", "c": [["", *rest], *content]}], id=anchor) if anchor else figure


def _reflowable_table(table: Node) -> Node:
    """Return a table for any width: its cells have real paragraphs, which HTML would join, and column labels."""
    attr, caption, columns, head, bodies, foot = with_column_labels(table)["c"]
    bodies = [[own, count, _reflow_rows(above), _reflow_rows(rows)] for own, count, above, rows in bodies]
    return {**table, "c": [attr, caption, columns, head, bodies, foot]}


def _reflow_rows(rows: list[tree.Row]) -> list[tree.Row]:
    return [[attr, [[*cell[:-1], tree.separate_paragraphs(cell[-1])] for cell in cells]] for attr, cells in rows]


_NODE_HANDLERS: Mapping[str, Callable[[Node], Node]] = {
    "Div": lay_out_item,
    "Figure": _with_outer_anchor,
    "Span": shared_passes.with_aria_role,
    "Table": _reflowable_table,
}


# --- package: pandoc's book with cover, nested contents, landmarks, fonts and manifest --------------------------------


_NAV = "EPUB/nav.xhtml"
COVER_FILE, FONT_FOLDER = "EPUB/media/cover.png", "EPUB/fonts/"
_XHTML, _EPUB_TYPE = "{http://www.w3.org/1999/xhtml}", "{http://www.idpf.org/2007/ops}type"
_COVER_PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"
 lang="{language}" xml:lang="{language}">
<head>
<title>{name}</title>
<style>body {{ margin: 0; text-align: center }} img {{ max-width: 100%; max-height: 100vh }}</style>
</head>
<body epub:type="cover">
<img src="../media/cover.png" role="doc-cover" alt="{alt}"/>
</body>
</html>
"""
_TITLE_LINE, _TRANSLATED_LINE, _SUBTITLE_LINE = 17, 28, 44
"""Characters of a short title, and of the subtitle, in a line of the cover."""


def finish_pages(members: Mapping[str, bytes], document: Document) -> dict[str, bytes]:
    """Return the members of a book with the page of its cover, all its titles and nested contents."""
    wording = wording_for(document.language, document.own_words)
    cover_words = ", ".join(filter(None, (document.name, document.subtitle, document.publisher, document.edition)))
    title = "EPUB/text/title_page.xhtml"
    page = _COVER_PAGE.format(
        language=document.language,
        name=Markup.escape(wording["cover"]),
        alt=Markup.escape(f"{wording['cover']}: {cover_words}"),
    )
    return {
        **members,
        "EPUB/text/cover.xhtml": finish_page(page.encode(), document.language),
        title: finish_page(_with_translated_titles(members[title], document), document.language),
        _NAV: finish_page(_nest_contents(members[_NAV], document), document.language),
    }


def _with_translated_titles(page: bytes, document: Document) -> bytes:
    """Return the title page with the titles in other languages below its heading."""
    root = etree.fromstring(page)
    heading = next(root.iter(f"{_XHTML}h1"))
    for title in reversed(document.titles):
        line = etree.Element(f"{_XHTML}p", {"class": "translated", **language_attributes(title.language)})
        line.text = title.title
        heading.addnext(line)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def draw_cover(document: Document, theme_values: Theme, context: RenderContext) -> bytes:
    """Return the cover as a PNG, for the shelf and the first page; empty if drawing failed, which is reported."""
    pattern_svg = context.templates.text("pattern.svg")
    size = 37 if len(document.title) <= 4 * _TITLE_LINE else 25
    values = imprint.template_context(document) | {
        "size": size,
        "title": textwrap.wrap(document.title, _TITLE_LINE * 37 // size),
        "titles": [(title.language, textwrap.wrap(title.title, _TRANSLATED_LINE)) for title in document.titles],
        "subtitle": textwrap.wrap(document.subtitle, _SUBTITLE_LINE),
        "pattern": Markup(pattern_svg.strip().partition(">")[2].removesuffix("</svg>")),  # noqa: S704 - a template of ours
    }
    drawing = resolve_variables(PageRenderer(context.templates, values).render("cover.svg"), theme_values)
    try:
        return charts.reduce_colours(charts.rasterize_svg(drawing.encode(), cache=context.cache), context.cache)
    except ValueError as error:
        place = imprint.output_place(document)
        context.report(Diagnostic(place, "render-failed", f"the cover cannot be drawn: {error}"))
        return b""


def extend_package_file(members: Mapping[str, bytes], document: Document) -> bytes:
    """Return the package file with the cover first, the fonts among the members, and the paper's timestamp."""
    root = etree.fromstring(members[PACKAGE_FILE])
    moment = datetime.fromtimestamp(document.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    next(node for node in root.iter("{*}meta") if node.get("property") == "dcterms:modified").text = moment
    manifest, spine = (next(root.iter("{*}" + name)) for name in ("manifest", "spine"))
    files = sorted(name.removeprefix("EPUB/") for name in members if name.startswith(FONT_FOLDER))
    fonts = ({"id": f"face-{n}", "href": file, "media-type": "font/woff2"} for n, file in enumerate(files, 1))
    for item in (*_COVER_ITEMS, *fonts):
        etree.SubElement(manifest, manifest[0].tag, item)
    spine.insert(0, spine.makeelement(spine[0].tag, {"idref": "cover"}))
    etree.indent(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


_COVER_ITEMS = (
    {"id": "cover", "href": "text/cover.xhtml", "media-type": "application/xhtml+xml"},
    {"id": "cover-image", "href": "media/cover.png", "media-type": "image/png", "properties": "cover-image"},
)


# --- contents ---------------------------------------------------------------------------------------------------------


def _nest_contents(nav: bytes, document: Document) -> bytes:
    """Return the contents with each chapter below its part and in its language, and the landmarks."""
    root = etree.fromstring(nav)
    divisions = [block for block in document.blocks if block["t"] == "Div" and block["c"][1]]
    kinds = {tree.identifier(block["c"][1][0]): next(iter(tree.classes(block)), "") for block in divisions}
    part = None
    for item in list(next(root.iter(f"{_XHTML}ol"))):
        kind = kinds.get(_link_target(item).rpartition("#")[2], "")
        if kind == "part":
            part = item
        elif kind == "chapter" and part is not None:
            below = part.find(f"{_XHTML}ol")
            (etree.SubElement(part, f"{_XHTML}ol", {"class": "toc"}) if below is None else below).append(item)
        else:
            part = None
    _set_landmarks(root, document, kinds)
    languages = {entry.id: entry.language for entry in document.contents if entry.language}
    for link in root.iter(f"{_XHTML}a"):
        if language := languages.get(link.get("href", "").partition("#")[2]):
            for name, value in language_attributes(language).items():
                link.set(name, value)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, doctype="<!DOCTYPE html>")


_LANDMARKS = {"chapter": "bodymatter", "references": "bibliography"}


def _set_landmarks(root: etree._Element, document: Document, kinds: Mapping[str, str]) -> None:
    wording = wording_for(document.language, document.own_words)
    places = {
        "cover": ("text/cover.xhtml", wording["cover"]),
        "titlepage": ("text/title_page.xhtml", document.title),
        "toc": ("#toc", wording["contents"]),
    }
    for item in root.iter(f"{_XHTML}li"):
        kind = _LANDMARKS.get(kinds.get(_link_target(item).rpartition("#")[2], ""))
        if kind:
            places.setdefault(kind, (_link_target(item), " ".join("".join(map(str, item[0].itertext())).split())))
    landmarks_nav = next(nav for nav in root.iter(f"{_XHTML}nav") if nav.get(_EPUB_TYPE) == "landmarks")
    landmarks_nav[0][:] = []
    for kind, (target, name) in places.items():
        item = etree.SubElement(landmarks_nav[0], f"{_XHTML}li")
        etree.SubElement(item, f"{_XHTML}a", {"href": target, _EPUB_TYPE: kind}).text = name


def _link_target(item: etree._Element) -> str:
    """Return the target of an entry of the contents."""
    return str(item[0].get("href"))
