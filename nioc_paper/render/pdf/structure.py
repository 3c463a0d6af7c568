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

from nioc_paper.render.pdf.markers import NOTE_KEY, SOURCE_KEY


class MarkedContent(NamedTuple):
    """A piece of the content of a page: the index of the page, and the number that the piece has there."""

    page: int
    mcid: int


@dataclass(eq=False, slots=True)
class StructElement:
    """A structure element; its kids are elements, marks, and references to annotations."""

    role: str
    kids: list[Any] = field(default_factory=list)
    pdf_object: Any = None
    """The dictionary in the file; None for an element that is new."""
    source_number: int = 0
    """Elements of one number are pieces of one HTML element."""
    note_id: str = ""
    """The id of the note that it is, or belongs to, or calls."""

    def elements(self) -> list[StructElement]:
        """The elements among its kids."""
        return [kid for kid in self.kids if isinstance(kid, StructElement)]

    def walk(self) -> Iterator[StructElement]:
        """It and all below it, in reading order."""
        yield self
        for kid in self.elements():
            yield from kid.walk()


def read_tree(pdf_object: Any, page_indices: Mapping[tuple[int, int], int], page: int = 0) -> StructElement:
    """The tree below a structure element of a file; `pages` are indices of pages by their object."""
    page = page_indices[pdf_object.Pg.objgen] if "/Pg" in pdf_object else page
    source, note = int(pdf_object.get(f"/{SOURCE_KEY}", 0)), str(pdf_object.get(f"/{NOTE_KEY}", ""))
    element = StructElement(str(pdf_object.S)[1:], pdf_object=pdf_object, source_number=source, note_id=note)
    for kid in pdf_object.get("/K", ()):
        if isinstance(kid, int):
            element.kids.append(MarkedContent(page, kid))
        else:
            element.kids.append(read_tree(kid, page_indices, page) if "/S" in kid else kid)
    return element


def repair_tree(document: StructElement) -> None:
    """Make of the trees of the pages the tree of the document."""
    notes = _extract_notes(document)
    root = StructElement("", [document, *notes.values()])
    _join_fragments(root)
    for element in reversed(list(root.walk())):
        element.kids = [piece for kid in element.kids for piece in (kid.kids if _is_plain_wrapper(kid) else [kid])]
        _REPAIRS.get(element.role, _leave_unchanged)(element)
    _place_notes(notes, document, [])
    placed_elements = set(document.walk())
    document.kids += [note for note in notes.values() if note not in placed_elements]


# --- pieces -----------------------------------------------------------------------------------------------------------


def _extract_notes(document: StructElement) -> dict[str, StructElement]:
    """The notes, taken from the feet of the pages, by their ids; and the feet, which are empty then."""
    notes: dict[str, StructElement] = {}
    for holder in list(document.walk()):
        for note in (kid for kid in holder.elements() if kid.role == "Note"):
            holder.kids.remove(note)
            notes.setdefault(
                note.note_id, StructElement("Note", pdf_object=note.pdf_object, note_id=note.note_id)
            ).kids += note.kids
    document.kids = [kid for kid in document.kids if kid.kids]
    return notes


def _join_fragments(element: StructElement) -> None:
    """Pieces of one HTML element that follow each other become one element."""
    kids = element.kids
    if element.role == "Table":
        kids = _without_repeated_heads(element)
    elif element.role == "TR":  # all cells of a row go on at once
        places = {kid.source_number: place for place, kid in reversed(list(enumerate(element.elements())))}
        kids = sorted(element.elements(), key=lambda cell: places[cell.source_number])
    joined: list[Any] = []
    for kid in kids:
        last = joined[-1] if joined else None
        if isinstance(kid, StructElement) and isinstance(last, StructElement) and _is_same_source(last, kid):
            last.kids += kid.kids
        else:
            joined.append(kid)
    element.kids = joined
    for kid in element.elements():
        _join_fragments(kid)


def _is_same_source(one: StructElement, other: StructElement) -> bool:
    return bool(one.source_number) and (one.source_number, one.role) == (other.source_number, other.role)


def _without_repeated_heads(table: StructElement) -> list[Any]:
    """The kids of a table without the heads that its other pages repeat; cells there are sent to the first head."""
    first = next((kid for kid in table.elements() if kid.role == "THead"), None)
    repeated = [kid for kid in table.elements() if kid.role == "THead" and kid is not first]
    first_ids = (
        dict(pair for head in repeated for pair in zip(_header_ids(head), _header_ids(first), strict=False))
        if first
        else {}
    )
    for cell in (cell for cell in table.walk() if first_ids and cell.role == "TD" and "/Headers" in cell.pdf_object.A):
        cell.pdf_object.A.Headers = [first_ids.get(bytes(name), name) for name in cell.pdf_object.A.Headers]
    return [kid for kid in table.kids if kid not in repeated]


