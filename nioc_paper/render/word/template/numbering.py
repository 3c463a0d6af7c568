"""Lists of the template's styles, beside those of the text."""

from __future__ import annotations

from copy import deepcopy

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, get_attribute, iter_elements, number_attribute, qn, remove_element
from nioc_paper.render.word.template.template_file import TemplateFile

_PART = "word/numbering.xml"
_NUMBER_OFFSET = 5000
"""Pandoc numbers its lists from about 1000."""


def copy_lists(package: Package, template: TemplateFile, styles: Element) -> None:
    """Copy the template's lists under new numbers, and let its styles use them."""
    ours, theirs = package.xml_root(_PART), deepcopy(template.root("numbering"))
    for picture in list(iter_elements(theirs, "w:lvlPicBulletId")):
        remove_element(picture)
    for node in [*iter_elements(theirs, "w:abstractNumId", "w:numId"), *iter_elements(styles, "w:numId")]:
        if get_attribute(node) != "0":
            _shift_number(node, "w:val")
    first = next((index for index, node in enumerate(ours) if node.tag == qn("w:num")), len(ours))
    for index, pattern in enumerate(theirs.findall(qn("w:abstractNum"))):
        _shift_number(pattern, "w:abstractNumId")
        ours.insert(first + index, pattern)
    for list_ in theirs.findall(qn("w:num")):
        _shift_number(list_, "w:numId")
        ours.append(list_)


def _shift_number(node: Element, attribute: str) -> None:
    node.set(qn(attribute), str(number_attribute(node, attribute, 0) + _NUMBER_OFFSET))
