"""Package of an e-book: pandoc's book with cover, nested contents, landmarks, fonts and manifest."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime

from lxml import etree
from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Document
from nioc_paper.render.common import charts, imprint
from nioc_paper.render.common.templating import PageRenderer
from nioc_paper.render.common.theme import Theme, resolve_variables
from nioc_paper.render.context import RenderContext
from nioc_paper.render.epub.book import PACKAGE_FILE, finish_page
from nioc_paper.wording import language_attributes, wording_for

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
    contents = next(root.iter(f"{_XHTML}ol"))
    divisions = [block for block in document.blocks if block["t"] == "Div" and block["c"][1]]
    kinds = {tree.identifier(block["c"][1][0]): next(iter(tree.classes(block)), "") for block in divisions}
    part = None
    for item in list(contents):
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
