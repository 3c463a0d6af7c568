"""Contents of a tagged PDF: the text of its elements, from marked contents on its pages.

The text of an element is in marked contents on its pages; each font has a map from glyphs to letters. Roles are those
of ISO 32000-1, 14.8.4; the map is that of 9.10.3. Nothing here opens a file.
"""

from __future__ import annotations

import re
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct, field

from nioc_paper.render.verify.normalized_text import Contents, normalize

_CELLS = frozenset(("TD", "TH"))
_PARAGRAPH_ROLES = frozenset(("P", "H1", "H2", "H3", "H4", "H5", "H6"))
"""Passages whatever they contain: a number may be on a line of its own, or in the margin."""
_NOTES = frozenset({"Note"})
_NUMBER_ROLES = frozenset(("Reference", "Lbl"))
"""Text of the layout: numbers of notes and items. Terms of a list have these roles too, and are text."""
_MARKER = re.compile(r"\W*(?:\d+[.)]?|[A-Za-z]{1,4}[.)])?\W*")
"""Mark or number of an item or a note, not a term of a list."""
_BFCHAR_PAIR = re.compile(rb"<([0-9a-f]+)> <([0-9a-f]+)>")
_OPERATOR = re.compile(
    rb"(?P<font>/\S+)\s+[\d.]+\s+Tf\b|\[(?P<strings>[^\]]*)\]\s*TJ\b"
    rb"|/\w+\s+(?P<properties><<[^>]*>>)?\s*(?P<begin>BDC|BMC)\b|\b(?P<end>EMC)\b"
)
"""Operators that are read in the content of a page (ISO 32000-1, 7.8.2), as our engine writes them.

A full parse takes 2 to 4 times as long.
"""
_MCID = re.compile(rb"/MCID (\d+)")
_HEX_STRING = re.compile(rb"<([\da-f]*)>")


class TaggedElement(Struct, eq=False):
    """Element of the structure tree; its kids are elements and texts."""

    role: str
    alt: str = ""
    target: str = ""
    kids: list[TaggedElement | str] = field(default_factory=list)

    def walk(self) -> Iterator[TaggedElement]:
        """Yield it and all below it, without lists of contents."""
        yield self
        for kid in self.kids:
            if isinstance(kid, TaggedElement) and kid.role != "TOC":
                yield from kid.walk()


def collect_contents(root: TaggedElement, destinations: Iterable[str]) -> Contents:
    """Return the contents of a structure tree, and the names that links lead to."""
    elements = list(root.walk())
    return {
        "text": [normalize(text) for text in _passages(root, _CELLS | _NOTES)],
        "note": [normalize(_element_text(e)) for e in elements if e.role == "Note"],
        "picture": [normalize(e.alt) for e in elements if e.role == "Figure"],
        "cell": [normalize(_element_text(e, _NOTES)) for e in elements if e.role in _CELLS],
        "reference": [e.target for e in elements if e.role == "Link" and e.target],
        "source": [*destinations],
    }


def _element_text(element: TaggedElement, skipped: frozenset[str] = frozenset()) -> str:
    return "".join(_passages(element, skipped))


def _passages(element: TaggedElement, skipped: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the text between the edges of blocks, without some roles."""
    pieces: list[str] = []
    for kid in element.kids:
        if isinstance(kid, str):
            pieces.append(kid)
        elif kid.role == "Figure":
            continue  # it may be within a line
        elif kid.role in {"Span", "Link", "Quote", "Code", "Em", "Strong"}:
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


def read_marked_text(content: bytes, letters_of_font: Callable[[str], Mapping[int, str]]) -> dict[int, str]:
    """Return the text of a page by mcid. The letters are by glyph; fonts have their names in the resources."""
    texts_by_mark: dict[int, list[str]] = defaultdict(list)
    marks = [-1]
    letters: Mapping[int, str] = {}
    for operator in _OPERATOR.finditer(content):
        kind = operator.lastgroup or ""
        if kind == "begin":
            mark = _MCID.search(operator["properties"] or b"")
            marks.append(int(mark[1]) if mark else marks[-1])
        elif kind == "end":
            marks.pop()
        elif kind == "font":
            letters = letters_of_font(operator["font"].decode())
        elif marks[-1] >= 0:
            codes = bytes.fromhex(b"".join(_HEX_STRING.findall(operator["strings"])).decode())
            pairs = struct.unpack_from(f">{len(codes) // 2}H", codes)  # a font of pictures has codes of one byte
            texts_by_mark[marks[-1]] += [letters.get(code, "") for code in pairs]
    return {number: "".join(texts) for number, texts in texts_by_mark.items()}


def read_letters(table: bytes) -> dict[int, str]:
    """Return the letters in the `ToUnicode` table of a font."""
    pairs = _BFCHAR_PAIR.findall(table.partition(b"beginbfchar")[2])
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be", "replace") for code, text in pairs}
