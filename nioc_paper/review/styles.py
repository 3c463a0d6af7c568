"""What the styles and the looks of a Word file mean: kinds of paragraphs, and how words are set."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, find, get, iterate, qn

_HEADING = re.compile(r"heading (\d)$", re.IGNORECASE)
_MARKS: Mapping[str, str] = {"w:b": "Strong", "w:i": "Emph", "w:strike": "Strikeout"}
_OFF = ("0", "false", "none")


class Styles:
    """The styles and lists of a file."""

    def __init__(self, package: Package) -> None:
        styles = iterate(package.xml("word/styles.xml"), "w:style") if "word/styles.xml" in package else ()
        self._names = {get(style, "w:styleId"): get(find(style, "w:name")) for style in styles}
        self._bullets = _bullets(package)

    def of(self, node: Element) -> str:
        """The name of the style of a paragraph or a run; empty where it has none."""
        return self._names.get(get(find(node, "w:pPr/w:pStyle")) or get(find(node, "w:rPr/w:rStyle")), "")

    def kind(self, paragraph: Element, *, in_cell: bool) -> tuple[str, int, bool]:
        """What a paragraph is, its level, and whether it is an item of a numbered list: see Leaf."""
        style = self.of(paragraph)
        if heading := _HEADING.match(style):
            return "heading", int(heading[1]), False
        if in_cell:
            return "cell", 0, False
        if "caption" in style.lower():
            return "caption", 0, False
        listed = find(paragraph, "w:pPr/w:numPr")
        if listed is not None and get(find(listed, "w:numId")) != "0":
            level = number_in(get(find(listed, "w:ilvl")), 0)
            return "item", level + 1, get(find(listed, "w:numId")) not in self._bullets
        return "para", 0, False


def set_as(run: Element) -> frozenset[str]:
    """How a run is set: see Token."""
    properties = find(run, "w:rPr")
    if properties is None:
        return frozenset()
    found = {
        mark
        for name, mark in _MARKS.items()
        if (node := properties.find(qn(name))) is not None and get(node) not in _OFF
    }
    raised = {"superscript": "Superscript", "subscript": "Subscript"}.get(get(find(properties, "w:vertAlign")), "")
    code = "Code" if "verbatim" in get(find(properties, "w:rStyle")).lower() else ""
    return frozenset(found | {m for m in (raised, code) if m})


def number_in(text: str, least: int) -> int:
    """A number of the file; the least that it can be where it is none, or more than Word would write."""
    return max(int(text), least) if re.fullmatch(r"[0-9]{1,3}", text) else least


def _bullets(package: Package) -> set[str]:
    """The ids of lists without numbers."""
    if "word/numbering.xml" not in package:
        return set()
    root = package.xml("word/numbering.xml")
    plain = {
        get(each, "w:abstractNumId")
        for each in iterate(root, "w:abstractNum")
        if get(find(each, "w:lvl/w:numFmt")) in ("bullet", "none")
    }
    return {get(each, "w:numId") for each in iterate(root, "w:num") if get(find(each, "w:abstractNumId")) in plain}
