"""The lists that the template's styles count by, beside those of the text."""

from __future__ import annotations

from copy import deepcopy

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, get, iterate, number, qn, take_out
from nioc_paper.render.word.template.opened import Opened

_PART = "word/numbering.xml"
_APART = 5000
"""Pandoc numbers its lists from about 1000."""


def adopt(package: Package, template: Opened, styles: Element) -> None:
    """Copy the template's lists under numbers of their own, and have its styles count by those."""
    ours, theirs = package.xml(_PART), deepcopy(template.root("numbering"))
    for picture in list(iterate(theirs, "w:lvlPicBulletId")):
        take_out(picture)
    for node in [*iterate(theirs, "w:abstractNumId", "w:numId"), *iterate(styles, "w:numId")]:
        if get(node) != "0":
            _move(node, "w:val")
    first = next((index for index, node in enumerate(ours) if node.tag == qn("w:num")), len(ours))
    for index, pattern in enumerate(theirs.findall(qn("w:abstractNum"))):
        _move(pattern, "w:abstractNumId")
        ours.insert(first + index, pattern)
    for list_ in theirs.findall(qn("w:num")):
        _move(list_, "w:numId")
        ours.append(list_)


def _move(node: Element, attribute: str) -> None:
    node.set(qn(attribute), str(number(node, attribute, 0) + _APART))
