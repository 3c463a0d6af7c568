"""Kinds of paragraphs and formatting of runs, from the styles of a Word file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    first_children,
    get_attribute,
    iter_elements,
    number_attribute,
    qn,
)
from nioc_paper.review.docx.docx_text import HIDDEN, ParagraphKind

INSTRUCTIONS_STYLE = "Review Instructions"
"""Style of the lines for reviewers above a chapter."""
_HEADING = re.compile(r"(?:panel )?heading (\d)$", re.IGNORECASE)
_FORMATTING_ELEMENTS: Mapping[str, str] = {
    qn("w:b"): "Strong",
    qn("w:i"): "Emph",
    qn("w:strike"): "Strikeout",
    qn("w:dstrike"): "Strikeout",
    qn("w:vanish"): HIDDEN,
}
_VERTICAL_FORMATTING: Mapping[str, str] = {"superscript": "Superscript", "subscript": "Subscript"}
_IGNORED_ELEMENTS: Mapping[str, str] = {
    qn("w:highlight"): "highlighting",
    qn("w:color"): "colours",
    qn("w:u"): "underlining",
    qn("w:caps"): "capitals",
    qn("w:smallCaps"): "small capitals",
    qn("w:rFonts"): "typefaces",
    qn("w:sz"): "font sizes",
}
_PARAGRAPH_STYLE, _RUN_STYLE = qn("w:pStyle"), qn("w:rStyle")
_ALIGNMENTS = ("center", "right", "end")
_MAX_LEVELS = 9
"""Levels of a list in Word."""
_OFF_VALUES = ("0", "false", "off", "none")


class DocxStyles:
    """Styles and lists of a file."""

    def __init__(self, package: Package) -> None:
        styles = iter_elements(package.xml_root("word/styles.xml"), "w:style") if "word/styles.xml" in package else ()
        self._names = {
            get_attribute(style, "w:styleId"): get_attribute(find_element(style, "w:name")) for style in styles
        }
        self._list_levels = _read_list_levels(package)

    def find_name(self, properties: Mapping[str, Element]) -> str:
        """Return the name of the style in the properties of a paragraph or run; empty without one."""
        style = properties.get(_PARAGRAPH_STYLE, properties.get(_RUN_STYLE))
        return self._names.get(get_attribute(style), "")

    def classify(self, properties: Mapping[str, Element], *, in_cell: bool) -> tuple[ParagraphKind, int, bool, str]:
        """Return kind and level of a paragraph, whether it is a numbered item, and the pattern of an item's sign."""
        style = self.find_name(properties)
        if heading := _HEADING.match(style):
            return "heading", int(heading[1]), False, ""
        if in_cell:
            return "cell", 0, False, ""
        if "caption" in style.lower():
            return "caption", 0, False, ""
        listed = properties.get(qn("w:numPr"))
        if listed is not None and get_attribute(find_element(listed, "w:numId")) != "0":
            level = parse_number(get_attribute(find_element(listed, "w:ilvl")), 0)
            list_id = get_attribute(find_element(listed, "w:numId"))
            own = self._list_levels.get((list_id, level), _ListLevel(True, 0, ""))
            return "item", self._level_by_indent(list_id, level, _read_indent(properties)) + 1, own.ordered, own.sign
        return "para", 0, False, ""

    def _level_by_indent(self, list_id: str, level: int, indent: int) -> int:
        """Return the level of its list that an item looks like: an indent of its own can move it to another one."""
        own = {n: each.indent for (name, n), each in self._list_levels.items() if name == list_id}
        deeper = (n for n in range(level + 1, _MAX_LEVELS) if own.get(level, 0) < own.get(n, 0) <= indent)
        return max(deeper, default=level)


def is_on(node: Element | None) -> bool:
    """Return whether a property is there, and not switched off by its value."""
    return node is not None and get_attribute(node) not in _OFF_VALUES


def read_formatting(properties: Mapping[str, Element]) -> frozenset[str]:
    """Return the formatting in the properties of a run: see Token."""
    if not properties:
        return frozenset()
    formatting = {kind for name, kind in _FORMATTING_ELEMENTS.items() if is_on(properties.get(name))}
    vertical = _VERTICAL_FORMATTING.get(get_attribute(properties.get(qn("w:vertAlign"))), "")
    code = "Code" if "verbatim" in get_attribute(properties.get(_RUN_STYLE)).lower() else ""
    return frozenset(formatting | {other for other in (vertical, code) if other})


def ignored_formatting(properties: Mapping[str, Element]) -> list[str]:
    """Return the kinds of direct formatting in the properties of a run that a chapter cannot hold."""
    nodes = ((kind, properties.get(name)) for name, kind in _IGNORED_ELEMENTS.items())
    return [kind for kind, node in nodes if node is not None and get_attribute(node) not in (*_OFF_VALUES, "auto")]


def ignored_layout(paragraph: Element, properties: Mapping[str, Element]) -> Iterator[str]:
    """Yield the kinds of layout of a paragraph that a chapter cannot hold."""
    if get_attribute(properties.get(qn("w:jc"))) in _ALIGNMENTS:
        yield "alignment"
    breaks = [get_attribute(node, "w:type") for node in iter_elements(paragraph, "w:br")]
    yield from ("line breaks" for kind in breaks if kind in ("", "textWrapping"))
    if "page" in breaks or is_on(properties.get(qn("w:pageBreakBefore"))):
        yield "page breaks"


def parse_number(text: str, minimum: int) -> int:
    """Parse a number of the file; returns `minimum` for no number, or for one larger than Word writes."""
    return max(int(text), minimum) if re.fullmatch(r"[0-9]{1,3}", text) else minimum


class _ListLevel(NamedTuple):
    """Level of a list."""

    ordered: bool
    indent: int
    """Indent of its items from the left, in twentieths of a point; 0 if the list gives none."""
    sign: str
    """Pattern of the bullet or number before an item, as text."""


def _read_list_levels(package: Package) -> dict[tuple[str, int], _ListLevel]:
    """Return the levels of the lists by the id of the list and the number of the level, from 0."""
    if "word/numbering.xml" not in package:
        return {}
    root = package.xml_root("word/numbering.xml")
    levels = {
        get_attribute(each, "w:abstractNumId"): {
            parse_number(get_attribute(level, "w:ilvl"), 0): _ListLevel(
                get_attribute(find_element(level, "w:numFmt")) not in ("bullet", "none"),
                _read_indent(first_children(find_element(level, "w:pPr"))),
                _read_sign(level),
            )
            for level in iter_elements(each, "w:lvl")
        }
        for each in iter_elements(root, "w:abstractNum")
    }
    return {
        (get_attribute(each, "w:numId"), number): level
        for each in iter_elements(root, "w:num")
        for number, level in levels.get(get_attribute(find_element(each, "w:abstractNumId")), {}).items()
    }


def _read_sign(level: Element) -> str:
    kind, text = (get_attribute(find_element(level, name)) for name in ("w:numFmt", "w:lvlText"))
    sign = re.sub(r"%\d", r"\\d+" if kind == "decimal" else r"[^\\W\\d_]+", re.escape(text))
    return rf"(?:{sign}|[^\w\s])(?=\s)"  # as text, a bullet has another font and code


def _read_indent(properties: Mapping[str, Element]) -> int:
    """Return the left indent in the properties of a paragraph, or of a level of a list; 0 without one."""
    indent = properties.get(qn("w:ind"))
    return number_attribute(indent, "w:left", number_attribute(indent, "w:start", 0))