def _header_ids(head: StructElement) -> list[bytes]:
    return [bytes(cell.pdf_object.ID) for cell in head.walk() if cell.role == "TH"]


# --- roles ------------------------------------------------------------------------------------------------------------


def _leave_unchanged(_: StructElement) -> None:
    """What needs no mending."""


def _repair_list(element: StructElement) -> None:
    """Items have a label and a body; what is nested is in a body; a term and what it means are one item."""
    items: list[StructElement] = []
    for kid in element.kids:
        if items and not _has_role(kid, "LI"):
            _body(items[-1]).kids.append(kid)
            continue
        labels, body = _split_item(kid)
        if items and not labels and _has_role(items[-1].kids[0], "Lbl"):
            items[-1].kids += body
        else:
            items.append(
                StructElement("LI", [*labels, *body], pdf_object=kid.pdf_object if _has_role(kid, "LI") else None)
            )
    element.kids = items


def _body(item: StructElement) -> StructElement:
    """Return the body of an item. Adds one if the item has a label alone, as one that begins with a list has."""
    if not item.kids or not _has_role(item.kids[-1], "LBody"):
        item.kids.append(StructElement("LBody"))
    body: StructElement = item.kids[-1]
    return body


def _split_item(item: Any) -> tuple[list[StructElement], list[StructElement]]:
    """The labels of an item of a list, and one body with the rest; a term has none."""
    labels = [kid for kid in item.kids if _has_role(kid, "Lbl")] if _has_role(item, "LI") else []
    rest = [kid for kid in item.kids if kid not in labels] if _has_role(item, "LI") else [item]
    if not rest or (len(rest) == 1 and _has_role(rest[0], "LBody")):
        return labels, rest
    return labels, [
        StructElement("LBody", [piece for kid in rest for piece in (kid.kids if _has_role(kid, "LBody") else [kid])])
    ]


def _repair_contents(section: StructElement) -> None:
    """A list of chapters, figures or tables."""
    section.role = "Sect"
    roles = {"L": "TOC", "LI": "TOCI", "LBody": "Reference"}
    for element in list(section.walk()):
        element.role = roles.get(element.role, element.role)


def _repair_link(link: StructElement) -> None:
    """What the style sheet adds to a link belongs to it."""
    link.kids = [piece for kid in link.kids for piece in (kid.kids if _has_role(kid, "Link") else [kid])]


def _repair_note_number(element: StructElement) -> None:
    """The number of a note, at its call and before its text: what can be clicked in it is a link."""
    if any(not isinstance(kid, (StructElement, MarkedContent)) for kid in element.kids):
        element.kids = [StructElement("Link", element.kids)]


def _is_plain_wrapper(kid: Any) -> bool:
    """Whether an element only holds others together."""
    return (
        isinstance(kid, StructElement)
        and kid.role in ("Span", "NonStruct")
        and not _MEANINGFUL_KEYS.intersection(kid.pdf_object.keys())
    )


def _has_role(kid: Any, role: str) -> bool:
    return isinstance(kid, StructElement) and kid.role == role


_MEANINGFUL_KEYS = frozenset(("/ActualText", "/Alt", "/Lang"))
_REPAIRS: Mapping[str, Callable[[StructElement], None]] = MappingProxyType(
    {
        "L": _repair_list,
        "TOC": _repair_contents,
        "Link": _repair_link,
        "Reference": _repair_note_number,
        "Lbl": _repair_note_number,
    }
)


# --- notes ------------------------------------------------------------------------------------------------------------

_TEXT_ROLES = frozenset(("P", "H1", "H2", "H3", "H4", "H5", "H6"))
_CONTAINER_ROLES = frozenset(("TD", "TH", "LBody", "Lbl", "Caption", "Div", "Sect", "Part", "BlockQuote", "Document"))


def _place_notes(notes: Mapping[str, StructElement], element: StructElement, ancestors: list[StructElement]) -> None:
    """Put each note after the paragraph that calls it, so that a reader who hears the text need not go and look."""
    for kid in element.elements():
        if kid.role == "Reference" and kid.note_id in notes:
            _place_note(notes[kid.note_id], [*ancestors, element])
        _place_notes(notes, kid, [*ancestors, element])


def _place_note(note: StructElement, ancestors: list[StructElement]) -> None:
    for depth in range(len(ancestors) - 1, -1, -1):
        if ancestors[depth].role in _TEXT_ROLES:
            kids = ancestors[depth - 1].kids
            place = kids.index(ancestors[depth]) + 1
            while place < len(kids) and _has_role(kids[place], "Note"):
                place += 1
            kids.insert(place, note)
            return
        if ancestors[depth].role in _CONTAINER_ROLES:
            ancestors[depth].kids.append(note)
            return
