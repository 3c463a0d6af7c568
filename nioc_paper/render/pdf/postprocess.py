"""Postprocessing of WeasyPrint's PDF: page labels, and the PDF/UA-1 identifier."""

from __future__ import annotations

import io

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from nioc_paper.render.pdf.ua_identifier import with_ua_identifier
from nioc_paper.render.verify.normalized_text import PdfPages


def finish_pdf(data: bytes, main_start: int) -> tuple[bytes, PdfPages]:
    """Return the finished PDF, and its pages.

    `main_start` is the index of the first page with an arabic number.
    """
    with pikepdf.open(io.BytesIO(data)) as pdf:
        labels = [(0, Dictionary(S=Name.r)), (main_start, Dictionary(S=Name.D))][main_start == 0 :]
        pdf.Root.PageLabels = Dictionary(Nums=Array([part for label in labels for part in label]))
        pdf.Root.Metadata.write(with_ua_identifier(pdf.Root.Metadata.read_bytes()))
        indices = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
        names = pdf.Root.Names.Dests.Names if "/Names" in pdf.Root and "/Dests" in pdf.Root.Names else ()
        page_by_id = {str(names[n]): indices[names[n + 1][0].objgen] for n in range(0, len(names), 2)}
        pages, output = PdfPages([_raw_content(page.obj.Contents) for page in pdf.pages], page_by_id), io.BytesIO()
        pdf.save(output, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return output.getvalue(), pages


def _raw_content(content: Object) -> bytes:
    parts = content if isinstance(content, Array) else [content]
    return b"".join(part.read_raw_bytes() for part in parts)
