"""What a screen reader gets of a PDF: the structure that WeasyPrint writes, mended.

WeasyPrint writes a tree a page. Here the pieces of one paragraph, list, table or link become one element again, a note
follows the paragraph that calls it, contents are marked as contents, and running heads belong to no text at all.
Roles, and what may stand in what, are those of ISO 32000-1, 14.8.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from nioc_paper.render.print.tagging import NOTE, SOURCE


class Mark(NamedTuple):
    """A piece of the content of a page: the index of the page, and the number that the piece has there."""

    page: int
    number: int


@dataclass(eq=False, slots=True)
class Element:
    """A structure element; its kids are elements, marks, and references to annotations."""

    role: str
    kids: list[Any] = field(default_factory=list)
    made: Any = None
    """The dictionary in the file; None for an element that is new."""
    source: int = 0
    """Elements of one number are pieces of one HTML element."""
    note: str = ""
    """The id of the note that it is, or belongs to, or calls."""

    def elements(self) -> list[Element]:
        """The elements among its kids."""
        return [kid for kid in self.kids if isinstance(kid, Element)]

    def walk(self) -> Iterator[Element]:
        """It and all below it, in reading order."""
        yield self
        for kid in self.elements():
            yield from kid.walk()


def read(made: Any, pages: Mapping[tuple[int, int], int], page: int = 0) -> Element:
    """The tree below a structure element of a file; `pages` are indices of pages by their object."""
    page = pages[made.Pg.objgen] if "/Pg" in made else page
    source, note = int(made.get(f"/{SOURCE}", 0)), str(made.get(f"/{NOTE}", ""))
    element = Element(str(made.S)[1:], made=made, source=source, note=note)
    for kid in made.get("/K", ()):
        if isinstance(kid, int):
            element.kids.append(Mark(page, kid))
        else:
            element.kids.append(read(kid, pages, page) if "/S" in kid else kid)
    return element


def mend(document: Element) -> None:
    """Make of the trees of the pages the tree of the document."""
    notes = _taken_out(document)
    whole = Element("", [document, *notes.values()])
    _join(whole)
    for element in reversed(list(whole.walk())):
        element.kids = [piece for kid in element.kids for piece in (kid.kids if _says_nothing(kid) else [kid])]
        _MENDED.get(element.role, _nothing)(element)
    _place(notes, document, [])
    placed = set(document.walk())
    document.kids += [note for note in notes.values() if note not in placed]


# --- pieces -----------------------------------------------------------------------------------------------------------


def _taken_out(document: Element) -> dict[str, Element]:
    """The notes, taken from the feet of the pages, by their ids; and the feet, which are empty then."""
    notes: dict[str, Element] = {}
    for holder in list(document.walk()):
        for note in (kid for kid in holder.elements() if kid.role == "Note"):
            holder.kids.remove(note)
            notes.setdefault(note.note, Element("Note", made=note.made, note=note.note)).kids += note.kids
    document.kids = [kid for kid in document.kids if kid.kids]
    return notes


def _join(element: Element) -> None:
    """Pieces of one HTML element that follow each other become one element."""
    kids = element.kids
    if element.role == "Table":
        kids = _one_head(element)
    elif element.role == "TR":  # all cells of a row go on at once
        places = {kid.source: place for place, kid in reversed(list(enumerate(element.elements())))}
        kids = sorted(element.elements(), key=lambda cell: places[cell.source])
    joined: list[Any] = []
    for kid in kids:
        last = joined[-1] if joined else None
        if isinstance(kid, Element) and isinstance(last, Element) and _are_one(last, kid):
            last.kids += kid.kids
        else:
            joined.append(kid)
    element.kids = joined
    for kid in element.elements():
        _join(kid)


def _are_one(one: Element, other: Element) -> bool:
    return bool(one.source) and (one.source, one.role) == (other.source, other.role)


def _one_head(table: Element) -> list[Any]:
    """The kids of a table without the heads that its other pages repeat; cells there are sent to the first head."""
    first = next((kid for kid in table.elements() if kid.role == "THead"), None)
    again = [kid for kid in table.elements() if kid.role == "THead" and kid is not first]
    names = dict(pair for head in again for pair in zip(_names(head), _names(first), strict=False)) if first else {}
    for cell in (cell for cell in table.walk() if names and cell.role == "TD" and "/Headers" in cell.made.A):
        cell.made.A.Headers = [names.get(bytes(name), name) for name in cell.made.A.Headers]
    return [kid for kid in table.kids if kid not in again]


def _names(head: Element) -> list[bytes]:
    return [bytes(cell.made.ID) for cell in head.walk() if cell.role == "TH"]


# --- roles ------------------------------------------------------------------------------------------------------------


def _nothing(_: Element) -> None:
    """What needs no mending."""


def _list(element: Element) -> None:
    """Items have a label and a body; what is nested is in a body; a term and what it means are one item."""
    items: list[Element] = []
    for kid in element.kids:
        if items and not _is(kid, "LI"):
            _body(items[-1]).kids.append(kid)
            continue
        labels, body = _item(kid)
        if items and not labels and _is(items[-1].kids[0], "Lbl"):
            items[-1].kids += body
        else:
            items.append(Element("LI", [*labels, *body], made=kid.made if _is(kid, "LI") else None))
    element.kids = items


def _body(item: Element) -> Element:
    """Return the body of an item. Adds one if the item has a label alone, as one that begins with a list has."""
    if not item.kids or not _is(item.kids[-1], "LBody"):
        item.kids.append(Element("LBody"))
    body: Element = item.kids[-1]
    return body


def _item(item: Any) -> tuple[list[Element], list[Element]]:
    """The labels of an item of a list, and one body with the rest; a term has none."""
    labels = [kid for kid in item.kids if _is(kid, "Lbl")] if _is(item, "LI") else []
    rest = [kid for kid in item.kids if kid not in labels] if _is(item, "LI") else [item]
    if not rest or (len(rest) == 1 and _is(rest[0], "LBody")):
        return labels, rest
    return labels, [Element("LBody", [piece for kid in rest for piece in (kid.kids if _is(kid, "LBody") else [kid])])]


def _contents(section: Element) -> None:
    """A list of chapters, figures or tables."""
    section.role = "Sect"
    roles = {"L": "TOC", "LI": "TOCI", "LBody": "Reference"}
    for element in list(section.walk()):
        element.role = roles.get(element.role, element.role)


def _link(link: Element) -> None:
    """What the style sheet adds to a link belongs to it."""
    link.kids = [piece for kid in link.kids for piece in (kid.kids if _is(kid, "Link") else [kid])]


def _number(element: Element) -> None:
    """The number of a note, at its call and before its text: what can be clicked in it is a link."""
    if any(not isinstance(kid, (Element, Mark)) for kid in element.kids):
        element.kids = [Element("Link", element.kids)]


def _says_nothing(kid: Any) -> bool:
    """Whether an element only holds others together."""
    return isinstance(kid, Element) and kid.role in ("Span", "NonStruct") and not _SAID.intersection(kid.made.keys())


def _is(kid: Any, role: str) -> bool:
    return isinstance(kid, Element) and kid.role == role


_SAID = frozenset(("/ActualText", "/Alt", "/Lang"))
_MENDED: Mapping[str, Callable[[Element], None]] = MappingProxyType(
    {"L": _list, "TOC": _contents, "Link": _link, "Reference": _number, "Lbl": _number}
)


# --- notes ------------------------------------------------------------------------------------------------------------

_TEXTS = frozenset(("P", "H1", "H2", "H3", "H4", "H5", "H6"))
_HOLDERS = frozenset(("TD", "TH", "LBody", "Lbl", "Caption", "Div", "Sect", "Part", "BlockQuote", "Document"))


def _place(notes: Mapping[str, Element], element: Element, above: list[Element]) -> None:
    """Put each note after the paragraph that calls it, so that a reader who hears the text need not go and look."""
    for kid in element.elements():
        if kid.role == "Reference" and kid.note in notes:
            _put(notes[kid.note], [*above, element])
        _place(notes, kid, [*above, element])


def _put(note: Element, above: list[Element]) -> None:
    for depth in range(len(above) - 1, -1, -1):
        if above[depth].role in _TEXTS:
            kids = above[depth - 1].kids
            place = kids.index(above[depth]) + 1
            while place < len(kids) and _is(kids[place], "Note"):
                place += 1
            kids.insert(place, note)
            return
        if above[depth].role in _HOLDERS:
            above[depth].kids.append(note)
            return
