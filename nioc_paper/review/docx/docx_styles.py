"""Kinds of paragraphs and formatting of runs, from the styles of a Word file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, find_element, get_attribute, iter_elements, qn
from nioc_paper.review.docx.paragraph import ParagraphKind

INSTRUCTIONS_STYLE = "Review Instructions"
"""Style of the lines for reviewers above a chapter."""
_HEADING = re.compile(r"heading (\d)$", re.IGNORECASE)
_FORMATTING_ELEMENTS: Mapping[str, str] = {"w:b": "Strong", "w:i": "Emph", "w:strike": "Strikeout"}
_IGNORED_ELEMENTS: Mapping[str, str] = {
    "w:highlight": "highlighting",
    "w:color": "colours",
    "w:u": "underlining",
    "w:caps": "capitals",
    "w:smallCaps": "small capitals",
}
_OFF_VALUES = ("0", "false", "none")


class ParagraphClass(NamedTuple):
    """Kind of a paragraph, its level, and whether it is an item of a numbered list: see Paragraph."""

    kind: ParagraphKind
    level: int = 0
    ordered: bool = False


class DocxStyles:
    """Styles and lists of a file."""

    def __init__(self, package: Package) -> None:
        styles = iter_elements(package.xml_root("word/styles.xml"), "w:style") if "word/styles.xml" in package else ()
        self._names = {
            get_attribute(style, "w:styleId"): get_attribute(find_element(style, "w:name")) for style in styles
        }
        self._bullet_levels = _bullet_levels(package)

    def find_name(self, node: Element) -> str:
        """Return the name of the style of a paragraph or run; empty without one."""
        return self._names.get(
            get_attribute(find_element(node, "w:pPr/w:pStyle")) or get_attribute(find_element(node, "w:rPr/w:rStyle")),
            "",
        )

    def classify(self, paragraph: Element, *, in_cell: bool) -> ParagraphClass:
        """Return the kind of a paragraph, by its style, or by its list."""
        style = self.find_name(paragraph)
        if heading := _HEADING.match(style):
            return ParagraphClass("heading", int(heading[1]))
        if in_cell:
            return ParagraphClass("cell")
        if "caption" in style.lower():
            return ParagraphClass("caption")
        listed = find_element(paragraph, "w:pPr/w:numPr")
        if listed is not None and get_attribute(find_element(listed, "w:numId")) != "0":
            level = parse_number(get_attribute(find_element(listed, "w:ilvl")), 0)
            ordered = (get_attribute(find_element(listed, "w:numId")), level) not in self._bullet_levels
            return ParagraphClass("item", level + 1, ordered)
        return ParagraphClass("para")


def read_formatting(run: Element) -> frozenset[str]:
    """Return the formatting of a run: see Token."""
    properties = find_element(run, "w:rPr")
    if properties is None:
        return frozenset()
    formatting = {
        kind
        for name, kind in _FORMATTING_ELEMENTS.items()
        if (node := properties.find(qn(name))) is not None and get_attribute(node) not in _OFF_VALUES
    }
    vertical = {"superscript": "Superscript", "subscript": "Subscript"}.get(
        get_attribute(find_element(properties, "w:vertAlign")), ""
    )
    code = "Code" if "verbatim" in get_attribute(find_element(properties, "w:rStyle")).lower() else ""
    return frozenset(formatting | {other for other in (vertical, code) if other})


def ignored_formatting(run: Element) -> list[str]:
    """Return the kinds of direct formatting of a run that a chapter cannot hold."""
    properties = find_element(run, "w:rPr")
    nodes = {} if properties is None else {kind: properties.find(qn(name)) for name, kind in _IGNORED_ELEMENTS.items()}
    return [
        kind for kind, node in nodes.items() if node is not None and get_attribute(node) not in (*_OFF_VALUES, "auto")
    ]


def parse_number(text: str, minimum: int) -> int:
    """Parse a number of the file; returns `minimum` for no number, or for one larger than Word writes."""
    return max(int(text), minimum) if re.fullmatch(r"[0-9]{1,3}", text) else minimum


def _bullet_levels(package: Package) -> set[tuple[str, int]]:
    """Return the ids of lists with their levels that have no numbers."""
    if "word/numbering.xml" not in package:
        return set()
    root = package.xml_root("word/numbering.xml")
    levels = {
        (get_attribute(each, "w:abstractNumId"), parse_number(get_attribute(level, "w:ilvl"), 0))
        for each in iter_elements(root, "w:abstractNum")
        for level in iter_elements(each, "w:lvl")
        if get_attribute(find_element(level, "w:numFmt")) in ("bullet", "none")
    }
    numbers = {
        get_attribute(each, "w:numId"): get_attribute(find_element(each, "w:abstractNumId"))
        for each in iter_elements(root, "w:num")
    }
    return {(number, level) for number, list_id in numbers.items() for other, level in levels if other == list_id}
