"""What pandoc does not write of tracked changes: ends of paragraphs, rows of tables, moves, and an id for each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from lxml import etree

from nioc_paper.model import PARAGRAPH, Revision
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, child, element, find, get, iterate, qn, take_out

_PARTS = ("word/document.xml", "word/footnotes.xml")
_KINDS = {"ins": "w:ins", "del": "w:del", "from": "w:moveFrom", "to": "w:moveTo"}
_RANGES = {"w:moveFromRangeStart": "w:moveFromRangeEnd", "w:moveToRangeStart": "w:moveToRangeEnd"}
_GONE = {"w:t": "w:delText", "w:instrText": "w:delInstrText"}
"""What the texts in a run are called when the run is taken out (ECMA-376 part 1, 17.3.3.7 and 17.16.13)."""


def mark(package: Package, revision: Revision) -> None:
    """Complete the tracked changes of a file that pandoc wrote from a compared tree."""
    ids = map(str, count(1))
    for name in _PARTS:
        if name in package:
            root = package.xml(name)
            _links(root)
            _texts(root)
            _paragraphs(root, revision)
            _rows(root, revision)
            _number(root, ids)


def _number(root: Element, ids: Iterator[str]) -> None:
    """A number of its own for each change: pandoc gives some the same, and Word then calls the file damaged."""
    for node in iterate(root, *_KINDS.values()):
        node.set(qn("w:id"), next(ids))
    for begin, end in _RANGES.items():
        # They do not overlap, so that the first end is that of the first beginning.
        for start, stop in zip(iterate(root, begin), iterate(root, end), strict=True):
            number = next(ids)
            start.set(qn("w:id"), number)
            stop.set(qn("w:id"), number)


def _links(root: Element) -> None:
    """Changes inside of links: pandoc has them around links, where Word's schema has no place for them."""
    for change in [c for c in iterate(root, "w:ins", "w:del") if c.find(qn("w:hyperlink")) is not None]:
        for node in list(change):
            around = element(f"<w:{etree.QName(change).localname}/>")
            around.attrib.update(change.attrib)
            change.addprevious(around)
            if node.tag == qn("w:hyperlink"):
                around.extend(list(node))
                around.addprevious(node)
                node.append(around)
            else:
                around.append(node)
        take_out(change)


def _texts(root: Element) -> None:
    """Texts that are taken out by the name that Word has for them: pandoc leaves those of fields and tabs alone."""
    for change in iterate(root, "w:del"):
        for name, gone in _GONE.items():
            for text in list(iterate(change, name)):
                text.tag = qn(gone)


def _paragraphs(root: Element, revision: Revision) -> None:
    ends = {get(node, "w:id"): node for node in iterate(root, "w:bookmarkEnd")}
    for start in list(iterate(root, "w:bookmarkStart")):
        name = get(start, "w:name")
        if not name.startswith(PARAGRAPH):
            continue
        paragraph = next(start.iterancestors(qn("w:p")))
        kind, _, number = name.removeprefix(PARAGRAPH).partition("-")
        take_out(start)
        if (end := ends.get(get(start, "w:id"))) is not None:
            take_out(end)
        if find(paragraph, "w:pPr/w:sectPr") is None:
            # With the end of a paragraph that ends a section its pages would go.
            _end(paragraph, _KINDS[kind], revision)
        if kind in ("from", "to"):
            _moved(paragraph, kind, number.partition("-")[0], revision)


def _end(paragraph: Element, kind: str, revision: Revision) -> None:
    properties = child(paragraph, "w:pPr")
    marks = properties.find(qn("w:rPr"))
    if marks is None:
        marks = element("<w:rPr/>")
        # What stands after it in the schema: the end of a section, and former properties.
        later = [n for n in properties if n.tag in (qn("w:sectPr"), qn("w:pPrChange"))]
        (later[0].addprevious if later else properties.append)(marks)
    marks.insert(0, _change(kind, revision))


def _change(kind: str, revision: Revision, more: str = "") -> Element:
    change = element(f'<{kind} w:id="0"{more}/>')
    change.set(qn("w:author"), revision.author)
    change.set(qn("w:date"), revision.date)
    return change


def _moved(paragraph: Element, kind: str, number: str, revision: Revision) -> None:
    """A paragraph's changes as one half of a move: what was taken out here was put in there."""
    old, new = ("w:del", "w:moveFrom") if kind == "from" else ("w:ins", "w:moveTo")
    for change in list(iterate(paragraph, old)):
        if next(change.iterancestors(), paragraph).tag == qn("w:rPr"):
            continue
        change.tag = qn(new)
        for name, gone in _GONE.items():
            for text in list(iterate(change, gone)):
                text.tag = qn(name)
    start = _change(f"{new}RangeStart", revision, f' w:name="move{number}"')
    child(paragraph, "w:pPr").addnext(start)
    paragraph.append(element(f'<{new}RangeEnd w:id="0"/>'))


def _rows(root: Element, revision: Revision) -> None:
    """A row is new or gone when each of its paragraphs is."""
    for row in iterate(root, "w:tr"):
        ends = [_ended(paragraph) for paragraph in iterate(row, "w:p")]
        for kind, other in (("w:ins", "w:moveTo"), ("w:del", "w:moveFrom")):
            if ends and all(end & {kind, other} for end in ends):
                child(row, "w:trPr").append(_change(kind, revision))


def _ended(paragraph: Element) -> set[str]:
    mark = find(paragraph, "w:pPr/w:rPr")
    return set() if mark is None else {kind for kind in _KINDS.values() if mark.find(qn(kind)) is not None}
