"""Piece of the Word file, a chapter or the front matter, in a form for cache and merge.

Bookmarks, notes, drawings, lists and relationships have numbers unique in the file, and lines of the contents have
page numbers. A piece numbers its own from 1 and leaves them open: its XML is a list of texts with open numbers between
them, so a merge joins texts.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import cast

from lxml import etree
from msgspec import Struct

from nioc_paper.ooxml.package import Package, read_relationships
from nioc_paper.ooxml.xml import NAMESPACES, Element, get_attribute, iter_elements, parse, qn
from nioc_paper.render.verify import docx_reader
from nioc_paper.render.word import rtl
from nioc_paper.render.word.list_page_numbers import destination_name

DOCUMENT_PART, NOTES_PART, NUMBERING_PART = "word/document.xml", "word/footnotes.xml", "word/numbering.xml"
NO_LIST_ID = 1000
"""Pandoc's number for paragraphs in no list; lists have higher ones."""
XmlWithOpenNumbers = Sequence[str]
"""XML, then the kind of a number, the number, XML, and so on."""
_NUMBERED_ELEMENTS: Mapping[str, tuple[str, str]] = {
    qn("w:bookmarkStart"): (qn("w:id"), "bookmark"),
    qn("w:bookmarkEnd"): (qn("w:id"), "bookmark"),
    qn("wp:docPr"): ("id", "drawing"),
    qn("pic:cNvPr"): ("id", "drawing"),
    qn("w:footnoteReference"): (qn("w:id"), "note"),
    qn("w:footnote"): (qn("w:id"), "note"),
    qn("w:numId"): (qn("w:val"), "list"),
    qn("w:num"): (qn("w:numId"), "list"),
}
"""Elements whose ids must be unique in the file: attribute and id space."""
_RELATION_ATTRIBUTES = (qn("r:id"), qn("r:embed"), qn("r:link"))
_FIND_RELATED = etree.XPath("//*[@r:id or @r:embed or @r:link]", namespaces={"r": NAMESPACES["r"]})
_HEADER_FOOTER_TAGS = (qn("w:headerReference"), qn("w:footerReference"))
"""Types of relationships to parts outside the piece."""


class PieceRelation(Struct, frozen=True):
    """Relationship of a piece."""

    source: str
    kind: str
    target: str
    external: bool


class WordPiece(Struct, frozen=True):
    """Parts of the file that a piece adds."""

    body: XmlWithOpenNumbers
    notes: XmlWithOpenNumbers
    lists: XmlWithOpenNumbers
    patterns: Mapping[str, str]
    """Definitions of its lists by pandoc's number; equal numbers are equal definitions."""
    links: Sequence[PieceRelation]
    """Relationship n is the n-th."""
    counts: Mapping[str, int]
    """Count of numbers of each kind."""
    held: docx_reader.PieceContents
    """Contents read back from it."""
    title_directions: Sequence[str]
    """Directions that chapter titles have of their own, as `w:bidi` writes them."""
    pictures: Mapping[str, bytes]
    """Pictures by file name; the name is the hash of the content."""


def extract_piece(package: Package, pictures: Mapping[bytes, bytes]) -> WordPiece:
    """Return the piece of a finished file, with `pictures` by their placeholders. Changes the file."""
    contents = docx_reader.read_package(package)
    roots = {name: package.xml_root(name) for name in (DOCUMENT_PART, NOTES_PART)}
    for note in list(roots[NOTES_PART]):
        if get_attribute(note, "w:type"):
            roots[NOTES_PART].remove(note)  # the separator lines of notes are in the file template
    marker = _unused_marker([*roots.values(), package.xml_root(NUMBERING_PART)])
    links, pictures_by_name = _open_relations(package, roots, marker)
    counts = _open_numbers([*roots.values(), package.xml_root(NUMBERING_PART)], marker) | {"link": len(links)}
    _open_page_numbers(package.body, marker)
    lists = package.xml_root(NUMBERING_PART)
    numbered = [
        _to_xml(node) for node in lists.iterchildren(qn("w:num")) if get_attribute(node, "w:numId") != str(NO_LIST_ID)
    ]
    return WordPiece(
        _split_at_markers(_inner_xml(package.body, "w:body"), marker),
        _split_at_markers(_inner_xml(roots[NOTES_PART], "w:footnotes"), marker),
        _split_at_markers("".join(numbered), marker),
        {get_attribute(node, "w:abstractNumId"): _to_xml(node) for node in lists.iterchildren(qn("w:abstractNum"))},
        links,
        counts,
        contents,
        rtl.title_directions(package.body),
        {name: pictures.get(data, data) for name, data in pictures_by_name.items()},
    )


