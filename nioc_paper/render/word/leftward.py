"""A Word file whose language runs from right to left: what pandoc is not asked for, and sides that it does not know."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, child, element, find, get, insert_property, iterate, qn
from nioc_paper.render.bidi import RIGHT

_SIDES = {"w:left": "w:right", "w:right": "w:left"}
_OURS = ("Cover", "Title", "Subtitle", "Imprint", "TOC", "TableOfFigures", "ListHeading", "Header", "Folio")
"""How the styles begin of paragraphs that are written without pandoc."""
_HEADINGS = ("Heading", "Part")


def turn_headings(package: Package, way: str) -> None:
    """Each heading in the direction of the script that it begins with: chapters can be in another than the paper."""
    if way == "rtl":
        for style in iterate(package.xml("word/styles.xml"), "w:style"):
            if get(style, "w:styleId").startswith(_HEADINGS):
                insert_property(style, element("<w:bidi/>"))
    for heading in iterate(package.body, "w:p"):
        if get(find(heading, "w:pPr/w:pStyle")).startswith(_HEADINGS):
            right = _begins_right(heading)
            if right or way == "rtl":
                insert_property(heading, element("<w:bidi/>")).set(qn("w:val"), str(int(right)))
                _turn_runs(heading)


def turn(package: Package) -> None:
    """Lines, tables, pages and the bars beside boxes begin on the right, in heads and feet too.

    What pandoc wrote has its direction already: it knows which texts, and which words inside them, run the other way.
    """
    for root in _texts(package):
        for paragraph in list(iterate(root, "w:p")):
            _turn_paragraph(paragraph)
        for table in list(iterate(root, "w:tbl")):
            first = next((paragraph for paragraph in iterate(table, "w:p") if _words(paragraph)), None)
            if first is not None and find(first, "w:pPr/w:bidi") is not None:
                _put_first(child(table, "w:tblPr"), "w:bidiVisual", ("w:tblStyle", "w:tblpPr", "w:tblOverlap"))
        for section in list(iterate(root, "w:sectPr")):
            _put_last(section, "w:bidi", ("w:rtlGutter", "w:docGrid", "w:printerSettings", "w:sectPrChange"))
    for border in list(iterate(package.xml("word/styles.xml"), "w:pBdr")):
        _mirror(border)


def _texts(package: Package) -> Iterator[Element]:
    """The roots of the parts that hold paragraphs."""
    for kind in ("document", "header", "footer"):
        for name in package.names(f"word/{kind}"):
            yield package.xml(name)


def _turn_paragraph(paragraph: Element) -> None:
    if get(find(paragraph, "w:pPr/w:pStyle")).startswith(_OURS):
        insert_property(paragraph, element("<w:bidi/>"))
        _turn_runs(paragraph)


def _turn_runs(paragraph: Element) -> None:
    """Runs in the direction of their letters; one that has none, a number or a tab, stays as it is."""
    for run in iterate(paragraph, "w:r"):
        words, properties = _words(run), child(run, "w:rPr")
        old = properties.find(qn("w:rtl"))
        if old is None and RIGHT.search(words):
            _put_last(properties, "w:rtl", ("w:cs", "w:em", "w:lang", "w:eastAsianLayout", "w:specVanish", "w:oMath"))
        elif old is not None and not RIGHT.search(words) and any(sign.isalpha() for sign in words):
            properties.remove(old)


def _words(node: Element) -> str:
    return "".join(text.text or "" for text in iterate(node, "w:t"))


def _begins_right(paragraph: Element) -> bool:
    first = next((sign for sign in _words(paragraph) if sign.isalpha()), "")
    return bool(RIGHT.match(first))


def _put_first(properties: Element, name: str, before: tuple[str, ...]) -> None:
    """A property at the place that Word's schema has for it, behind those that stand `before` it; once."""
    if properties.find(qn(name)) is None:
        names = {qn(other) for other in before}
        properties.insert(sum(node.tag in names for node in properties), element(f"<{name}/>"))


def _put_last(properties: Element, name: str, behind: tuple[str, ...]) -> None:
    """The same, counted from the end: those that stand `behind` it."""
    names = {qn(other) for other in behind}
    properties.insert(sum(node.tag not in names for node in properties), element(f"<{name}/>"))


def _mirror(border: Element) -> None:
    """Swap the sides, in the order of the schema: top, left, bottom, right."""
    order = [qn(f"w:{side}") for side in ("top", "left", "bottom", "right", "between", "bar")]
    for side in list(border):
        other = next((_SIDES[name] for name in _SIDES if side.tag == qn(name)), "")
        if other:
            side.tag = qn(other)
    border[:] = sorted(border, key=lambda side: order.index(side.tag))
