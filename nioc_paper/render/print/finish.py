"""What WeasyPrint leaves undone in a PDF: page labels, structure, the mark of PDF/UA-1 beside that of PDF/A-3a."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator, String

from nioc_paper.render.print.structure import Element, Mark, mend, read
from nioc_paper.render.print.tagging import NOTE, SOURCE

_RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""'
_PDFUA = "http://www.aiim.org/pdfua/ns/id/"
# PDF/A allows another standard's mark only if the metadata describes its schema (ISO 19005-3, 6.6.2.3).
_UA_MARK = f"""<rdf:Description {_RDF}
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>{_PDFUA}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>PDF/UA version identifier</pdfaProperty:description>
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
<rdf:Description {_RDF} xmlns:pdfuaid="{_PDFUA}"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
"""


def finish(data: bytes, main: int) -> tuple[list[str], bytes]:
    """A finished PDF from WeasyPrint's, and the names of its fonts.

    `main` is the index of the first page with an arabic number.
    """
    with pikepdf.open(io.BytesIO(data)) as pdf:
        restructure(pdf)
        smooth_nothing(pdf)
        label(pdf, main)
        names, out = font_names(pdf), io.BytesIO()
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return names, out.getvalue()


def label(pdf: pikepdf.Pdf, main: int) -> None:
    """Number the pages as they say themselves, and add the mark of PDF/UA-1."""
    labels = [(0, Dictionary(S=Name.r)), (main, Dictionary(S=Name.D))]
    pdf.Root.PageLabels = Dictionary(Nums=Array([part for label in labels[main == 0 :] for part in label]))
    metadata = pdf.Root.Metadata.read_bytes().decode()
    pdf.Root.Metadata.write(metadata.replace("</rdf:RDF>", _UA_MARK + "</rdf:RDF>", 1).encode())


def smooth_nothing(pdf: pikepdf.Pdf) -> None:
    """No picture asks to be smoothed, which PDF/A forbids (ISO 19005-3, 6.2.8)."""
    for picture in pdf.objects:
        if isinstance(picture, pikepdf.Stream) and picture.get("/Subtype") == Name.Image:
            picture.Interpolate = False


# --- structure --------------------------------------------------------------------------------------------------------


def restructure(pdf: pikepdf.Pdf, piece: str = "") -> None:
    """Read the structure, mend it, write it back. In a piece of a paper the heads of tables have names of their own."""
    root = pdf.Root.StructTreeRoot
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    document = read(root.K[0], pages)
    mend(document)
    marks = [len(root.ParentTree.Nums[2 * number + 1]) for number in pages.values()]
    tree = _Tree(pdf, pages, [[None] * count for count in marks], piece)
    root.K = Array([tree.write(document, root)])
    parents: dict[int, Any] = dict(enumerate(map(Array, tree.owners))) | tree.links
    root.ParentTree.Nums = Array([part for number in sorted(parents) for part in (number, parents[number])])
    root.IDTree = Dictionary(Names=Array([part for _, pair in sorted(tree.names.items()) for part in pair]))
    for page, owners in zip(pdf.pages, tree.owners, strict=True):
        _set_apart(pdf, page, {number for number, owner in enumerate(owners) if owner is None})


@dataclass
class _Tree:
    """A structure tree as it is written: who owns which piece of which page, and what has which name."""

    pdf: pikepdf.Pdf
    pages: Mapping[tuple[int, int], int]
    owners: list[list[Any]]
    """By page, then by the number of the piece; None is a running head, or a head of a table said again."""
    piece: str = ""
    """Begins the names of the heads of tables."""
    links: dict[int, Any] = field(default_factory=dict)
    names: dict[bytes, tuple[Any, Any]] = field(default_factory=dict)

    def write(self, element: Element, parent: Any) -> Any:
        """The dictionary of an element, with all below it."""
        made = element.made
        if made is None:
            made = self.pdf.make_indirect(Dictionary(Type=Name.StructElem))
        made.S, made.P = Name(f"/{element.role}"), parent
        made.K = Array([self._kid(kid, made) for kid in element.kids])
        for key in (SOURCE, NOTE):
            if f"/{key}" in made:
                del made[f"/{key}"]
        if element.role == "Note":
            made.ID = String(element.note)
        elif self.piece and "/ID" in made:
            made.ID = self._named(made.ID)
        if element.role == "Figure" and "/BBox" in made.A:
            made.A.BBox = _on_page(made.A.BBox, made.Pg)
        if self.piece and "/A" in made and "/Headers" in made.A:
            made.A.Headers = Array([self._named(name) for name in made.A.Headers])
        if "/ID" in made:
            self.names[bytes(made.ID)] = (made.ID, made)
        return made

    def _named(self, name: Any) -> Any:
        return String(f"{self.piece}-{name}")

    def _kid(self, kid: Any, made: Any) -> Any:
        if isinstance(kid, Element):
            return self.write(kid, made)
        if not isinstance(kid, Mark):
            self.links[int(kid.Obj.StructParent)] = made
            return kid
        self.owners[kid.page][kid.number] = made
        if "/Pg" in made and self.pages[made.Pg.objgen] == kid.page:
            return kid.number
        return Dictionary(Type=Name.MCR, Pg=self.pdf.pages[kid.page].obj, MCID=kid.number)


def _on_page(box: Any, page: Any) -> Any:
    """A rectangle in CSS pixels from the top as the file counts: in points from the bottom (14.8.5.4.3)."""
    left, top, right, bottom = (float(side) * 0.75 for side in box)
    height = float(page.MediaBox[3])
    return Array([round(side, 2) for side in (left, height - bottom, right, height - top)])


def _set_apart(pdf: pikepdf.Pdf, page: pikepdf.Page, marks: set[int]) -> None:
    """Make artifacts of pieces of a page that belong to no element, so that nobody reads them out (14.8.2.2)."""
    if not marks:
        return
    content: list[Any] = []
    for step in pikepdf.parse_content_stream(page):
        if step.operator == _BEGIN and int(step.operands[1].get("/MCID", -1)) in marks:
            content.append(([Name.Artifact, Dictionary(Type=Name.Pagination)], _BEGIN))
        else:
            content.append(step)
    page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(content))


_BEGIN = Operator("BDC")


# --- fonts ------------------------------------------------------------------------------------------------------------


def font_names(pdf: pikepdf.Pdf) -> list[str]:
    """What the fonts in a file call themselves."""
    return sorted({str(font.BaseFont) for font in _fonts(page.obj.Resources for page in pdf.pages)})


def foreign_fonts(names: Iterable[str], families: Iterable[str]) -> list[str]:
    """Those of some fonts that belong to no family of ours."""
    ours = tuple(family.replace(" ", "") for family in families)
    plain = {name: name.split("+")[-1].strip("/").replace("-", "").replace(" ", "") for name in names}
    return sorted(name for name, letters in plain.items() if not letters.startswith(ours))


def _fonts(resources: Iterable[Any]) -> Iterator[Any]:
    """Each typeface that pages use, and forms that they draw."""
    seen: set[tuple[int, int]] = set()
    left = list(resources)
    while left:
        own = left.pop()
        things = [*own.get("/Font", {}).values(), *own.get("/XObject", {}).values()]
        for thing in things:
            if thing.objgen not in seen:
                seen.add(thing.objgen)
                if thing.get("/Type") == "/Font":
                    yield thing
                elif "/Resources" in thing:
                    left.append(thing.Resources)