def fill_numbers(text: XmlWithOpenNumbers, resolve: Callable[[str, str], str]) -> str:
    """Return the XML with its numbers: `resolve` takes the kind of each, and its number in the piece."""
    out = [text[0]]
    for kind, number, more in zip(text[1::3], text[2::3], text[3::3], strict=True):
        out += (resolve(kind, number), more)
    return "".join(out)


# --- numbers left open ------------------------------------------------------------------------------------------------


def _unused_marker(roots: Iterable[Element]) -> str:
    """Return a character that the text does not contain, to mark open numbers."""
    text, marker = "".join(map(_to_xml, roots)), "@@"
    while marker in text:
        marker += "@"
    return marker


def _open_relations(
    package: Package, roots: Mapping[str, Element], marker: str
) -> tuple[list[PieceRelation], dict[str, bytes]]:
    """Return the relationships of the piece, each with an open number, and its pictures."""
    links: list[PieceRelation] = []
    pictures: dict[str, bytes] = {}
    for source, root in roots.items():
        # Pandoc relates the pictures of notes to the text, with ids that are unique in the file.
        sources = dict.fromkeys((DOCUMENT_PART, source))
        related = {relation.id: relation for each in sources for relation in read_relationships(package, each)}
        for node in cast("list[Element]", _FIND_RELATED(root)):
            for name in _RELATION_ATTRIBUTES if node.tag not in _HEADER_FOOTER_TAGS else ():
                if (relation := related.get(node.get(name, ""))) is None:
                    continue
                target = relation.target
                if not relation.external:
                    data = package.part_bytes(target)
                    target = f"word/media/{hashlib.sha256(data).hexdigest()[:20]}{posixpath.splitext(target)[1]}"
                    pictures[target] = data
                links.append(PieceRelation(source, relation.kind, target, relation.external))
                node.set(name, f"{marker}link:{len(links)}{marker}")
    return links, pictures


def _open_numbers(roots: Iterable[Element], marker: str) -> dict[str, int]:
    """Open all numbers; return the count of each kind."""
    numbers_by_kind: dict[str, dict[str, int]] = {kind: {} for _, kind in _NUMBERED_ELEMENTS.values()}
    for node in (node for root in roots for node in root.iter(*_NUMBERED_ELEMENTS)):
        name, kind = _NUMBERED_ELEMENTS[str(node.tag)]
        old = node.get(name, "")
        if kind != "list" or int(old) > NO_LIST_ID:
            # A drawing has two ids; the ends of a bookmark, or a note and its call, have one.
            new = numbers_by_kind[kind].setdefault(old, len(numbers_by_kind[kind]) + 1)
            node.set(name, f"{marker}{kind}:{new}{marker}")
    return {kind: len(numbers) for kind, numbers in numbers_by_kind.items()}


def _open_page_numbers(body: Element, marker: str) -> None:
    """Open the page numbers in the lists."""
    target = ""
    for node in iter_elements(body, "w:instrText", "w:t"):
        if node.tag == qn("w:instrText"):
            words = (node.text or "").split()
            target = words[1] if words[:1] == ["PAGEREF"] else ""
        elif target:
            node.text, target = f"{marker}page:{target}{marker}", ""


def _split_at_markers(xml: str, marker: str) -> list[str]:
    return re.split(f"{marker}(\\w+):(.*?){marker}", xml)


def _inner_xml(root: Element, name: str) -> str:
    """Return the XML inside an element, with the prefixes that pandoc declares at the root of each part."""
    xml = _to_xml(root.getroottree().getroot())
    start = xml.find(">", xml.find(f"<{name}")) + 1
    return xml[start : xml.rfind(f"</{name}>")] if f"</{name}>" in xml else ""


