"""Pages of an e-book, made by pandoc: those of chapters without a change are cached, and links lead to the others."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.ooxml.package import read_zip
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.concurrency import parallel_map
from nioc_paper.system.files import source_hash
from nioc_paper.wording import localized_digits, text_direction, wording_for

PACKAGE_FILE = "EPUB/content.opf"
_ARGS = ("--split-level=1", "--toc", "--toc-depth=2", "--mathml", "--syntax-highlighting=none")
_FIRST_PAGE, _MEDIA = "EPUB/text/ch001.xhtml", "EPUB/media/"
_LINK = re.compile(r'(<a\b[^<>]*? href=")(ch001\.xhtml)?#([^"]*)(?=")')
"""Link to an id, in a page that pandoc wrote as the only one of a book: with its file name if the id is in it."""
_ID = re.compile(r'<[^<>]*? id="([^"]*)"')


class BookPart(NamedTuple):
    """Part of a book that starts a page: its blocks are made only if its pages are not cached."""

    key: str
    """Hash of all that the blocks are made of."""
    make_blocks: Callable[[], list[Node]]


class _BookPage(NamedTuple):
    """Page of one chapter."""

    headings: list[Node]
    text: str
    ids: Sequence[str]
    properties: str
    """Properties in the manifest, such as `mathml`."""
    pictures: Mapping[str, tuple[str, bytes]]
    """Media type, and bytes, by file name."""


def write_book(
    parts: Iterable[Callable[[], BookPart]], meta: Mapping[str, object], language: str, cache: Cache
) -> dict[str, bytes]:
    """Return the members of a book: one finished page for each heading of level 1 that nothing encloses."""
    loaded = parallel_map(lambda part: _load_or_write_pages(part(), language, cache), parts)
    pages = [page for pages in loaded for page in pages]
    # Contents, package file and title page of a book with the headings only are those of all.
    headings = [heading for page in pages for heading in page.headings]
    key = cache_key("frame of a book", source_hash(), pandoc.version(), tree.tree_hash(headings), repr(meta))
    members = read_zip(cache.get_or_create(key, lambda: pandoc.write(headings, "epub3", meta=meta, args=_ARGS)))
    numbers: dict[str, int] = {}
    for number in range(len(pages), 0, -1):  # of two pages with an id the first is meant
        numbers |= dict.fromkeys(pages[number - 1].ids, number)
    texts = {_page_name(n): _redirect_links(page, n, numbers).encode() for n, page in enumerate(pages, 1)}
    pictures = {name: data for page in pages for name, (_, data) in page.pictures.items()}
    package_file = _with_page_items(members[PACKAGE_FILE], pages)
    media = {f"{_MEDIA}{name}": data for name, data in pictures.items()}
    return merge_part_pages(members | texts | media | {PACKAGE_FILE: package_file}, PACKAGE_FILE)


def _split_chapters(blocks: Iterable[Node]) -> Iterator[list[Node]]:
    chapter: list[Node] = []
    for block in blocks:
        if chapter and block["t"] == "Header" and block["c"][0] == 1:
            yield chapter
            chapter = []
        chapter.append(block)
    if chapter:
        yield chapter


def _headings(blocks: Iterable[Node]) -> list[Node]:
    """Return the headings, in the divisions around them; pictures in them as words."""
    headings: list[Node] = []
    for block in blocks:
        if block["t"] == "Header":
            headings.append(tree.rewrite(lambda n: tree.span(n["c"][1]) if n["t"] == "Image" else n, block))
        elif block["t"] == "Div" and (inner := _headings(block["c"][1])):
            headings.append({"t": "Div", "c": [block["c"][0], inner]})
    return headings


def _load_or_write_pages(part: BookPart, language: str, cache: Cache) -> list[_BookPage]:
    key = cache_key("pages of a book", source_hash(), pandoc.version(), language, part.key)
    write_pages = lambda: [_write_page(chapter, language) for chapter in _split_chapters(part.make_blocks())]  # noqa: E731
    pages: list[_BookPage] = cache.get_or_make(key, write_pages, list[_BookPage])
    return pages


def _write_page(chapter: list[Node], language: str) -> _BookPage:
    book = read_zip(pandoc.write(chapter, "epub3", meta={"lang": language, "title": "-"}, args=_ARGS))
    items = {item.get("href", ""): item for item in etree.fromstring(book[PACKAGE_FILE]).iter("{*}item")}
    text = finish_page(book[_FIRST_PAGE], language).decode()
    pictures = {}
    for name in sorted(name for name in book if name.startswith(_MEDIA)):
        # Called by their content: pandoc counts the pictures of each book from 0.
        file = f"{hashlib.sha256(book[name]).hexdigest()[:16]}.{name.rpartition('.')[2]}"
        pictures[file] = items[name.removeprefix("EPUB/")].get("media-type", ""), book[name]
        text = text.replace(f'src="../media/{name.removeprefix(_MEDIA)}"', f'src="../media/{file}"')
    properties = items["text/ch001.xhtml"].get("properties", "")
    return _BookPage(tree.without_positions(_headings(chapter)), text, _ID.findall(text), properties, pictures)


def _page_name(number: int) -> str:
    return f"EPUB/text/ch{number:03}.xhtml"


def _redirect_links(page: _BookPage, number: int, numbers: Mapping[str, int]) -> str:
    """Return the text of a page whose links lead to the pages with their ids; links to and from notes stay."""
    own_ids = frozenset(page.ids)

    def redirect(link: re.Match[str]) -> str:
        start, own_page, name = link.groups()
        target = number if own_page else numbers.get(name, numbers.get(unquote(name), 0))
        return link[0] if (not own_page and name in own_ids) or not target else f"{start}ch{target:03}.xhtml#{name}"

    return _LINK.sub(redirect, page.text)


def _with_page_items(package: bytes, pages: Sequence[_BookPage]) -> bytes:
    """Return the package file with the properties of the pages, and their pictures."""
    root = etree.fromstring(package)
    manifest = next(root.iter("{*}manifest"))
    items = {item.get("href"): item for item in manifest}
    for number, page in enumerate(pages, 1):
        if page.properties:
            items[_page_name(number).removeprefix("EPUB/")].set("properties", page.properties)
    types = {name: media_type for page in pages for name, (media_type, _) in page.pictures.items()}
    for name, media_type in sorted(types.items()):
        values = {"id": f"picture-{name.replace('.', '_')}", "href": f"media/{name}", "media-type": media_type}
        etree.SubElement(manifest, manifest[0].tag, values)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


# --- titles of parts: above their first chapter, in its file, and not alone on a page ---------------------------------


_TEXT_PAGE = re.compile(r"EPUB/text/ch\d+\.xhtml")
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"


def merge_part_pages(members: Mapping[str, bytes], package_file: str) -> dict[str, bytes]:
    """Return the members of a book; each page that has only the title of a part is merged into the next page."""
    merged = dict(members)
    next_pages: dict[str, str] = {}
    for page, following in pairwise(sorted(filter(_TEXT_PAGE.fullmatch, members))):
        body = next(etree.fromstring(merged[page]).iter("{*}body"))
        if len(body) == 1 and len(body[0]) == 1 and body[0].get(_EPUB_TYPE) == "part":  # nothing but its title
            root = etree.fromstring(merged[following])
            next(root.iter("{*}body")).insert(0, body[0])
            merged[following] = etree.tostring(root, encoding="UTF-8", xml_declaration=True, doctype="<!DOCTYPE html>")
            next_pages[page] = following
    for page, following in next_pages.items():
        del merged[page]
        old, new = (name.rpartition("/")[2].encode() for name in (page, following))
        merged |= {name: data.replace(old, new) for name, data in merged.items() if name.endswith((".xhtml", ".ncx"))}
    return merged | {package_file: _without_pages(merged[package_file], next_pages)} if next_pages else merged


def _without_pages(package: bytes, pages: Mapping[str, str]) -> bytes:
    """Return the package file without some pages in its manifest and in the order of reading."""
    root = etree.fromstring(package)
    files = {name.removeprefix("EPUB/") for name in pages}
    items = [item for item in root.iter("{*}item") if item.get("href") in files]
    ids = {item.get("id") for item in items}
    for element in [*items, *(entry for entry in root.iter("{*}itemref") if entry.get("idref") in ids)]:
        if (parent := element.getparent()) is not None:
            parent.remove(element)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


# --- page of an e-book: title, language, table corners and links ------------------------------------------------------


def finish_page(page: bytes, language: str) -> bytes:
    """Return a page whose title is its heading (pandoc writes the file name), in the language of that heading."""
    root = etree.fromstring(page)
    heading = next(root.iter("{*}h1"), None)
    title = next(root.iter("{*}title"), None)
    if heading is not None and title is not None and (title.text or "").endswith(".xhtml"):
        title.text = " ".join("".join(map(str, heading.itertext())).split())
    language = language if heading is None else heading.get("lang", language)
    for name in ("lang", "{http://www.w3.org/XML/1998/namespace}lang"):
        root.set(name, language)
    if text_direction(language) == "rtl":
        root.set("dir", "rtl")
    for corner in [cell for cell in root.iter("{*}th") if len(cell) == 0 and not cell.text]:
        corner.tag = corner.tag.removesuffix("th") + "td"
        corner.attrib.pop("scope", "")
    for node in root.iter("{*}a"):  # from which pandoc drops the role if they lead to another file
        if node.get("role") == "doc-noteref":
            node.text = localized_digits(node.text or "", wording_for(language))
        elif node.get("href", "").rpartition("#")[2].startswith("ref-"):
            node.set("role", "doc-biblioref")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, doctype="<!DOCTYPE html>")
