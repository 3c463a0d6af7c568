"""Merge of the pieces of a paper: one PDF with pages, links, contents, structure and fonts as of one layout.

Objects of the pieces are texts with slots: the merge gives each object a number, and fills the slots.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct, field

from nioc_paper.render.pdf import font_subsets
from nioc_paper.render.pdf.catalog import catalog_values
from nioc_paper.render.pdf.chapters import PaperLayout
from nioc_paper.render.pdf.merge_structure import StructureMerger
from nioc_paper.render.pdf.object_groups import ObjectGroup, PieceObjects
from nioc_paper.render.pdf.pdf_file import PdfFile, pdf_numbers, reference
from nioc_paper.render.pdf.prepared_pieces import BlankNumberError, PreparedPiece, prepare_piece, replace_number
from nioc_paper.render.pdf.results import FontUsage, JobResult, PieceInfo
from nioc_paper.render.pdf.running_heads import Background, SheetPage
from nioc_paper.system.cache import Cache

_COMPRESSED = b" /Filter /FlateDecode"


class SheetNumberError(Exception):
    """The digits of a page number cannot take the place of those on a sheet."""


class Merger(Struct, dict=True):
    """Merge in progress."""

    layout: PaperLayout
    backgrounds: Mapping[int, Background]
    background_pdfs: Mapping[str, JobResult]
    left_page_shift: float
    """Shift of left pages in points: chapters are laid out as if all pages were right pages."""
    extra_fonts: Sequence[str]
    cache: Cache
    unchanged: Mapping[bytes, PreparedPiece] = field(default_factory=dict)
    """Pieces that were prepared during the layout, by their encoded objects."""
    pdf: PdfFile = field(default_factory=PdfFile)
    shared: dict[str, bytes] = field(default_factory=dict)
    """References to objects that several pieces share, by mark."""
    fonts: dict[str, tuple[int, ObjectGroup]] = field(default_factory=dict)
    """First number and objects of each font, by its name."""
    page_contents: Sequence[bytes] = ()
    """Content of each page of the merged file, without its background."""
    forms: dict[SheetPage, bytes] = field(default_factory=dict)
    """References to the backgrounds."""

    def merge(self) -> bytes:
        """Return the whole paper as PDF. Raises BlankNumberError, SheetNumberError and UnknownFontError."""
        results = self.layout.printed_pieces
        self.usage_by_font = font_subsets.merge_usage(
            result.piece.usage_by_font for result in (*results, *self.background_pdfs.values())
        )
        for job, result in self.background_pdfs.items():
            self._add_forms(job, PieceObjects.decode(result.pdf), result.piece.usage_by_font)
        page_tree, structure = self.pdf.allocate(), StructureMerger(self.pdf)
        values = {"pages": reference(page_tree)}
        prepared_pieces = [self._prepare_piece(result) for result in results]
        pieces = [prepared.objects for prepared in prepared_pieces]
        self.page_contents = [content for prepared in prepared_pieces for content in prepared.contents]
        numbered_pieces = [
            structure.number_piece(piece, is_front=html_piece.is_front)
            for html_piece, piece in zip(self.layout.pieces, pieces, strict=True)
        ]
        pages: list[bytes] = []
        for result, prepared, numbered in zip(results, prepared_pieces, numbered_pieces, strict=True):
            piece, page_values = prepared.objects, self._page_values(prepared, result.piece, len(pages))
            pages += [reference(numbered.numbers[index]) for index in piece.pages]
            own_values = {**values, **numbered.values(piece), **page_values}
            texts = self._write_group(piece, piece.group, numbered.numbers, own_values, numbered.skipped)
            structure.add_parents(texts[piece.parent_tree])
        kids = b" ".join(pages)
        self.pdf.texts.append((page_tree, b"<< /Type /Pages /Count %d /Kids [ %s ] >>" % (len(pages), kids)))
        values |= {"structure": structure.write(), **catalog_values(self.pdf, self.layout, pages)}
        catalog, info = (self._add_group(pieces[0], group, values) for group in (pieces[0].catalog, pieces[0].info))
        self._embed_fonts(pieces[0])
        return self.pdf.to_bytes(catalog, info)

    # --- objects ------------------------------------------------------------------------------------------------------

    def _add_group(self, piece: PieceObjects, group: ObjectGroup, values: Mapping[str, bytes]) -> bytes:
        """Add the objects of a group; return the reference to the first."""
        first = self.pdf.allocate(group.count)
        self._write_group(piece, group, range(first, first + group.count), values)
        return reference(first)

    def _write_group(
        self,
        piece: PieceObjects,
        group: ObjectGroup,
        numbers: Sequence[int],
        values: Mapping[str, bytes],
        skipped: Collection[int] = (),
    ) -> list[bytes]:
        """Write the objects of a group with these numbers, but for some; return the texts of all."""
        values = {mark: values[mark] if mark in values else self._share(piece, mark) for mark in group.marks}
        texts = group.fill(numbers, values)
        for index, entry in enumerate(zip(numbers, texts, strict=True)):
            if index in skipped:
                continue
            if index in group.streams:
                self.pdf.streams.append((*entry, group.streams[index]))
            else:
                self.pdf.texts.append(entry)
        return texts

    def _share(self, piece: PieceObjects, mark: str) -> bytes:
        """Return the reference to an object that several pieces share. The first one with it adds it; fonts follow."""
        if mark not in self.shared:
            group = piece.shared[mark]
            name = mark.removeprefix("font-")
            if name in self.usage_by_font:
                self.fonts[name] = self.pdf.allocate(group.count), group
                self.shared[mark] = reference(self.fonts[name][0])
            else:
                self.shared[mark] = self._add_group(piece, group, {})
        return self.shared[mark]

    def _embed_fonts(self, piece: PieceObjects) -> None:
        """Write the fonts, with the glyphs of all pieces and of the page numbers."""
        for name, (first, group) in self.fonts.items():
            values = font_subsets.embed_subset(self.pdf, self.usage_by_font[name], self.extra_fonts, self.cache)
            self._write_group(piece, group, range(first, first + group.count), values)

    # --- pages --------------------------------------------------------------------------------------------------------

    def _add_forms(self, job: str, sheets: PieceObjects, usage_by_font: Mapping[str, FontUsage]) -> None:
        """Add those pages of a job with sheets that are backgrounds, with their numbers."""
        used = dict.fromkeys(each for pair in self.backgrounds.values() for each in pair if each.job == job)
        pages = {each.page for each in used if not each.number}
        skipped = {index for page, index in enumerate(sheets.pages) if page not in pages}
        free = iter(range(self.pdf.allocate(sheets.group.count - len(skipped)), self.pdf.next_number))
        numbers = [0 if index in skipped else next(free) for index in range(sheets.group.count)]
        texts = self._write_group(sheets, sheets.group, numbers, {}, skipped)
        contents: dict[int, bytes] = {}
        for each in used:
            index = sheets.pages[each.page]
            number = self.pdf.allocate() if each.number else numbers[index]
            self.forms[each] = reference(number)
            if each.number:
                if index not in contents:
                    contents[index] = self._replaceable_content(sheets, each, usage_by_font)
                content = self._replace_number(contents[index], each, each.number, usage_by_font)
                self.pdf.streams.append((number, texts[index], zlib.compress(content)))

    def _replaceable_content(
        self, sheets: PieceObjects, sheet: SheetPage, usage_by_font: Mapping[str, FontUsage]
    ) -> bytes:
        """Return the content of a sheet on which another number can be put.

        A template may have the printed number in another text too, such as a year, or print no number. Raises
        SheetNumberError if the next number of this side does not give the sheet that is laid out for it.
        """
        pages = (sheets.pages[sheet.page], sheets.pages[sheet.page + 2])
        content, next_content = (zlib.decompress(sheets.group.streams[index]) for index in pages)
        next_number = str(int(sheet.printed) + 2)
        if self._replace_number(content, sheet, next_number, usage_by_font) != next_content:
            raise SheetNumberError(next_number)
        return content

    def _replace_number(
        self, content: bytes, sheet: SheetPage, number: str, usage_by_font: Mapping[str, FontUsage]
    ) -> bytes:
        """Return the content of a sheet with another number. Adds its digits to the glyphs in use."""
        digits: dict[str, Sequence[int]] = {}
        try:
            filled = replace_number(content, sheet.printed, number, usage_by_font, self.extra_fonts, digits)
        except BlankNumberError:
            raise SheetNumberError(number) from None
        self._add_digits(digits)
        return filled

    def _prepare_piece(self, result: JobResult) -> PreparedPiece:
        """Return a piece with its page numbers. Adds their digits to the glyphs in use."""
        earlier = self.unchanged.get(result.pdf)
        prepared = prepare_piece(result, self.layout.page_numbers, self.extra_fonts, earlier)
        self._add_digits(prepared.digits_by_font)
        return prepared

    def _add_digits(self, digits_by_font: Mapping[str, Sequence[int]]) -> None:
        for name, glyphs in digits_by_font.items():
            font_subsets.add_digits(self.usage_by_font[name], glyphs)

    def _page_values(self, prepared: PreparedPiece, info: PieceInfo, first_page: int) -> dict[str, bytes]:
        """Return the values of the marks of pages; adds their contents and backgrounds to the file."""
        values, drawn = dict[str, bytes](), dict[SheetPage, bytes]()
        for number, (content, boxes) in enumerate(zip(prepared.contents, prepared.objects.boxes, strict=True)):
            background, shift = self.backgrounds.get(first_page + number), 0.0
            contents = self.pdf.add_compressed(content, _COMPRESSED)
            if background:
                is_left_page = (first_page + number) % 2 == 1 and info.sizes[number][0] < info.sizes[number][1]
                shift = self.left_page_shift if is_left_page else 0.0
                contents = b"[ %s %s ]" % (self._draw_background(background, shift), contents)
                drawn |= {each: self.forms[each] for each in background}
            values[f"contents-{number}"] = contents
            values[f"boxes-{number}"] = b" ".join(
                b"%s [ %s ]" % (name.encode(), pdf_numbers((left + shift, bottom, right + shift, top)))
                for name, (left, bottom, right, top) in boxes.items()
            )
        values["backgrounds"] = b" ".join(b"%s %s" % (_form_name(each), form) for each, form in drawn.items())
        return values

    def _draw_background(self, background: Background, shift: float) -> bytes:
        """Add the content that draws running head and page number below a page, and shifts the page to its side."""
        steps = (b"q 1 0 0 1 %.4f 0 cm %s Do Q" % (shift, _form_name(each)) for each in background)
        # An artifact: screen readers skip it (ISO 14289-1, 7.1).
        return self.pdf.add_stream(b"/Artifact <</Type /Pagination>> BDC %s EMC\n" % b" ".join(steps))


def _form_name(sheet_page: SheetPage) -> bytes:
    return f"/{sheet_page.job}-{sheet_page.number or sheet_page.page}".encode()
