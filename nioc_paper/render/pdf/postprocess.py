"""Postprocessing of WeasyPrint's PDF: page labels, structure tree, fonts, and the PDF/UA-1 identifier."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Operator, String

from nioc_paper.render.pdf.markers import NOTE_KEY, POINTS_PER_PIXEL, SOURCE_KEY
from nioc_paper.render.pdf.structure import MarkedContent, StructElement, read_tree, repair_tree
from nioc_paper.render.verify.pdf_pages import PdfPages

_RDF_ATTRIBUTES = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""'
_PDFUA_NAMESPACE = "http://www.aiim.org/pdfua/ns/id/"
# PDF/A allows the identifier of another standard only if the metadata describes its schema (ISO 19005-3, 6.6.2.3).
_UA_MARK = f"""<rdf:Description {_RDF_ATTRIBUTES}
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>{_PDFUA_NAMESPACE}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>PDF/UA version identifier</pdfaProperty:description>
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
<rdf:Description {_RDF_ATTRIBUTES} xmlns:pdfuaid="{_PDFUA_NAMESPACE}"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
"""


def finish_pdf(data: bytes, main_start: int) -> tuple[list[str], bytes, PdfPages]:
    """Return the names of the fonts, the finished PDF, and its pages.

    `main_start` is the index of the first page with an arabic number.
    """
    with pikepdf.open(io.BytesIO(data)) as pdf:
        repair_structure(pdf)
        disable_interpolation(pdf)
        label_pages(pdf, main_start)
        add_ua_identifier(pdf)
        font_list, pages, output = font_names(pdf), _read_pages(pdf), io.BytesIO()
        pdf.save(output, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return font_list, output.getvalue(), pages


def _read_pages(pdf: pikepdf.Pdf) -> PdfPages:
    indices = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
    names = pdf.Root.Names.Dests.Names if "/Names" in pdf.Root and "/Dests" in pdf.Root.Names else ()
    page_by_id = {str(names[n]): indices[names[n + 1][0].objgen] for n in range(0, len(names), 2)}
    return PdfPages([_raw_content(page.obj.Contents) for page in pdf.pages], page_by_id)


def _raw_content(content: Object) -> bytes:
    parts = content if isinstance(content, Array) else [content]
    return b"".join(part.read_raw_bytes() for part in parts)


def label_pages(pdf: pikepdf.Pdf, main_start: int) -> None:
    """Set the page labels."""
    labels = [(0, Dictionary(S=Name.r)), (main_start, Dictionary(S=Name.D))]
    pdf.Root.PageLabels = Dictionary(Nums=Array([part for label in labels[main_start == 0 :] for part in label]))


def add_ua_identifier(pdf: pikepdf.Pdf) -> None:
    """Add the PDF/UA-1 identifier to the metadata."""
    metadata = pdf.Root.Metadata.read_bytes().decode()
    pdf.Root.Metadata.write(metadata.replace("</rdf:RDF>", _UA_MARK + "</rdf:RDF>", 1).encode())


def disable_interpolation(pdf: pikepdf.Pdf) -> None:
    """Disable the interpolation of all images, as PDF/A requires (ISO 19005-3, 6.2.8)."""
    for image in pdf.objects:
        if isinstance(image, pikepdf.Stream) and image.get("/Subtype") == Name.Image:
            image.Interpolate = False


# --- structure --------------------------------------------------------------------------------------------------------


def repair_structure(pdf: pikepdf.Pdf, piece_name: str = "") -> None:
    """Repair the structure tree. In a piece of a paper its name is a prefix of the ids of table heads."""
    root = pdf.Root.StructTreeRoot
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    document = read_tree(root.K[0], pages)
    repair_tree(document)
    mark_counts = [len(root.ParentTree.Nums[2 * number + 1]) for number in pages.values()]
    writer = _StructureWriter(pdf, pages, [[None] * count for count in mark_counts], piece_name)
    root.K = Array([writer.write_element(document, root)])
    parents: dict[int, Object] = dict(enumerate(map(Array, writer.owners))) | writer.links
    root.ParentTree.Nums = Array([part for number in sorted(parents) for part in (number, parents[number])])
    root.IDTree = Dictionary(Names=Array([part for _, pair in sorted(writer.elements_by_id.items()) for part in pair]))
    for page, owners in zip(pdf.pages, writer.owners, strict=True):
        _mark_artifacts(pdf, page, {number for number, owner in enumerate(owners) if owner is None})


@dataclass
class _StructureWriter:
    """Structure tree while it is written: owners of marked content, links, and elements with an id."""

    pdf: pikepdf.Pdf
    pages: Mapping[tuple[int, int], int]
    owners: list[list[Object | None]]
    """By page, then by mcid; None for running heads and repeated table heads."""
    piece_name: str = ""
    """Prefix of the ids of table heads."""
    links: dict[int, Object] = field(default_factory=dict)
    elements_by_id: dict[bytes, tuple[Object, Object]] = field(default_factory=dict)

    def write_element(self, element: StructElement, parent: Object) -> Object:
        """Write an element with all below it; return its dictionary."""
        pdf_object: Object = element.pdf_object
        if pdf_object is None:
            pdf_object = self.pdf.make_indirect(Dictionary(Type=Name.StructElem))
        pdf_object.S, pdf_object.P = Name(f"/{element.role}"), parent
        pdf_object.K = Array([self._write_kid(kid, pdf_object) for kid in element.kids])
        for key in (SOURCE_KEY, NOTE_KEY):
            if f"/{key}" in pdf_object:
                del pdf_object[f"/{key}"]
        if element.role == "Note":
            pdf_object.ID = String(element.note_id)
        elif self.piece_name and "/ID" in pdf_object:
            pdf_object.ID = self._prefixed_id(pdf_object.ID)
        if element.role == "Figure" and "/BBox" in pdf_object.A:
            pdf_object.A.BBox = _to_page_rectangle(pdf_object.A.BBox, pdf_object.Pg)
        if self.piece_name and "/A" in pdf_object and "/Headers" in pdf_object.A:
            pdf_object.A.Headers = Array([self._prefixed_id(name) for name in pdf_object.A.Headers])
        if "/ID" in pdf_object:
            self.elements_by_id[bytes(pdf_object.ID)] = (pdf_object.ID, pdf_object)
        return pdf_object

    def _prefixed_id(self, element_id: Object) -> Object:
        return String(f"{self.piece_name}-{element_id}")

    def _write_kid(self, kid: Object, pdf_object: Object) -> Object:
        if isinstance(kid, StructElement):
            return self.write_element(kid, pdf_object)
        if not isinstance(kid, MarkedContent):
            self.links[int(kid.Obj.StructParent)] = pdf_object
            return kid
        self.owners[kid.page][kid.mcid] = pdf_object
        if "/Pg" in pdf_object and self.pages[pdf_object.Pg.objgen] == kid.page:
            return kid.mcid
        return Dictionary(Type=Name.MCR, Pg=self.pdf.pages[kid.page].obj, MCID=kid.mcid)


def _to_page_rectangle(box: Object, page: Object) -> Object:
    """Convert a rectangle from CSS pixels, from the top, to points, from the bottom (14.8.5.4.3)."""
    left, top, right, bottom = (float(side) * POINTS_PER_PIXEL for side in box)
    height = float(page.MediaBox[3])
    return Array([round(side, 2) for side in (left, height - bottom, right, height - top)])


def _mark_artifacts(pdf: pikepdf.Pdf, page: pikepdf.Page, marks: set[int]) -> None:
    """Mark content without an element as artifact, so that it is not read aloud (14.8.2.2)."""
    if not marks:
        return
    instructions: list[
        pikepdf.ContentStreamInstruction
        | pikepdf.ContentStreamInlineImage
        | tuple[Collection[Object | pikepdf.PdfInlineImage], Operator]
    ] = []
    for instruction in pikepdf.parse_content_stream(page):
        if instruction.operator == _BEGIN_MARKED and int(instruction.operands[1].get("/MCID", -1)) in marks:
            instructions.append(([Name.Artifact, Dictionary(Type=Name.Pagination)], _BEGIN_MARKED))
        else:
            instructions.append(instruction)
    page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))


_BEGIN_MARKED = Operator("BDC")


# --- fonts ------------------------------------------------------------------------------------------------------------


def font_names(pdf: pikepdf.Pdf) -> list[str]:
    """Return the names of all fonts in a file."""
    return sorted({str(font.BaseFont) for font in _used_fonts(page.obj.Resources for page in pdf.pages)})


def _used_fonts(resources: Iterable[Object]) -> Iterator[Object]:
    """Yield each font of pages, and of the forms that they draw."""
    seen: set[tuple[int, int]] = set()
    pending = list(resources)
    while pending:
        current = pending.pop()
        entries = [*current.get("/Font", {}).values(), *current.get("/XObject", {}).values()]
        for entry in entries:
            if entry.objgen not in seen:
                seen.add(entry.objgen)
                if entry.get("/Type") == "/Font":
                    yield entry
                elif "/Resources" in entry:
                    pending.append(entry.Resources)
