"""Postprocessing of WeasyPrint's PDF: page labels, fonts, and the PDF/UA-1 identifier."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from nioc_paper.render.pdf.ua_identifier import with_ua_identifier
from nioc_paper.render.verify.normalized_text import PdfPages


def finish_pdf(data: bytes, main_start: int) -> tuple[list[str], bytes, PdfPages]:
    """Return the names of the fonts, the finished PDF, and its pages.

    `main_start` is the index of the first page with an arabic number.
    """
    with pikepdf.open(io.BytesIO(data)) as pdf:
        label_pages(pdf, main_start)
        pdf.Root.Metadata.write(with_ua_identifier(pdf.Root.Metadata.read_bytes()))
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
