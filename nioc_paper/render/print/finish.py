"""What WeasyPrint leaves undone in a PDF: page labels, whole links and the mark of PDF/UA-1 beside that of PDF/A-3a."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

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


def finish(data: bytes, main: int) -> bytes:
    """A finished PDF from WeasyPrint's; `main` is the index of the first page with an arabic number."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        _tag_links(pdf)
        labels = [(0, Dictionary(S=Name.r)), (main, Dictionary(S=Name.D))]
        pdf.Root.PageLabels = Dictionary(Nums=Array([part for label in labels[main == 0 :] for part in label]))
        metadata = pdf.Root.Metadata.read_bytes().decode()
        pdf.Root.Metadata.write(metadata.replace("</rdf:RDF>", _UA_MARK + "</rdf:RDF>", 1).encode())
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _tag_links(pdf: pikepdf.Pdf) -> None:
    """Every link annotation belongs to a Link element (ISO 14289-1, 7.18.5) and says something when read aloud."""
    numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
    elements: dict[int, Any] = {int(numbers[i]): numbers[i + 1] for i in range(0, len(numbers), 2)}
    for page in pdf.pages:
        for annotation in page.get("/Annots", []):
            element = elements.get(int(annotation.get("/StructParent", -1)))
            if element is not None and element.S in (Name.Span, Name.NonStruct):
                element.S = Name.Link
            if "/Contents" not in annotation:
                annotation.Contents = String("Link")


def foreign_fonts(data: bytes, families: tuple[str, ...]) -> list[str]:
    """The names of embedded fonts that belong to no family of ours."""
    ours = tuple(family.replace(" ", "") for family in families)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        fonts = {str(o.BaseFont) for o in pdf.objects if isinstance(o, Dictionary) and o.get("/Type") == "/Font"}
    plain = {name: name.split("+")[-1].strip("/").replace("-", "").replace(" ", "") for name in fonts}
    return sorted(name for name, letters in plain.items() if not letters.startswith(ours))
