"""Titles of parts: above their first chapter, in its file, and not alone on a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from lxml import etree

_TEXT_PAGE = re.compile(r"EPUB/text/ch\d+\.xhtml")
_WITH_LINKS = (".xhtml", ".ncx")
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"


def merge_part_pages(members: Mapping[str, bytes], package_file: str) -> dict[str, bytes]:
    """Return the members of a book; each page that has only the title of a part is merged into the next page."""
    merged = dict(members)
    next_pages: dict[str, str] = {}
    for page, following in pairwise(sorted(filter(_TEXT_PAGE.fullmatch, members))):
        if (title := _lone_title(merged[page])) is not None:
            merged[following] = _with_title(merged[following], title)
            next_pages[page] = following
    for page, following in next_pages.items():
        del merged[page]
        old, new = (name.rpartition("/")[2].encode() for name in (page, following))
        linking = {name: data.replace(old, new) for name, data in merged.items() if name.endswith(_WITH_LINKS)}
        merged |= linking
    return merged | {package_file: _without_pages(merged[package_file], next_pages)} if next_pages else merged


def _lone_title(page: bytes) -> etree._Element | None:
    """Return the section of a page that has nothing but the title of a part; None for any other page."""
    body = next(etree.fromstring(page).iter("{*}body"))
    is_lone = len(body) == 1 and len(body[0]) == 1 and body[0].get(_EPUB_TYPE) == "part"
    return body[0] if is_lone else None


def _with_title(page: bytes, title: etree._Element) -> bytes:
    root = etree.fromstring(page)
    next(root.iter("{*}body")).insert(0, title)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, doctype="<!DOCTYPE html>")


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
