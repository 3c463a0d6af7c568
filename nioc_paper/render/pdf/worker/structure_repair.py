"""Repair of a document's structure tree in WeasyPrint's objects, before the file is written.

`structure.py` has the rules of the repair. With pikepdf, in the written file, it took four times as long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pydyf
from msgspec import Struct, field

from nioc_paper.render.pdf.results import NOTE_KEY, POINTS_PER_PIXEL, SOURCE_KEY
from nioc_paper.render.pdf.structure import MarkedContent, StructElement, repair_tree
from nioc_paper.render.pdf.worker.unwritten_objects import dereference, encode_string


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
    entries = sorted((parents | writer.links).items())
    parent_tree["Nums"] = pydyf.Array(part for entry in entries for part in entry)
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
        kids = [self._write_kid(kid, pdf_object, reference) for kid in element.kids]
        pdf_object["K"] = pydyf.Array(kids)
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
        page = self.page_references[kid.page]
        return pydyf.Dictionary({"Type": "/MCR", "Pg": page, "MCID": kid.mcid})

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
