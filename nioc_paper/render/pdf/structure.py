"""Repair of WeasyPrint's structure tree, for screen readers.

WeasyPrint writes one tree for each page. The repair joins the fragments of a paragraph, list, table or link, moves a
note after the paragraph that calls it, marks contents as such, and drops running heads. Roles and their nesting are
those of ISO 32000-1, 14.8.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from msgspec import Struct, field


class MarkedContent(NamedTuple):
    """Marked content: index of its page, and its mcid there."""

    page: int
    mcid: int


class StructElement(Struct, eq=False):
    """Structure element; its kids are elements, marked contents, and references to annotations."""

    role: str
    kids: list[Any] = field(default_factory=list)
    pdf_object: Any = None
    """WeasyPrint's dictionary of the element; None for a new element."""
    source_number: int = 0
    """Number of its HTML element: fragments of one element have the same."""
    note_id: str = ""
    """Id of the note that it is, belongs to, or calls."""

    def elements(self) -> list[StructElement]:
        """Elements among its kids."""
        return [kid for kid in self.kids if isinstance(kid, StructElement)]

    def walk(self) -> Iterator[StructElement]:
        """Yield it and all elements below it, in reading order."""
        yield self
        for kid in self.elements():
            yield from kid.walk()


def repair_tree(document: StructElement) -> None:
    """Make the tree of the document from the trees of the pages."""
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
    """Remove the notes from the feet of the pages, and the empty feet; return the notes by their ids."""
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
    """Join neighbouring fragments of one HTML element."""
    kids = element.kids
    if element.role == "Table":
        kids = _without_repeated_heads(element)
    elif element.role == "TR":  # all cells of a row continue at once
        places = {kid.source_number: place for place, kid in reversed(list(enumerate(element.elements())))}
        kids = sorted(element.elements(), key=lambda cell: places[cell.source_number])
    joined: list[object] = []
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


def _without_repeated_heads(table: StructElement) -> list[object]:
    """Return the kids of a table without repeated heads. Cells that refer to one refer to the first head instead."""
    first = next((kid for kid in table.elements() if kid.role == "THead"), None)
    repeated = [kid for kid in table.elements() if kid.role == "THead" and kid is not first]
    first_ids = (
        {
            repeated_id.string: first_id
            for head in repeated
            for repeated_id, first_id in zip(_head_ids(head), _head_ids(first), strict=False)
        }
        if first
        else {}
    )
    for cell in (cell for cell in table.walk() if first_ids and cell.role == "TD"):
        attributes = cell.pdf_object["A"]
        if "Headers" in attributes:
            attributes["Headers"][:] = [first_ids.get(name.string, name) for name in attributes["Headers"]]
    return [kid for kid in table.kids if kid not in repeated]


def _head_ids(head: StructElement) -> list[Any]:
    return [cell.pdf_object["ID"] for cell in head.walk() if cell.role == "TH"]


# --- roles ------------------------------------------------------------------------------------------------------------


def _leave_unchanged(_: StructElement) -> None:
    """Leave an element as it is."""


def _repair_list(element: StructElement) -> None:
    """Give every item a label and a body. Nested content goes to the body; a term and its definition are one item."""
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
    """Return the labels of a list item, and one body with the rest. A term has no label."""
    labels = [kid for kid in item.kids if _has_role(kid, "Lbl")] if _has_role(item, "LI") else []
    rest = [kid for kid in item.kids if kid not in labels] if _has_role(item, "LI") else [item]
    if not rest or (len(rest) == 1 and _has_role(rest[0], "LBody")):
        return labels, rest
    return labels, [
        StructElement("LBody", [piece for kid in rest for piece in (kid.kids if _has_role(kid, "LBody") else [kid])])
    ]


def _repair_contents(section: StructElement) -> None:
    """Set the roles of a list of chapters, figures or tables."""
    section.role = "Sect"
    roles = {"L": "TOC", "LI": "TOCI", "LBody": "Reference"}
    for element in list(section.walk()):
        element.role = roles.get(element.role, element.role)


def _repair_link(link: StructElement) -> None:
    """Remove links inside a link, for text that the style sheet adds."""
    link.kids = [piece for kid in link.kids for piece in (kid.kids if _has_role(kid, "Link") else [kid])]


def _repair_note_number(element: StructElement) -> None:
    """Put the annotations of a note's number, at its call and before its text, into a link."""
    if any(not isinstance(kid, (StructElement, MarkedContent)) for kid in element.kids):
        element.kids = [StructElement("Link", element.kids)]


def _is_plain_wrapper(kid: object) -> bool:
    """Whether an element groups others only."""
    return (
        isinstance(kid, StructElement)
        and kid.role in ("Span", "NonStruct")
        and _MEANINGFUL_KEYS.isdisjoint(kid.pdf_object)
    )


def _has_role(kid: object, role: str) -> bool:
    return isinstance(kid, StructElement) and kid.role == role


_MEANINGFUL_KEYS = frozenset(("ActualText", "Alt", "Lang"))
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
    """Move each note after the paragraph that calls it: it is read aloud there."""
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
