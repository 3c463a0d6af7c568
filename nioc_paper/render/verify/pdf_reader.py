"""Contents of a PDF, read back along its structure tree.

The text of an element is in marked contents on its pages; each font has a map from glyphs to letters. Roles are those
of ISO 32000-1, 14.8.4; the map is that of 9.10.3.
"""

from __future__ import annotations

import io
import re
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pikepdf
from msgspec import Struct, field

from nioc_paper.render.verify.normalized_text import Contents, normalize

_INLINE = frozenset(("Span", "Link", "Quote", "Code", "Em", "Strong"))
_CELLS = frozenset(("TD", "TH"))
_PARAGRAPH_ROLES = frozenset(("P", "H1", "H2", "H3", "H4", "H5", "H6"))
"""Passages whatever they contain: a number may be on a line of its own, or in the margin."""
_NOTES = frozenset({"Note"})
_SEPARATE_ROLES = _CELLS | _NOTES
_NUMBER_ROLES = frozenset(("Reference", "Lbl"))
"""Text of the layout: numbers of notes and items. Terms of a list have these roles too, and are text."""
_MARKER = re.compile(r"\W*(?:\d+[.)]?|[A-Za-z]{1,4}[.)])?\W*")
"""Mark or number of an item or a note, not a term of a list."""
_BFCHAR_PAIR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_BFRANGE_ENTRY = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_CMAP_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)endbf", re.DOTALL)
_NAME = rb"/[^\s/<>()\[\]]++"
_STRING = rb"(?:<[\da-fA-F\s]*+>|\((?:[^\\()]++|\\.|\((?:[^\\()]++|\\.)*+\))*+\))"
_OPERATOR = re.compile(
    b"|".join(
        [
            rb"%[^\r\n]*+",  # a comment and an inline image: skipped
            rb"(?<![/\w])ID\s.*?\sEI\b",
            rb"(?P<font>" + _NAME + rb")\s++[\d.+-]++\s++Tf\b",
            rb"\[(?P<strings>(?:[\s\d.+-]++|" + _STRING + rb")*+)\]\s*+TJ\b",
            rb"(?P<string>" + _STRING + rb")",
            _NAME
            + rb"\s*+(?P<properties>"
            + _NAME
            + rb"|<<(?:[^<>()]++|"
            + _STRING
            + rb")*+>>)?\s*+(?P<begin>BDC|BMC)\b",
            rb"\b(?P<end>EMC)\b",
        ]
    ),
    re.DOTALL,
)
"""Operators that are read in the content of a page (ISO 32000-1, 7.8.2). A full parse takes 2 to 4 times as long."""
_MCID = re.compile(rb"/MCID\s++(\d++)")
_HEX_STRING = re.compile(rb"<([\da-fA-F\s]*+)>")


class _TaggedElement(Struct, eq=False):
    role: str
    alt: str = ""
    target: str = ""
    kids: list[_TaggedElement | str] = field(default_factory=list)

    def walk(self) -> Iterator[_TaggedElement]:
        """Yield it and all below it, without lists of contents."""
        yield self
        for kid in self.kids:
            if isinstance(kid, _TaggedElement) and kid.role != "TOC":
                yield from kid.walk()


def read_pdf(data: bytes) -> Contents:
    """Return the contents of a PDF's structure tree."""
    with pikepdf.open(io.BytesIO(data)) as file:
        return read_open_pdf(file)


def read_open_pdf(file: pikepdf.Pdf) -> Contents:
    """Return the contents of an open file, which need not be saved."""
    root = _ContentReader(file).read_element(file.Root.StructTreeRoot.K[0])
    destinations = [str(name) for name in list(file.Root.Names.Dests.Names)[::2]] if "/Names" in file.Root else []
    elements = list(root.walk())
    return {
        "text": [normalize(text) for text in _passages(root, _SEPARATE_ROLES)],
        "note": [normalize(_element_text(e)) for e in elements if e.role == "Note"],
        "picture": [normalize(e.alt) for e in elements if e.role == "Figure"],
        "cell": [normalize(_element_text(e, _NOTES)) for e in elements if e.role in _CELLS],
        "reference": [e.target for e in elements if e.role == "Link" and e.target],
        "source": destinations,
    }


def _element_text(element: _TaggedElement, skipped: frozenset[str] = frozenset()) -> str:
    return "".join(_passages(element, skipped))


