"""Repair of a document's structure tree in WeasyPrint's objects; in the written file it took four times as long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pydyf
from msgspec import Struct, field

from nioc_paper.render.pdf.worker.object_extraction import dereference, encode_string
from nioc_paper.render.pdf.worker_messages import NOTE_KEY, POINTS_PER_PIXEL, SOURCE_KEY


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
        if repair := _REPAIRS.get(element.role):
            repair(element)
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
    joined: list[Any] = []
    items: dict[int, StructElement] = {}
    for kid in kids:
        last: Any = joined[-1] if joined else None
        if _has_role(kid, "LI") and kid.source_number:
            last = items.setdefault(kid.source_number, kid)  # a list inside the item comes between its fragments
        is_fragment = isinstance(kid, StructElement) and isinstance(last, StructElement) and last is not kid
        if is_fragment and kid.source_number and (last.source_number, last.role) == (kid.source_number, kid.role):
            last.kids += kid.kids
        else:
            joined.append(kid)
    element.kids = joined
    for kid in element.elements():
        _join_fragments(kid)


def _without_repeated_heads(table: StructElement) -> list[object]:
    """Return the kids of a table without repeated heads. Cells that refer to one refer to the first head instead."""
    first = next((kid for kid in table.elements() if kid.role == "THead"), None)
    repeated = [kid for kid in table.elements() if kid.role == "THead" and kid is not first]
    ids = _head_ids(first) if first else []
    first_ids = {old.string: new for head in repeated for old, new in zip(_head_ids(head), ids, strict=False)}
    for cell in (cell for cell in table.walk() if first_ids and cell.role == "TD"):
        attributes = cell.pdf_object["A"]
        if "Headers" in attributes:
            attributes["Headers"][:] = [first_ids.get(name.string, name) for name in attributes["Headers"]]
    return [kid for kid in table.kids if kid not in repeated]


def _head_ids(head: StructElement) -> list[Any]:
    return [cell.pdf_object["ID"] for cell in head.walk() if cell.role == "TH"]


# --- roles ------------------------------------------------------------------------------------------------------------


def _repair_list(element: StructElement) -> None:
    """Give every item a label and a body. Nested content goes to the body; a term and its definition are one item."""
    items: list[StructElement] = []
    for kid in element.kids:
        if items and not _has_role(kid, "LI"):
            # As it is printed: the engine puts a list in an item after all text of the item.
            start, kids = _first_mark(kid), _body(items[-1]).kids
            place = next((place for place, other in enumerate(kids) if _first_mark(other) > start), len(kids))
            kids.insert(place, kid)
            continue
        labels, body = _split_item(kid)
        if items and not labels and _has_role(items[-1].kids[0], "Lbl"):
            items[-1].kids += body
        else:
            pdf_object = kid.pdf_object if _has_role(kid, "LI") else None
            items.append(StructElement("LI", [*labels, *body], pdf_object=pdf_object))
    element.kids = items


def _body(item: StructElement) -> StructElement:
    """Return the body of an item. Adds one if the item has a label alone, as one that begins with a list has."""
    if not item.kids or not _has_role(item.kids[-1], "LBody"):
        item.kids.append(StructElement("LBody"))
    body: StructElement = item.kids[-1]
    return body


def _first_mark(kid: object) -> tuple[int, int]:
    """Return page and number of the first marked content in a kid, without labels, which are marked last."""
    if isinstance(kid, MarkedContent):
        return kid
    inner = kid.kids if isinstance(kid, StructElement) and kid.role != "Lbl" else ()
    return min(map(_first_mark, inner), default=(sys.maxsize, 0))


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
        and {"ActualText", "Alt", "Lang"}.isdisjoint(kid.pdf_object)
    )


def _has_role(kid: object, role: str) -> bool:
    return isinstance(kid, StructElement) and kid.role == role


_REPAIRS: Mapping[str, Callable[[StructElement], None]] = {
    "L": _repair_list,
    "TOC": _repair_contents,
    "Link": _repair_link,
    "Reference": _repair_note_number,
    "Lbl": _repair_note_number,
}


# --- notes ------------------------------------------------------------------------------------------------------------

_CONTAINER_ROLES = frozenset(("TD", "TH", "LBody", "Lbl", "Caption", "Div", "Sect", "Part", "BlockQuote", "Document"))


def _place_notes(notes: Mapping[str, StructElement], element: StructElement, ancestors: list[StructElement]) -> None:
    """Move each note after the paragraph that calls it: it is read aloud there."""
    for kid in element.elements():
        if kid.role == "Reference" and kid.note_id in notes:
            _place_note(notes[kid.note_id], [*ancestors, element])
        _place_notes(notes, kid, [*ancestors, element])


def _place_note(note: StructElement, ancestors: list[StructElement]) -> None:
    for depth in range(len(ancestors) - 1, -1, -1):
        if ancestors[depth].role in {"P", "H1", "H2", "H3", "H4", "H5", "H6"}:
            kids = ancestors[depth - 1].kids
            place = kids.index(ancestors[depth]) + 1
            while place < len(kids) and _has_role(kids[place], "Note"):
                place += 1
            kids.insert(place, note)
            return
        if ancestors[depth].role in _CONTAINER_ROLES:
            ancestors[depth].kids.append(note)
            return


def repair_structure(pdf: pydyf.PDF, piece_name: str) -> None:
    """Repair the structure tree. In a piece of a paper its name is a prefix of the ids of table heads."""
    root = dereference(pdf, pdf.catalog["StructTreeRoot"])
    parent_tree = dereference(pdf, root["ParentTree"])
    page_references = pdf.page_references
    page_indices = {reference: index for index, reference in enumerate(page_references)}
    document = _read_element(pdf, dereference(pdf, root["K"][0]), page_indices)
    repair_tree(document)
    owners: list[list[bytes | None]] = [[None] * len(parent_tree["Nums"][2 * n + 1]) for n in page_indices.values()]
    writer = _StructureWriter(pdf, page_references, page_indices, owners, piece_name)
    root["K"] = pydyf.Array([writer.write_element(document, root.reference)])
    parents: dict[int, object] = {n: pydyf.Array(owner or "null" for owner in page) for n, page in enumerate(owners)}
    parent_tree["Nums"] = pydyf.Array(part for entry in sorted((parents | writer.links).items()) for part in entry)
    names = (part for _, pair in sorted(writer.elements_by_id.items()) for part in pair)
    root["IDTree"] = pydyf.Dictionary({"Names": pydyf.Array(names)})
    for reference, page_owners in zip(page_indices, owners, strict=True):
        _mark_artifacts(pdf, reference, {mark for mark, owner in enumerate(page_owners) if owner is None})


def _read_element(
    pdf: pydyf.PDF, pdf_object: pydyf.Dictionary, page_indices: Mapping[bytes, int], page: int = 0
) -> StructElement:
    """Return a structure element with the tree below it."""
    page = page_indices[pdf_object["Pg"]] if "Pg" in pdf_object else page
    note = pdf_object.pop(NOTE_KEY, None)
    element = StructElement(
        pdf_object["S"][1:],
        pdf_object=pdf_object,
        source_number=pdf_object.pop(SOURCE_KEY, 0),
        note_id=note.string if note else "",
    )
    for kid in pdf_object["K"]:
        if isinstance(kid, int):
            element.kids.append(MarkedContent(page, kid))
        else:
            kid_object = dereference(pdf, kid)
            element.kids.append(_read_element(pdf, kid_object, page_indices, page) if "S" in kid_object else kid_object)
    return element


class _StructureWriter(Struct, dict=True):
    """Structure tree while it is written: owners of marked content, links, and elements with an id."""

    pdf: pydyf.PDF
    page_references: Sequence[bytes]
    page_indices: Mapping[bytes, int]
    owners: Sequence[list[bytes | None]]
    """References by page, then by mcid; None for running heads and repeated table heads."""
    piece_name: str
    links: dict[int, bytes] = field(default_factory=dict)
    elements_by_id: dict[bytes, tuple[pydyf.String, bytes]] = field(default_factory=dict)
    """Ids in the order of a name tree: by their bytes."""

    def write_element(self, element: StructElement, parent: bytes) -> bytes:
        """Write an element with all below it; return the reference to it."""
        pdf_object: pydyf.Dictionary = element.pdf_object
        if pdf_object is None:
            pdf_object = pydyf.Dictionary({"Type": "/StructElem"})
            self.pdf.add_object(pdf_object)
        reference = pdf_object.reference
        pdf_object["S"], pdf_object["P"] = f"/{element.role}", parent
        pdf_object["K"] = pydyf.Array([self._write_kid(kid, pdf_object, reference) for kid in element.kids])
        if element.role == "Figure" and "BBox" in pdf_object.get("A", ()):
            pdf_object["A"]["BBox"] = self._to_page_rectangle(pdf_object["A"]["BBox"], pdf_object["Pg"])
        if self.piece_name and "Headers" in pdf_object.get("A", ()):
            pdf_object["A"]["Headers"] = pydyf.Array(map(self._with_prefix, pdf_object["A"]["Headers"]))
        if element.role == "Note":
            pdf_object["ID"] = pydyf.String(element.note_id)
        elif self.piece_name and "ID" in pdf_object:
            pdf_object["ID"] = self._with_prefix(pdf_object["ID"])
        if "ID" in pdf_object:
            self.elements_by_id[encode_string(pdf_object["ID"].string)] = pdf_object["ID"], reference
        return reference

    def _with_prefix(self, element_id: pydyf.String) -> pydyf.String:
        return pydyf.String(f"{self.piece_name}-{element_id.string}")

    def _write_kid(self, kid: Any, pdf_object: pydyf.Dictionary, reference: bytes) -> object:
        if isinstance(kid, StructElement):
            return self.write_element(kid, reference)
        if not isinstance(kid, MarkedContent):
            self.links[dereference(self.pdf, kid["Obj"])["StructParent"]] = reference
            return kid.reference
        self.owners[kid.page][kid.mcid] = reference
        if self.page_indices.get(pdf_object.get("Pg", b"")) == kid.page:
            return kid.mcid
        return pydyf.Dictionary({"Type": "/MCR", "Pg": self.page_references[kid.page], "MCID": kid.mcid})

    def _to_page_rectangle(self, box: Sequence[float], page: bytes) -> pydyf.Array:
        """Convert a rectangle from CSS pixels, from the top, to points, from the bottom (14.8.5.4.3)."""
        left, top, right, bottom = (side * POINTS_PER_PIXEL for side in box)
        height = dereference(self.pdf, page)["MediaBox"][3]
        return pydyf.Array(round(side, 2) for side in (left, height - bottom, right, height - top))


def _mark_artifacts(pdf: pydyf.PDF, page: bytes, marks: set[int]) -> None:
    """Mark content without an element as artifact, so that it is not read aloud (14.8.2.2)."""
    if not marks:
        return
    operators = dereference(pdf, dereference(pdf, page)["Contents"]).stream
    for index, operand in enumerate(operators):
        if isinstance(operand, pydyf.Dictionary) and operand.get("MCID") in marks:
            operators[index - 1 : index + 1] = "/Artifact", pydyf.Dictionary({"Type": "/Pagination"})
