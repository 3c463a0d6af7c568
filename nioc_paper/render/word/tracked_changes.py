"""Parts of tracked changes that pandoc does not write: paragraph ends, table rows, moves, and unique ids."""

from __future__ import annotations

from itertools import count

from lxml import etree

from nioc_paper.model import PARAGRAPH_MARK_PREFIX, Revision
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    get_attribute,
    get_or_add_first,
    iter_elements,
    parse_element,
    qn,
    remove_element,
)

_PARTS = ("word/document.xml", "word/footnotes.xml")
_CHANGE_TAGS = {"ins": "w:ins", "del": "w:del", "from": "w:moveFrom", "to": "w:moveTo"}
_MOVE_RANGES = {"w:moveFromRangeStart": "w:moveFromRangeEnd", "w:moveToRangeStart": "w:moveToRangeEnd"}
_DELETED_NAMES = {"w:t": "w:delText", "w:instrText": "w:delInstrText"}
"""Names of text elements in a deleted run (ECMA-376 part 1, 17.3.3.7 and 17.16.13)."""


def complete_changes(package: Package, revision: Revision) -> None:
    """Complete the tracked changes of a file that pandoc wrote from a compared tree."""
    ids = map(str, count(1))
    for name in _PARTS:
        if name in package:
            root = package.xml_root(name)
            _move_into_links(root)
            _rename_deleted_text(root)
            _mark_paragraph_ends(root, revision)
            for row in iter_elements(root, "w:tr"):
                ends = [_end_changes(paragraph) for paragraph in iter_elements(row, "w:p")]
                for kind, other in (("w:ins", "w:moveTo"), ("w:del", "w:moveFrom")):
                    if ends and all(end & {kind, other} for end in ends):
                        get_or_add_first(row, "w:trPr").append(_change_element(kind, revision))
            for node in iter_elements(root, *_CHANGE_TAGS.values()):  # pandoc repeats some ids, which Word refuses
                node.set(qn("w:id"), next(ids))
            for begin, end in _MOVE_RANGES.items():
                # Moves do not overlap: the first end belongs to the first start.
                for start, stop in zip(iter_elements(root, begin), iter_elements(root, end), strict=True):
                    number = next(ids)
                    start.set(qn("w:id"), number)
                    stop.set(qn("w:id"), number)


def _move_into_links(root: Element) -> None:
    """Move changes into links: pandoc writes them around links, where Word's schema does not allow them."""
    for change in [c for c in iter_elements(root, "w:ins", "w:del") if c.find(qn("w:hyperlink")) is not None]:
        for node in list(change):
            around = parse_element(f"<w:{etree.QName(change).localname}/>")
            around.attrib.update(change.attrib)
            change.addprevious(around)
            if node.tag == qn("w:hyperlink"):
                around.extend(list(node))
                around.addprevious(node)
                node.append(around)
            else:
                around.append(node)
        remove_element(change)


def _rename_deleted_text(root: Element) -> None:
    """Rename deleted texts for Word: pandoc renames none in fields and tabs."""
    for change in iter_elements(root, "w:del"):
        for name, deleted_name in _DELETED_NAMES.items():
            for text in list(iter_elements(change, name)):
                text.tag = qn(deleted_name)


def _mark_paragraph_ends(root: Element, revision: Revision) -> None:
    ends = {get_attribute(node, "w:id"): node for node in iter_elements(root, "w:bookmarkEnd")}
    for start in list(iter_elements(root, "w:bookmarkStart")):
        name = get_attribute(start, "w:name")
        if not name.startswith(PARAGRAPH_MARK_PREFIX):
            continue
        paragraph = next(start.iterancestors(qn("w:p")))
        kind, _, number = name.removeprefix(PARAGRAPH_MARK_PREFIX).partition("-")
        remove_element(start)
        if (end := ends.get(get_attribute(start, "w:id"))) is not None:
            remove_element(end)
        if find_element(paragraph, "w:pPr/w:sectPr") is None:
            # Deleting the end of a paragraph that ends a section would delete the section.
            properties = get_or_add_first(paragraph, "w:pPr")
            if (marks := properties.find(qn("w:rPr"))) is None:
                marks = parse_element("<w:rPr/>")
                # Elements after it in the schema: the end of a section, and former properties.
                later = [n for n in properties if n.tag in (qn("w:sectPr"), qn("w:pPrChange"))]
                (later[0].addprevious if later else properties.append)(marks)
            marks.insert(0, _change_element(_CHANGE_TAGS[kind], revision))
        if kind in ("from", "to"):
            _mark_move(paragraph, kind, number.partition("-")[0], revision)


def _change_element(kind: str, revision: Revision, more: str = "") -> Element:
    change = parse_element(f'<{kind} w:id="0"{more}/>')
    change.set(qn("w:author"), revision.author)
    change.set(qn("w:date"), revision.date)
    return change


def _mark_move(paragraph: Element, kind: str, number: str, revision: Revision) -> None:
    """Mark a paragraph's changes as one half of a move: deleted here, inserted there."""
    old, new = ("w:del", "w:moveFrom") if kind == "from" else ("w:ins", "w:moveTo")
    for change in list(iter_elements(paragraph, old)):
        if next(change.iterancestors(), paragraph).tag == qn("w:rPr"):
            continue
        change.tag = qn(new)
        for name, deleted_name in _DELETED_NAMES.items():
            for text in list(iter_elements(change, deleted_name)):
                text.tag = qn(name)
    start = _change_element(f"{new}RangeStart", revision, f' w:name="move{number}"')
    get_or_add_first(paragraph, "w:pPr").addnext(start)
    paragraph.append(parse_element(f'<{new}RangeEnd w:id="0"/>'))


def _end_changes(paragraph: Element) -> set[str]:
    mark = find_element(paragraph, "w:pPr/w:rPr")
    return set() if mark is None else {kind for kind in _CHANGE_TAGS.values() if mark.find(qn(kind)) is not None}
