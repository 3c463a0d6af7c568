"""A copy for review in Word: the numbers of paragraphs in the margin, and Word's own numbers of lines.

A number is a run of the style Paragraph Number at the head of its paragraph. Nothing else has that style, so whoever
reads the file back knows it from the text.
"""

from __future__ import annotations

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, element, find, get, insert_property, iterate, qn, tab
from nioc_paper.render.word.sheet import twips
from nioc_paper.render.word.styles import BOXES

STYLE = "ParagraphNumber"
_HANGING, _DISTANCE = twips("13mm"), twips("15mm")
"""From the text to the beginning of a paragraph's number, and to the end of a line's number."""
_TITLES = ("Heading1", "Part")
_BEFORE = tuple(map(qn, ("w:pgNumType", "w:cols", "w:formProt", "w:vAlign", "w:noEndnote", "w:titlePg")))
"""What stands after the numbers of lines among the properties of a section (ECMA-376 part 1, 17.6.17)."""


def mark(package: Package) -> None:
    """Bring the numbers of paragraphs into the margin, and have the lines of the text numbered anew on each page."""
    for paragraph in iterate(package.body, "w:p"):
        number = next((run for run in paragraph.iterchildren(qn("w:r")) if _is_number(run)), None)
        if number is not None:
            _lead(paragraph, number)
        if not any(node.text for node in iterate(paragraph, "w:t")):
            # Word would count the white lines between boxes.
            insert_property(paragraph, element("<w:suppressLineNumbers/>"))
    begun = False
    for node in iterate(package.body, "w:pStyle", "w:sectPr"):
        begun = begun or get(node) in _TITLES
        if begun and node.tag == qn("w:sectPr"):
            _count_lines(node)


def _is_number(run: Element) -> bool:
    return get(find(run, "w:rPr/w:rStyle")) == STYLE


def _lead(paragraph: Element, number: Element) -> None:
    """A paragraph that begins with its number: in the margin, or inside, where a list or a box has the margin."""
    text = next((t for run in number.itersiblings(qn("w:r")) for t in iterate(run, "w:t")), None)
    if text is None or not _is_free(paragraph):
        return
    text.text = (text.text or "").lstrip(" ")
    gap = element(tab())
    gap.insert(0, element(f'<w:rPr><w:rStyle w:val="{STYLE}"/></w:rPr>'))
    number.addnext(gap)
    indent = insert_property(paragraph, element("<w:ind/>"))
    indent.set(qn("w:hanging"), str(_HANGING))


def _is_free(paragraph: Element) -> bool:
    style = get(find(paragraph, "w:pPr/w:pStyle"))
    boxed = any(style in (kind, f"{kind}Title") for kind in BOXES) or style.startswith("PullQuote")
    return not boxed and find(paragraph, "w:pPr/w:numPr") is None


def _count_lines(section: Element) -> None:
    count = element(f'<w:lnNumType w:countBy="1" w:distance="{_DISTANCE}" w:restart="newPage"/>')
    place = next((n for n, node in enumerate(section) if node.tag in _BEFORE), len(section))
    section.insert(place, count)
