"""Contents of a PDF, read back along its structure tree."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pikepdf

from nioc_paper.render.verify.normalized_text import Contents
from nioc_paper.render.verify.tagged_pdf_reader import TaggedElement, collect_contents, read_letters, read_marked_text


def read_pdf(data: bytes) -> Contents:
    """Return the contents of a PDF's structure tree."""
    with pikepdf.open(io.BytesIO(data)) as file:
        root = _ContentReader(file).read_element(file.Root.StructTreeRoot.K[0])
        destinations = list(file.Root.Names.Dests.Names)[::2] if "/Names" in file.Root else []
        return collect_contents(root, map(str, destinations))


class _ContentReader:
    """Reader of the marked contents of a file, and of the elements that contain them."""

    def __init__(self, file: pikepdf.Pdf) -> None:
        self.unicode_maps: dict[tuple[int, int], Mapping[int, str]] = {}
        self.text_by_page = {page.obj.objgen: self._marked_text(page) for page in file.pages}

    def read_element(self, pdf_object: Any, page: Any = None) -> TaggedElement:
        """Read an element with all below it."""
        page = pdf_object.Pg.objgen if "/Pg" in pdf_object else page
        element = TaggedElement(str(pdf_object.S)[1:], str(pdf_object.get("/Alt", "")))
        kids = pdf_object.get("/K", ())
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, int):
                element.kids.append(self.text_by_page[page].get(kid, ""))
            elif "/S" in kid:
                element.kids.append(self.read_element(kid, page))
            elif "/MCID" in kid:
                element.kids.append(self.text_by_page[kid.Pg.objgen if "/Pg" in kid else page].get(int(kid.MCID), ""))
            elif "/Obj" in kid:
                element.target = _link_target(kid.Obj) or element.target
        return element

    def _marked_text(self, page: pikepdf.Page) -> dict[int, str]:
        fonts: Any = page.obj.Resources.get("/Font")
        page.contents_coalesce()
        return read_marked_text(page.Contents.read_bytes(), lambda name: self._unicode_map(fonts[name]))

    def _unicode_map(self, font: pikepdf.Object) -> Mapping[int, str]:
        """Return the letters of a font by glyph."""
        if font.objgen not in self.unicode_maps:
            table = font.ToUnicode.read_bytes() if "/ToUnicode" in font else b""
            self.unicode_maps[font.objgen] = read_letters(table)
        return self.unicode_maps[font.objgen]


def _link_target(annotation: Any) -> str:
    """Return the name of a link's target in the file."""
    destination = annotation.get("/Dest", annotation.get("/A", {}).get("/D", ""))
    return str(destination) if isinstance(destination, (pikepdf.String, str)) else ""


def font_names(pdf: pikepdf.Pdf) -> list[str]:
    """Return the names of all fonts in a file."""
    return sorted({str(font.BaseFont) for font in _used_fonts(page.obj.Resources for page in pdf.pages)})


def _used_fonts(resources: Iterable[pikepdf.Object]) -> Iterator[pikepdf.Object]:
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