def _to_xml(node: Element) -> str:
    return etree.tostring(node, encoding="unicode", with_tail=False)


# --- merge: numbers continue from piece to piece ----------------------------------------------------------------------


UNKNOWN_PAGE = "–"
"""Placeholder of a page number until the layout is known."""
_FIRST_RELATION = 1000
"""Lower numbers are relationships of the file template."""


def merge_pieces(package: Package, pieces: Iterable[WordPiece], pages: Callable[[], Mapping[str, str]]) -> bool:
    """Merge pieces into a file without a text. Returns False if a page number of its lists is unknown.

    `pages` are by `destination`. It is called last, after everything without page numbers is written.
    """
    merger = _WordMerger(package, [*pieces], pages)
    merger.write_other_parts()
    merger.write_bodies()
    return not merger.has_unknown_page


class _WordMerger:
    """Merge in progress."""

    def __init__(self, package: Package, pieces: Sequence[WordPiece], pages: Callable[[], Mapping[str, str]]) -> None:
        self.package, self.pieces, self.pages, self.has_unknown_page = package, pieces, pages, False
        counts = (Counter(piece.counts) for piece in pieces)
        self.offsets = [*accumulate(counts, initial=Counter(list=NO_LIST_ID, link=_FIRST_RELATION))]

    def write_other_parts(self) -> None:
        """Write notes, lists, links and pictures of all pieces."""
        notes, lists = [], []
        for piece, offsets_before in zip(self.pieces, self.offsets, strict=False):
            resolve = partial(self.resolve_number, offsets_before)
            notes.append(fill_numbers(piece.notes, resolve))
            lists.append(fill_numbers(piece.lists, resolve))
            for number, link in enumerate(piece.links, 1):
                new_id, external = resolve("link", str(number)), link.external
                self.package.add_relationship_as(link.source, new_id, link.kind, link.target, external=external)
            for name, data in piece.pictures.items():
                if name not in self.package:
                    self.package.add_part(name, data, f"image/{_IMAGE_TYPES.get(name.rpartition('.')[2], 'png')}")
        head, end, _ = self.package.part_bytes(NOTES_PART).decode().rpartition("</w:footnotes>")
        self.package.set_part(NOTES_PART, f"{head}{''.join(notes)}{end}".encode())
        numbering = self.package.xml_root(NUMBERING_PART)
        numbered = [node for node in numbering if get_attribute(node, "w:numId") == str(NO_LIST_ID)]
        patterns = {name: pattern for piece in self.pieces for name, pattern in piece.patterns.items()}
        numbering[:] = [parse(patterns[name].encode()) for name in sorted(patterns, key=int)] + numbered
        numbering.extend(parse(f"<w:_ xmlns:w='{numbering.nsmap['w']}'>{''.join(lists)}</w:_>".encode()))

    def write_bodies(self) -> None:
        """Write the bodies of all pieces; those with page numbers are filled last."""
        bodies = [""] * len(self.pieces)
        for index in sorted(range(len(bodies)), key=lambda place: "page" in self.pieces[place].body[1::3]):
            bodies[index] = fill_numbers(self.pieces[index].body, partial(self.resolve_number, self.offsets[index]))
        head = self.package.part_bytes(DOCUMENT_PART).decode().partition("<w:body>")[0]
        self.package.set_part(DOCUMENT_PART, f"{head}<w:body>{''.join(bodies)}</w:body></w:document>".encode())

    def resolve_number(self, offsets_before: Mapping[str, int], kind: str, number: str) -> str:
        """Return the file's number for an open number of a piece; `offsets_before` are the counts of earlier pieces."""
        if kind == "page":
            page = self.pages().get(destination_name(number), UNKNOWN_PAGE)
            self.has_unknown_page = self.has_unknown_page or page == UNKNOWN_PAGE
            return page
        return f"{'rId' if kind == 'link' else ''}{offsets_before[kind] + int(number)}"


_IMAGE_TYPES = {"jpg": "jpeg", "jpeg": "jpeg", "gif": "gif"}
"""Media types by the ending of pandoc's file names; all others are PNG."""
