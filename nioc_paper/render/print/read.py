"""What a PDF holds for those who read it by its structure: read back from the finished file.

The text of an element is in pieces on its pages, each with a number; each typeface says which letters its shapes are.
Roles are those of ISO 32000-1, 14.8.4; the table of letters is that of 9.10.3.
"""

from __future__ import annotations

import io
import re
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from nioc_paper.render.letters import Found, squeeze

_INLINE = frozenset(("Span", "Link", "Quote", "Code", "Em", "Strong"))
_CELLS = frozenset(("TD", "TH"))
_WHOLE = frozenset(("P", "H1", "H2", "H3", "H4", "H5", "H6"))
"""Passages whatever is in them: a number may stand on a line of its own, or in the margin."""
_APART = _CELLS | {"Note"}
_SIGNS = frozenset(("Reference", "Lbl"))
"""What the layout adds: numbers of notes and of items. Terms of a list are among them, and are read for themselves."""
_PAIRS = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_RANGES = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)endbf", re.DOTALL)
_NAME = rb"/[^\s/<>()\[\]]++"
_STRING = rb"(?:<[\da-fA-F\s]*+>|\((?:[^\\()]++|\\.|\((?:[^\\()]++|\\.)*+\))*+\))"
_STEP = re.compile(
    b"|".join(
        [
            rb"%[^\r\n]*+",  # a comment, and a picture within the text: neither is read
            rb"(?<![/\w])ID\s.*?\sEI\b",
            rb"(?P<font>" + _NAME + rb")\s++[\d.+-]++\s++Tf\b",
            rb"\[(?P<strings>(?:[\s\d.+-]++|" + _STRING + rb")*+)\]\s*+TJ\b",
            rb"(?P<string>" + _STRING + rb")",
            _NAME + rb"\s*+(?P<told>" + _NAME + rb"|<<(?:[^<>()]++|" + _STRING + rb")*+>>)?\s*+(?P<begin>BDC|BMC)\b",
            rb"\b(?P<end>EMC)\b",
        ]
    ),
    re.DOTALL,
)
"""What is read of the content of a page (ISO 32000-1, 7.8.2). To take all of it apart takes four times as long."""
_MARK = re.compile(rb"/MCID\s++(\d++)")
_DIGITS = re.compile(rb"<([\da-fA-F\s]*+)>")


