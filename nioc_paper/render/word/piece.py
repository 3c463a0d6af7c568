"""A piece of the Word file, a chapter or what stands before the text, finished for itself so that it can be kept.

Bookmarks, notes, drawings, lists and relationships have numbers that run through the whole file, and lines of the
contents have pages. A piece has its own numbers from 1, and leaves them open: its XML is a list of texts between which
they belong, so that joining pieces is joining texts.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import cast

from lxml import etree

from nioc_paper.ooxml import zips
from nioc_paper.ooxml.graft import relations
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import NAMESPACES, Element, get, iterate, qn
from nioc_paper.ooxml.zips import Packed
from nioc_paper.render.word import read

DOCUMENT, NOTES, LISTS = "word/document.xml", "word/footnotes.xml", "word/numbering.xml"
FIRST_LIST = 1000
"""Pandoc's number for what is in no list; those of lists follow."""
Text = Sequence[str]
"""XML, and after it the kind of a number, the number, more XML, and so on."""
_OPEN: Mapping[str, tuple[str, str]] = {
    qn("w:bookmarkStart"): (qn("w:id"), "bookmark"),
    qn("w:bookmarkEnd"): (qn("w:id"), "bookmark"),
    qn("wp:docPr"): ("id", "drawing"),
    qn("pic:cNvPr"): ("id", "drawing"),
    qn("w:footnoteReference"): (qn("w:id"), "note"),
    qn("w:footnote"): (qn("w:id"), "note"),
    qn("w:numId"): (qn("w:val"), "list"),
    qn("w:num"): (qn("w:numId"), "list"),
}
"""Elements with a number that runs through the file: its attribute, and what it counts."""
_LINKS = (qn("r:id"), qn("r:embed"), qn("r:link"))
_LINKED = etree.XPath("//*[@r:id or @r:embed or @r:link]", namespaces={"r": NAMESPACES["r"]})
_FURNITURE = (qn("w:headerReference"), qn("w:footerReference"))
"""They relate to what is not of the piece."""


@dataclass(frozen=True, slots=True)
class Link:
    """A relationship of a piece."""

    source: str
    kind: str
    target: str
    external: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """What a piece brings into the file."""

    body: Text
    notes: Text
    lists: Text
    patterns: Mapping[str, str]
    """What its lists look like, by pandoc's number, which is the same for the same look."""
    links: Sequence[Link]
    """The relationship with the number n is the n-th."""
    counts: Mapping[str, int]
    """How many numbers of each kind it needs."""
    held: read.Held
    """What was read back from it."""
    pictures: Mapping[str, Packed]
    """By the names of their files, which are those of what they hold."""


def taken(package: Package, pictures: Mapping[bytes, bytes], pack: Callable[[bytes], bytes]) -> Piece:
    """The piece that a finished file is, its `pictures` given by what stands for them. The file is used up by it.

    `pack` is that of `zips.packed`.
    """
    held = read.held(package)
    roots = {name: package.xml(name) for name in (DOCUMENT, NOTES)}
    for note in list(roots[NOTES]):
        if get(note, "w:type"):
            roots[NOTES].remove(note)  # the lines above notes are the shell's
    mark = _unused([*roots.values(), package.xml(LISTS)])
    links, shown = _linked(package, roots, mark)
    counts = _opened([*roots.values(), package.xml(LISTS)], mark) | {"link": len(links)}
    _open_pages(package.body, mark)
    lists = package.xml(LISTS)
    numbered = [_xml(node) for node in lists.iterchildren(qn("w:num")) if get(node, "w:numId") != str(FIRST_LIST)]
    return Piece(
        _parted(_inside(package.body, "w:body"), mark),
        _parted(_inside(roots[NOTES], "w:footnotes"), mark),
        _parted("".join(numbered), mark),
        {get(node, "w:abstractNumId"): _xml(node) for node in lists.iterchildren(qn("w:abstractNum"))},
        links,
        counts,
        held,
        {name: zips.packed(pictures.get(data, data), pack) for name, data in shown.items()},
    )