def _passages(element: _TaggedElement, skipped: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the text between the edges of blocks, without some roles."""
    pieces: list[str] = []
    for kid in element.kids:
        if isinstance(kid, str):
            pieces.append(kid)
        elif kid.role == "Figure":
            continue  # it may be within a line
        elif kid.role in _INLINE:
            inner = list(_passages(kid, skipped))
            pieces.append(inner[0])
            for text in inner[1:]:
                yield "".join(pieces)
                pieces = [text]
        elif kid.role == "Lbl" and (skipped >= _CELLS or not _MARKER.fullmatch(_element_text(kid))):
            yield _element_text(kid)
        elif kid.role in _PARAGRAPH_ROLES:
            yield from ("".join(pieces), "".join(_passages(kid, skipped)))
            pieces = []
        elif kid.role not in _NUMBER_ROLES and kid.role not in skipped:
            yield "".join(pieces)
            pieces = []
            yield from _passages(kid, skipped)
    yield "".join(pieces)


class _ContentReader:
    """Reader of the marked contents of a file, and of the elements that contain them."""

    def __init__(self, file: pikepdf.Pdf) -> None:
        self.unicode_maps: dict[tuple[int, int], Mapping[int, str]] = {}
        self.text_by_page = {page.obj.objgen: self._marked_text(page) for page in file.pages}

    def read_element(self, pdf_object: Any, page: Any = None) -> _TaggedElement:
        """Read an element with all below it."""
        page = pdf_object.Pg.objgen if "/Pg" in pdf_object else page
        element = _TaggedElement(str(pdf_object.S)[1:], str(pdf_object.get("/Alt", "")))
        kids = pdf_object.get("/K", ())
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, int):
                element.kids.append(self.text_by_page[page].get(kid, ""))
            elif "/S" in kid:
                element.kids.append(self.read_element(kid, page))
            elif "/MCID" in kid:
                element.kids.append(self.text_by_page[kid.Pg.objgen if "/Pg" in kid else page].get(int(kid.MCID), ""))
            elif "/Obj" in kid:
                element.target = _link_target(kid.Obj) or element.target
        return element

    def _marked_text(self, page: pikepdf.Page) -> dict[int, str]:
        """Return the text of a page by mcid."""
        texts_by_mark: dict[int, list[str]] = defaultdict(list)
        marks = [-1]
        unicode_map: Mapping[int, str] = {}
        fonts: Any = page.obj.Resources.get("/Font")
        page.contents_coalesce()
        for operator in _OPERATOR.finditer(page.Contents.read_bytes()):
            kind = operator.lastgroup or ""
            if kind == "begin":
                mark = _MCID.search(operator["properties"] or b"")
                marks.append(int(mark[1]) if mark else marks[-1])
            elif kind == "end":
                marks.pop()
            elif kind == "font":
                unicode_map = self._unicode_map(fonts[operator["font"].decode()])
            elif kind and marks[-1] >= 0:
                codes = _string_bytes(operator[kind])
                pairs = struct.unpack(f">{len(codes) // 2}H", codes)
                texts_by_mark[marks[-1]] += [unicode_map.get(code, "") for code in pairs]
        return {number: "".join(texts) for number, texts in texts_by_mark.items()}

    def _unicode_map(self, font: pikepdf.Object) -> Mapping[int, str]:
        """Return the letters of a font by glyph."""
        if font.objgen not in self.unicode_maps:
            table = font.ToUnicode.read_bytes() if "/ToUnicode" in font else b""
            self.unicode_maps[font.objgen] = dict(_unicode_pairs(table))
        return self.unicode_maps[font.objgen]


def _string_bytes(strings: bytes) -> bytes:
    """Return the bytes of strings, without the gaps between them."""
    if b"(" not in strings:
        return bytes.fromhex(b"".join(_HEX_STRING.findall(strings)).decode())
    parts = pikepdf.Object.parse(b"[" + strings + b"]")
    return b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))


def _unicode_pairs(table: bytes) -> Iterator[tuple[int, str]]:
    for kind, lines in _CMAP_BLOCK.findall(table):
        if kind == b"bfchar":
            for code, text in _BFCHAR_PAIR.findall(lines):
                yield int(code, 16), bytes.fromhex(text.decode()).decode("utf-16-be", "replace")
        else:
            for first, last, text in _BFRANGE_ENTRY.findall(lines):
                for step in range(int(last, 16) - int(first, 16) + 1):
                    yield int(first, 16) + step, chr(int(text, 16) + step)


def _link_target(annotation: Any) -> str:
    """Return the name of a link's target in the file."""
    destination = annotation.get("/Dest", annotation.get("/A", {}).get("/D", ""))
    return str(destination) if isinstance(destination, (pikepdf.String, str)) else ""
