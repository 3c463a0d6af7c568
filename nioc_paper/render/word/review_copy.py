"""Review copy in Word: paragraph numbers in the margin, and Word's own line numbers.

A paragraph number is a run of the style Paragraph Number at the start of its paragraph. No other run has this style,
so a reader of the file can tell it from the text.
"""

from __future__ import annotations

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    get_attribute,
    insert_property,
    iter_elements,
    parse_element,
    qn,
    tab_xml,
)
from nioc_paper.render.word.page_size import to_twips
from nioc_paper.render.word.styles import BOXES

NUMBER_STYLE = "ParagraphNumber"
_HANGING, _DISTANCE = to_twips("13mm"), to_twips("15mm")
"""Distance from the text to the start of a paragraph number, and to the end of a line number."""
_TEXT_START_STYLES = ("Heading1", "Part")
_AFTER_LINE_NUMBERING = tuple(map(qn, ("w:pgNumType", "w:cols", "w:formProt", "w:vAlign", "w:noEndnote", "w:titlePg")))
"""Elements after the line numbers in the properties of a section (ECMA-376 part 1, 17.6.17)."""


def add_review_numbers(package: Package) -> None:
    """Move paragraph numbers into the margin, and number the lines of each page."""
    for paragraph in iter_elements(package.body, "w:p"):
        number = next((run for run in paragraph.iterchildren(qn("w:r")) if _is_number(run)), None)
        if number is not None:
            _move_to_margin(paragraph, number)
        if not any(node.text for node in iter_elements(paragraph, "w:t")):
            # Word would count the blank lines between boxes.
            insert_property(paragraph, parse_element("<w:suppressLineNumbers/>"))
    has_text_begun = False
    for node in iter_elements(package.body, "w:pStyle", "w:sectPr"):
        has_text_begun = has_text_begun or get_attribute(node) in _TEXT_START_STYLES
        if has_text_begun and node.tag == qn("w:sectPr"):
            _number_lines(node)


def _is_number(run: Element) -> bool:
    return get_attribute(find_element(run, "w:rPr/w:rStyle")) == NUMBER_STYLE


def _move_to_margin(paragraph: Element, number: Element) -> None:
    """Move the number of a paragraph into the margin, or keep it inside if a list, box or cell uses the margin."""
    text = next((t for run in number.itersiblings(qn("w:r")) for t in iter_elements(run, "w:t")), None)
    if text is None or not _has_free_margin(paragraph):
        return
    text.text = (text.text or "").lstrip(" ")
    gap = parse_element(tab_xml())
    gap.insert(0, parse_element(f'<w:rPr><w:rStyle w:val="{NUMBER_STYLE}"/></w:rPr>'))
    number.addnext(gap)
    indent = insert_property(paragraph, parse_element("<w:ind/>"))
    indent.set(qn("w:hanging"), str(_HANGING))


def _has_free_margin(paragraph: Element) -> bool:
    style = get_attribute(find_element(paragraph, "w:pPr/w:pStyle"))
    boxed = any(style in (kind, f"{kind}Title") for kind in BOXES) or style.startswith("PullQuote")
    is_in_cell = next(paragraph.iterancestors(qn("w:tc")), None) is not None
    return not (boxed or is_in_cell) and find_element(paragraph, "w:pPr/w:numPr") is None


def _number_lines(section: Element) -> None:
    count = parse_element(f'<w:lnNumType w:countBy="1" w:distance="{_DISTANCE}" w:restart="newPage"/>')
    place = next((n for n, node in enumerate(section) if node.tag in _AFTER_LINE_NUMBERING), len(section))
    section.insert(place, count)