@dataclass(eq=False, slots=True)
class _Element:
    role: str
    alt: str = ""
    target: str = ""
    kids: list[_Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[_Element]:
        """It and what is below it, without the lists of contents."""
        yield self
        for kid in self.kids:
            if isinstance(kid, _Element) and kid.role != "TOC":
                yield from kid.walk()


def pdf(data: bytes) -> Found:
    """What stands in the structure of a PDF."""
    with pikepdf.open(io.BytesIO(data)) as file:
        root = _File(file).element(file.Root.StructTreeRoot.K[0])
        named = [str(name) for name in list(file.Root.Names.Dests.Names)[::2]] if "/Names" in file.Root else []
    elements = list(root.walk())
    return {
        "text": [squeeze(text) for text in _passages(root, apart=True)],
        "note": [squeeze(_whole(e)) for e in elements if e.role == "Note"],
        "picture": [squeeze(e.alt) for e in elements if e.role == "Figure"],
        "cell": [squeeze(_whole(e)) for e in elements if e.role in _CELLS],
        "reference": [e.target for e in elements if e.role == "Link" and e.target],
        "source": named,
    }


def _whole(element: _Element) -> str:
    return "".join(_passages(element))


def _passages(element: _Element, *, apart: bool = False) -> Iterator[str]:
    """The text between the edges of blocks; `apart` without cells and notes."""
    pieces: list[str] = []
    for kid in element.kids:
        if isinstance(kid, str):
            pieces.append(kid)
        elif kid.role == "Figure":
            continue  # it may stand in a line
        elif kid.role in _INLINE:
            inner = list(_passages(kid, apart=apart))
            pieces.append(inner[0])
            for text in inner[1:]:
                yield "".join(pieces)
                pieces = [text]
        elif kid.role == "Lbl" and apart:
            yield _whole(kid)
        elif kid.role in _WHOLE:
            yield from ("".join(pieces), "".join(_passages(kid, apart=apart)))
            pieces = []
        elif kid.role not in _SIGNS and not (apart and kid.role in _APART):
            yield "".join(pieces)
            pieces = []
            yield from _passages(kid, apart=apart)
    yield "".join(pieces)


class _File:
    """The pieces of text of a file, and the elements that they are in."""

    def __init__(self, file: pikepdf.Pdf) -> None:
        self.letters: dict[tuple[int, int], Mapping[int, str]] = {}
        self.pages = {page.obj.objgen: self._pieces(page) for page in file.pages}

    def element(self, made: Any, page: Any = None) -> _Element:
        """An element with all that is in it."""
        page = made.Pg.objgen if "/Pg" in made else page
        found = _Element(str(made.S)[1:], str(made.get("/Alt", "")))
        kids = made.get("/K", ())
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, int):
                found.kids.append(self.pages[page].get(kid, ""))
            elif "/S" in kid:
                found.kids.append(self.element(kid, page))
            elif "/MCID" in kid:
                found.kids.append(self.pages[kid.Pg.objgen if "/Pg" in kid else page].get(int(kid.MCID), ""))
            elif "/Obj" in kid:
                found.target = _target(kid.Obj) or found.target
        return found

    def _pieces(self, page: pikepdf.Page) -> dict[int, str]:
        """The text of a page by the numbers of its pieces."""
        pieces: dict[int, list[str]] = defaultdict(list)
        marks = [-1]
        letters: Mapping[int, str] = {}
        fonts: Any = page.obj.Resources.get("/Font")
        page.contents_coalesce()
        for step in _STEP.finditer(page.Contents.read_bytes()):
            kind = step.lastgroup or ""
            if kind == "begin":
                mark = _MARK.search(step["told"] or b"")
                marks.append(int(mark[1]) if mark else marks[-1])
            elif kind == "end":
                marks.pop()
            elif kind == "font":
                letters = self._letters(fonts[step["font"].decode()])
            elif kind and marks[-1] >= 0:
                codes = _codes(step[kind])
                pairs = struct.unpack(f">{len(codes) // 2}H", codes)
                pieces[marks[-1]] += [letters.get(code, "") for code in pairs]
        return {number: "".join(texts) for number, texts in pieces.items()}

    def _letters(self, font: Any) -> Mapping[int, str]:
        """The letters that the shapes of a typeface stand for."""
        if font.objgen not in self.letters:
            table = font.ToUnicode.read_bytes() if "/ToUnicode" in font else b""
            self.letters[font.objgen] = dict(_pairs(table))
        return self.letters[font.objgen]


def _codes(shown: bytes) -> bytes:
    """What strings hold, without the gaps between them."""
    if b"(" not in shown:
        return bytes.fromhex(b"".join(_DIGITS.findall(shown)).decode())
    parts: Any = pikepdf.Object.parse(b"[" + shown + b"]")
    return b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))


def _pairs(table: bytes) -> Iterator[tuple[int, str]]:
    for kind, lines in _BLOCK.findall(table):
        if kind == b"bfchar":
            for code, text in _PAIRS.findall(lines):
                yield int(code, 16), bytes.fromhex(text.decode()).decode("utf-16-be", "replace")
        else:
            for first, last, text in _RANGES.findall(lines):
                for step in range(int(last, 16) - int(first, 16) + 1):
                    yield int(first, 16) + step, chr(int(text, 16) + step)


def _target(annotation: Any) -> str:
    """The name that a link within the file leads to."""
    goal = annotation.get("/Dest", annotation.get("/A", {}).get("/D", ""))
    return str(goal) if isinstance(goal, (pikepdf.String, str)) else ""
