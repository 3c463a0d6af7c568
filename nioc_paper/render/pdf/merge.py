"""Merge of the pieces of a paper: one PDF with pages, links, contents, structure and fonts as of one layout."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from nioc_paper.render.pdf import font_subsets
from nioc_paper.render.pdf.catalog import write_catalog
from nioc_paper.render.pdf.chapters import PaperLayout
from nioc_paper.render.pdf.merge_structure import StructureMerger
from nioc_paper.render.pdf.results import FontUsage, JobResult, PieceInfo
from nioc_paper.render.pdf.running_heads import Background, SheetPage
from nioc_paper.system.cache import Cache

_PAGE_BOXES = ("/MediaBox", "/TrimBox", "/BleedBox")


class BlankNumberError(Exception):
    """A blank page number cannot be filled in."""


def open_pieces(results: Iterable[JobResult]) -> dict[bytes, pikepdf.Pdf]:
    """Return the files of pieces by their bytes, with all objects parsed: for while others are laid out."""
    files = {result.pdf: pikepdf.open(io.BytesIO(result.pdf)) for result in results}
    for file in files.values():
        len(file.objects)
    return files


@dataclass
class Merger:
    """Merge in progress; the file of the first piece takes the pages of the others."""

    layout: PaperLayout
    backgrounds: Mapping[int, Background]
    background_pdfs: Mapping[str, JobResult]
    left_page_shift: float
    """Shift of left pages in points: chapters are laid out as if all pages were right pages."""
    extra_fonts: Sequence[str]
    cache: Cache
    opened: dict[bytes, pikepdf.Pdf] = field(default_factory=dict)
    """Files of pieces that are open already, by their bytes. Each is closed after its pages are copied."""
    stack: ExitStack = field(default_factory=ExitStack)
    fonts: dict[str, Object] = field(default_factory=dict)
    colour_profiles: dict[str, Object] = field(default_factory=dict)
    first_by_digest: dict[bytes, Object] = field(default_factory=dict)
    forms: dict[SheetPage, Object] = field(default_factory=dict)
    open_pdfs: dict[str, pikepdf.Pdf] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A cycle: only the garbage collector frees the objects of the file, after its delivery or never. Freeing them
        # takes a seventh of the time of the merge.
        self._itself = self

    def merge(self) -> bytes:
        """Return the whole paper as PDF."""
        with self.stack:
            self.usage_by_font = font_subsets.merge_usage(
                result.piece.usage_by_font for result in (*self.layout.printed_pieces, *self.background_pdfs.values())
            )
            self.pdf = self._open_pdf(self.layout.printed_pieces[0].pdf)
            structure = StructureMerger(self.pdf)
            self._add_pages(self.layout.first_pages, structure)
            structure.write()
            write_catalog(self.pdf, self.layout)
            for name, font in self.fonts.items():
                font_subsets.embed_subset(self.pdf, font, self.usage_by_font[name], self.extra_fonts, self.cache)
            out = io.BytesIO()
            self.pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()

    def _open_pdf(self, data: bytes) -> pikepdf.Pdf:
        return self.stack.enter_context(pikepdf.open(io.BytesIO(data)))

    # --- pages --------------------------------------------------------------------------------------------------------

    def _add_pages(self, first_pages: Sequence[int], structure: StructureMerger) -> None:
        root = self.pdf.Root.StructTreeRoot
        for number, (piece, result) in enumerate(zip(self.layout.pieces, self.layout.printed_pieces, strict=True)):
            if number:
                while len(self.pdf.pages) < first_pages[number]:
                    self._add_blank_page()
                with self.opened.pop(result.pdf, None) or pikepdf.open(io.BytesIO(result.pdf)) as source:
                    for page in source.pages:
                        self.pdf.pages.append(page)
                    root = self.pdf.copy_foreign(source.Root.StructTreeRoot)
            pages = [self.pdf.pages[first_pages[number] + n] for n in range(result.report.page_count)]
            self._add_piece(pages, result.piece, first_pages[number])
            structure.add_piece(root, pages, is_front=piece.is_front, is_first=not number)

    def _add_blank_page(self) -> None:
        left, bottom, right, top = (float(side) for side in self.pdf.pages[-1].obj.MediaBox.as_list())
        self.pdf.add_blank_page(page_size=(right - left, top - bottom))

    def _add_piece(self, pages: Sequence[pikepdf.Page], info: PieceInfo, first_page: int) -> None:
        resources = pages[0].Resources
        self._share_fonts(resources.Font, info.usage_by_font)
        self._share_colour_profiles(resources)
        self._share_images(resources)
        self._fill_page_numbers(pages, info)
        for number, page in enumerate(pages):
            if first_page + number in self.backgrounds:
                is_left_page = (first_page + number) % 2 == 1 and info.sizes[number][0] < info.sizes[number][1]
                self._add_background(
                    page,
                    resources,
                    self.backgrounds[first_page + number],
                    self.left_page_shift if is_left_page else 0.0,
                )

    def _share_fonts(self, font_resources: Object, usage_by_font: Iterable[str]) -> None:
        """Use one font of each kind for all pages."""
        for name in usage_by_font:
            key = f"/{name}"
            if key in font_resources:
                font_resources[key] = self.fonts.setdefault(name, font_resources[key])

    def _share_colour_profiles(self, resources: Object) -> None:
        """Use one colour profile for all pages."""
        for name in list(resources.ColorSpace.keys()):
            resources.ColorSpace[name] = self.colour_profiles.setdefault(name, resources.ColorSpace[name])

    def _share_images(self, resources: Object) -> None:
        """Keep one copy of a picture in several chapters, and one font of line numbers."""
        images = resources.get("/XObject", Dictionary())
        for name in list(images.keys()):
            if images[name].get("/Subtype") == Name.Image:
                images[name] = self._first_with_bytes(images[name], images[name])
            elif name.startswith("/Lines"):
                self._share_colour_profiles(images[name].Resources)
                font_resources = images[name].Resources.Font
                for key in list(font_resources.keys()):
                    descriptor = font_resources[key].DescendantFonts[0].FontDescriptor
                    program = descriptor.FontFile3 if "/FontFile3" in descriptor else descriptor.FontFile2
                    font_resources[key] = self._first_with_bytes(program, font_resources[key])

    def _first_with_bytes(self, stream: Object, owner: Object) -> Object:
        """Return the first owner of a stream with the same bytes."""
        return self.first_by_digest.setdefault(hashlib.sha256(stream.read_raw_bytes()).digest(), owner)

    def _add_background(self, page: pikepdf.Page, resources: Object, background: Background, shift: float) -> None:
        """Add running head and page number below a page, and shift the page to its side of the sheet."""
        steps = []
        for sheet_page in (background.head, background.number):
            name = f"/{sheet_page.job}-{sheet_page.page}"
            if "/XObject" not in resources:
                resources.XObject = Dictionary()
            resources.XObject[name] = self._background_form(sheet_page)
            steps.append(f"q 1 0 0 1 {shift:.4f} 0 cm {name} Do Q")
        # An artifact: screen readers skip it (ISO 14289-1, 7.1).
        content = f"/Artifact <</Type /Pagination>> BDC {' '.join(steps)} EMC\n".encode()
        page.obj.Contents = Array([self.pdf.make_stream(content), page.obj.Contents])
        if shift:
            for name in _PAGE_BOXES:
                if name in page.obj:
                    left, bottom, right, top = (float(side) for side in page.obj[name])
                    page.obj[name] = Array([left + shift, bottom, right + shift, top])

    def _background_form(self, sheet_page: SheetPage) -> Object:
        if sheet_page not in self.forms:
            result = self.background_pdfs[sheet_page.job]
            if sheet_page.job not in self.open_pdfs:
                self.open_pdfs[sheet_page.job] = self._open_pdf(result.pdf)
            source = self.open_pdfs[sheet_page.job].pages[sheet_page.page]
            self.forms[sheet_page] = self.pdf.copy_foreign(source.as_form_xobject())
            self._share_fonts(self.forms[sheet_page].Resources.Font, result.piece.usage_by_font)
            self._share_colour_profiles(self.forms[sheet_page].Resources)
        return self.forms[sheet_page]

    # --- numbers ------------------------------------------------------------------------------------------------------

    def _fill_page_numbers(self, pages: Sequence[pikepdf.Page], info: PieceInfo) -> None:
        """Fill in the blank page numbers."""
        blanks: dict[int, list[tuple[int, int]]] = {}
        for page, mark, target in info.blanks:
            number = self.layout.page_numbers.by_id[target] - self.layout.page_numbers.main_start + 1
            blanks.setdefault(page, []).append((mark, number))
        for index, numbers in blanks.items():
            content = pages[index].obj.Contents
            data = content.read_bytes()
            for mark, number in numbers:
                data = self._with_page_number(data, mark, str(number))
            content.write(data)

    def _with_page_number(self, content: bytes, mark: int, number: str) -> bytes:
        marked = re.search(rb"/MCID %d\s*>>\s*BDC(.*?)\bEMC" % mark, content, re.DOTALL)
        for usage in self._fonts_in(marked[1]) if marked else ():
            glyphs = font_subsets.digit_glyphs(usage, self.extra_fonts)
            if marked and glyphs and str(glyphs[0]) in usage["letters"]:
                # The engine may write an offset between two digits; it is the same for all digits.
                blank = rb"(>[^<]*<|)".join([b"%04x" % glyphs[0]] * len(number))
                if blank_match := re.search(blank, marked[1]):
                    font_subsets.add_digits(usage, glyphs)
                    moves = (*blank_match.groups(), b"")
                    filled = b"".join(b"%04x" % glyphs[int(n)] + move for n, move in zip(number, moves, strict=True))
                    start = marked.start(1)
                    return content[: start + blank_match.start()] + filled + content[start + blank_match.end() :]
        raise BlankNumberError(number)

    def _fonts_in(self, content: bytes) -> Iterator[FontUsage]:
        """Yield the fonts that a text is set in: two faces of a family have the same glyph numbers."""
        for name in re.findall(rb"/(\S+)\s+\S+\s+Tf", content):
            if usage := self.usage_by_font.get(name.decode()):
                yield usage
