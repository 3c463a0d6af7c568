"""Right-to-left Word files: directions that pandoc does not write, and mirrored sides."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    get_attribute,
    get_or_add_first,
    insert_property,
    iter_elements,
    paragraph_style,
    parse_element,
    qn,
    text_content,
)
from nioc_paper.render.common.bidi import RTL_CHARACTERS

_SIDES = {"w:left": "w:right", "w:right": "w:left"}
_OWN_STYLE_PREFIXES = (
    "Cover",
    "Title",
    "Subtitle",
    "Imprint",
    "TOC",
    "TableOfFigures",
    "ListHeading",
    "Header",
    "Folio",
)
"""Prefixes of the styles of paragraphs that pandoc does not write."""
_BEFORE_DIRECTION = ("w:tblStyle", "w:tblpPr", "w:tblOverlap")
"""Properties of a table before its direction, in the order of the schema."""
_AFTER_SECTION_DIRECTION = ("w:rtlGutter", "w:docGrid", "w:printerSettings", "w:sectPrChange")
"""Properties of a section after its direction."""
_HEADING_PREFIXES = ("Heading", "Part", "PanelHeading")


def set_directions(package: Package, document_direction: str) -> None:
    """Set the direction of each heading and table from its first script: chapters can differ from the paper.

    Lines of contents and lists are set too; in a right-to-left paper all of them begin at the right.
    """
    if document_direction == "rtl":
        for style in iter_elements(package.xml_root("word/styles.xml"), "w:style"):
            if get_attribute(style, "w:styleId").startswith(_HEADING_PREFIXES):
                insert_property(style, parse_element("<w:bidi/>"))
    prefixes = _HEADING_PREFIXES if document_direction == "rtl" else (*_HEADING_PREFIXES, "TOC", "TableOfFigures")
    _mirror_rtl_tables(package.body)
    for heading in iter_elements(package.body, "w:p"):
        if paragraph_style(heading).startswith(prefixes):
            first_letter = next(filter(str.isalpha, text_content(heading)), "")
            is_rtl = bool(RTL_CHARACTERS.match(first_letter))
            if is_rtl or document_direction == "rtl":
                insert_property(heading, parse_element("<w:bidi/>")).set(qn("w:val"), str(int(is_rtl)))
                _set_run_directions(heading)
            if is_rtl:
                # LibreOffice sets a heading without it flush left.
                insert_property(heading, parse_element('<w:jc w:val="start"/>'))


def title_directions(body: Element) -> list[str]:
    """Return the directions that chapter titles have of their own, as `w:bidi` writes them."""
    titles = (p for p in iter_elements(body, "w:p") if paragraph_style(p) == "Heading1")
    directions = (find_element(title, "w:pPr/w:bidi") for title in titles)
    return sorted({get_attribute(direction) for direction in directions if direction is not None})


def name_styles_as_stored(package: Package) -> None:
    """Name the style of chapter titles in fields as the file stores it, for titles of another direction than the text.

    LibreOffice sets such a title in the direction of its style if a field names the style as Word shows it: "Heading 1"
    for "heading 1".
    """
    for root in _paragraph_roots(package):
        for code in iter_elements(root, "w:instrText"):
            code.text = _name_as_stored(code.text or "")


def name_styles_of_body(xml: str) -> str:
    """Return the XML of a body whose fields name that style as the file stores it; the body is not parsed for it."""
    return re.sub("<w:instrText[^<]*", lambda code: _name_as_stored(code[0]), xml)


def _name_as_stored(code: str) -> str:
    return code.replace("Heading 1", "heading 1")


def mirror_document(package: Package) -> None:
    """Mirror lines, tables, pages and the bars beside boxes, in headers and footers too.

    Text from pandoc has its direction already: pandoc knows texts, and words inside them, of another direction.
    """
    for root in _paragraph_roots(package):
        for paragraph in list(iter_elements(root, "w:p")):
            if paragraph_style(paragraph).startswith(_OWN_STYLE_PREFIXES):
                insert_property(paragraph, parse_element("<w:bidi/>"))
                _set_run_directions(paragraph)
        _mirror_rtl_tables(root)
        for section in list(iter_elements(root, "w:sectPr")):
            _insert_counted_from_end(section, "w:bidi", _AFTER_SECTION_DIRECTION)
    for border in list(iter_elements(package.xml_root("word/styles.xml"), "w:pBdr")):
        # The schema has this order; left and right change places.
        order = [qn(f"w:{side}") for side in ("top", "left", "bottom", "right", "between", "bar")]
        for side in list(border):
            other = next((_SIDES[name] for name in _SIDES if side.tag == qn(name)), "")
            if other:
                side.tag = qn(other)
        border[:] = sorted(border, key=lambda side: order.index(side.tag))


def _mirror_rtl_tables(root: Element) -> None:
    """Let the columns of a table whose first cell is right-to-left begin at the right."""
    for table in list(iter_elements(root, "w:tbl")):
        first = next((paragraph for paragraph in iter_elements(table, "w:p") if text_content(paragraph)), None)
        if first is not None and find_element(first, "w:pPr/w:bidi") is not None:
            properties, before = get_or_add_first(table, "w:tblPr"), {*map(qn, _BEFORE_DIRECTION)}
            if properties.find(qn("w:bidiVisual")) is None:
                properties.insert(sum(node.tag in before for node in properties), parse_element("<w:bidiVisual/>"))


def _paragraph_roots(package: Package) -> Iterator[Element]:
    """Yield the roots of the parts with paragraphs."""
    for kind in ("document", "header", "footer"):
        for name in package.part_names(f"word/{kind}"):
            yield package.xml_root(name)


def _set_run_directions(paragraph: Element) -> None:
    """Set runs to the direction of their letters; one without, a number or a tab, stays as it is."""
    for run in iter_elements(paragraph, "w:r"):
        words, properties = text_content(run), get_or_add_first(run, "w:rPr")
        old = properties.find(qn("w:rtl"))
        if old is None and RTL_CHARACTERS.search(words):
            _insert_counted_from_end(
                properties, "w:rtl", ("w:cs", "w:em", "w:lang", "w:eastAsianLayout", "w:specVanish", "w:oMath")
            )
        elif old is not None and not RTL_CHARACTERS.search(words) and any(sign.isalpha() for sign in words):
            properties.remove(old)


def _insert_counted_from_end(properties: Element, name: str, behind: tuple[str, ...]) -> None:
    """Insert a property at its place counted from the end, before those named in `behind`."""
    names = {qn(other) for other in behind}
    properties.insert(sum(node.tag not in names for node in properties), parse_element(f"<{name}/>"))