def filled(text: Text, say: Callable[[str, str], str]) -> str:
    """The XML with its numbers: `say` takes the kind of each, and what it is in the piece."""
    out = [text[0]]
    for kind, number, more in zip(text[1::3], text[2::3], text[3::3], strict=True):
        out += (say(kind, number), more)
    return "".join(out)


def packed(piece: Piece) -> bytes:
    """A piece as bytes."""
    names = [[name, len(data), *about] for name, (data, *about) in piece.pictures.items()]
    told = {field.name: getattr(piece, field.name) for field in fields(piece)}
    told |= {"links": [astuple(link) for link in piece.links], "pictures": {}}
    head = json.dumps([told, names]).encode()
    return len(head).to_bytes(8, "big") + head + b"".join(data for data, *_ in piece.pictures.values())


def unpacked(data: bytes) -> Piece:
    """The piece that was packed."""
    end = 8 + int.from_bytes(data[:8], "big")
    told, names = json.loads(data[8:end])
    pictures = {}
    for name, length, size, crc in names:
        pictures[name] = Packed(data[end : end + length], size, crc)
        end += length
    return Piece(**told | {"links": [Link(*link) for link in told["links"]], "pictures": pictures})


# --- numbers left open ------------------------------------------------------------------------------------------------


def _unused(roots: Iterable[Element]) -> str:
    """Signs that stand nowhere in the text, so that they can mark what is open."""
    text, mark = "".join(map(_xml, roots)), "@@"
    while mark in text:
        mark += "@"
    return mark


def _linked(package: Package, roots: Mapping[str, Element], mark: str) -> tuple[list[Link], dict[str, bytes]]:
    """What the piece relates to, each number of it left open; and its pictures."""
    links: list[Link] = []
    pictures: dict[str, bytes] = {}
    for source, root in roots.items():
        related = {relation.id: relation for relation in relations(package, source)}
        for node in cast("list[Element]", _LINKED(root)):
            for name in _LINKS if node.tag not in _FURNITURE else ():
                if (relation := related.get(node.get(name, ""))) is None:
                    continue
                target = relation.target
                if not relation.external:
                    data = package.part(target)
                    target = f"word/media/{hashlib.sha256(data).hexdigest()[:20]}{posixpath.splitext(target)[1]}"
                    pictures[target] = data
                links.append(Link(source, relation.kind, target, relation.external))
                node.set(name, f"{mark}link:{len(links)}{mark}")
    return links, pictures


def _opened(roots: Iterable[Element], mark: str) -> dict[str, int]:
    """Leave numbers open; how many there are of each kind."""
    known: dict[str, dict[str, int]] = {kind: {} for _, kind in _OPEN.values()}
    for node in (node for root in roots for node in root.iter(*_OPEN)):
        name, kind = _OPEN[str(node.tag)]
        old = node.get(name, "")
        if kind != "list" or int(old) > FIRST_LIST:
            # The two ids of a drawing are two numbers; those of a bookmark's ends, or of a note and its call, are one.
            new = known[kind].setdefault(old, len(known[kind]) + 1)
            node.set(name, f"{mark}{kind}:{new}{mark}")
    return {kind: len(numbers) for kind, numbers in known.items()}


def _open_pages(body: Element, mark: str) -> None:
    """Leave the numbers of pages in the lists open."""
    wanted = ""
    for node in iterate(body, "w:instrText", "w:t"):
        if node.tag == qn("w:instrText"):
            words = (node.text or "").split()
            wanted = words[1] if words[:1] == ["PAGEREF"] else ""
        elif wanted:
            node.text, wanted = f"{mark}page:{wanted}{mark}", ""


def _parted(xml: str, mark: str) -> list[str]:
    return re.split(f"{mark}(\\w+):(.*?){mark}", xml)


def _inside(root: Element, name: str) -> str:
    """What stands in an element, with the prefixes that pandoc declares at the root of each part."""
    xml = _xml(root.getroottree().getroot())
    start = xml.find(">", xml.find(f"<{name}")) + 1
    return xml[start : xml.rfind(f"</{name}>")] if f"</{name}>" in xml else ""


def _xml(node: Element) -> str:
    return etree.tostring(node, encoding="unicode", with_tail=False)
