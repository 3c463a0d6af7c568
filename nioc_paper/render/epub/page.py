"""Finish a page of an e-book that pandoc wrote: title, language, table corners and links."""

from __future__ import annotations

from lxml import etree

from nioc_paper.wording import Wording, localized_digits, text_direction, wording_for


def finish_page(page: bytes, language: str) -> bytes:
    """Return a page whose title is its heading (pandoc writes the file name), in the language of that heading."""
    root = etree.fromstring(page)
    heading = next(root.iter("{*}h1"), None)
    title = next(root.iter("{*}title"), None)
    if heading is not None and title is not None and (title.text or "").endswith(".xhtml"):
        title.text = " ".join("".join(map(str, heading.itertext())).split())
    language = language if heading is None else heading.get("lang", language)
    _set_language(root, language)
    _fix_table_corners(root)
    _fix_links(root, wording_for(language))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, doctype="<!DOCTYPE html>")


def _set_language(root: etree._Element, language: str) -> None:
    for name in ("lang", "{http://www.w3.org/XML/1998/namespace}lang"):
        root.set(name, language)
    if text_direction(language) == "rtl":
        root.set("dir", "rtl")


def _fix_table_corners(root: etree._Element) -> None:
    """Make empty heading cells ordinary cells: they head nothing."""
    for corner in [cell for cell in root.iter("{*}th") if len(cell) == 0 and not cell.text]:
        corner.tag = corner.tag.removesuffix("th") + "td"
        corner.attrib.pop("scope", "")


def _fix_links(root: etree._Element, wording: Wording) -> None:
    """Write note numbers in the language's digits, and restore roles that pandoc drops from links to other files."""
    for node in root.iter("{*}a"):
        if node.get("role") == "doc-noteref":
            node.text = localized_digits(node.text or "", wording)
        elif node.get("href", "").rpartition("#")[2].startswith("ref-"):
            node.set("role", "doc-biblioref")
