"""Merge of the pieces of a paper: one PDF with pages, links, contents, structure and fonts as of one layout.

Objects of the pieces are texts with slots: the merge gives each object a number, and fills the slots.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct, field

from nioc_paper.render.pdf import font_subsets
from nioc_paper.render.pdf.chapter_layout import PaperLayout
from nioc_paper.render.pdf.pdf_file import ObjectGroup, PdfFile, PieceObjects, pdf_numbers, pdf_string, reference
from nioc_paper.render.pdf.running_heads import Background, SheetPage
from nioc_paper.render.pdf.worker_messages import Bookmark, FontUsage, JobResult, PieceInfo

# --- merge of the structure trees of pieces ---------------------------------------------------------------------------


class _Division(Struct, dict=True):
    """Element of the document that takes the elements of several chapters."""

    role: str
    number: int = 0
    elements: list[bytes] = field(default_factory=list)


class NumberedPiece(Struct, frozen=True, dict=True):
    """Numbers of a piece's objects, and values of the marks in its structure. Objects that are skipped have none."""

    numbers: Sequence[int]
    skipped: Collection[int]
    divisions: Sequence[_Division]
    first_parent: int

    def values(self, piece: PieceObjects) -> dict[str, bytes]:
        """Return the values of the marks. Call after the last piece is numbered."""
        kids = {f"kids-{n}": b"[ %s ]" % b" ".join(each.elements) for n, each in enumerate(self.divisions)}
        return kids | {f"parent-{n}": b"%d" % (self.first_parent + n) for n in range(piece.parent_count)}


class StructureMerger:
    """Structure tree of the paper, which takes the elements of the pieces."""

    def __init__(self, pdf: PdfFile) -> None:
        self.pdf = pdf
        self.root, self.document = pdf.allocate(), pdf.allocate()
        self.divisions: list[_Division] = []
        self.open_divisions: dict[bool, _Division] = {}
        """Element that takes the chapters of the front, and that of the text."""
        self.next_parent = 0
        self.parent_tree: list[bytes] = []
        self.named_elements: list[tuple[bytes, bytes]] = []

    def number_piece(self, piece: PieceObjects, *, is_front: bool) -> NumberedPiece:
        """Number the objects of a piece, and attach its structure at the place that one layout would give it."""
        divisions = self._find_divisions(piece, is_front=is_front)
        indices = [index for _, index, _ in piece.kids]
        joined = {index for index, division in zip(indices, divisions, strict=True) if division.number}
        skipped = {*joined, piece.parent_tree}
        free = iter(range(self.pdf.allocate(piece.group.count - len(skipped)), self.pdf.next_number))
        numbers = [0 if index in skipped else next(free) for index in range(piece.group.count)]
        for (_, index, elements), division in zip(piece.kids, divisions, strict=True):
            division.number = numbers[index] = division.number or numbers[index]
            division.elements += [reference(numbers[element]) for element in elements]
        self.named_elements += [(key.encode(), reference(numbers[index])) for key, index in piece.ids]
        first_parent, self.next_parent = self.next_parent, self.next_parent + piece.parent_count
        return NumberedPiece(numbers, skipped, divisions, first_parent)

    def _find_divisions(self, piece: PieceObjects, *, is_front: bool) -> list[_Division]:
        """Return the element of the document for each of a piece: an earlier one, or a new one without a number."""
        chosen, is_first = [], not self.divisions
        for position, (role, _, _) in enumerate(piece.kids):
            division = self.open_divisions.get(is_front)
            is_divisible = f"kids-{position}" in piece.group.marks
            if is_first or division is None or division.role != role or not is_divisible:
                division = _Division(role)
                self.divisions.append(division)
                if is_first or (is_divisible and is_front not in self.open_divisions):
                    self.open_divisions[is_front] = division
            chosen.append(division)
        return chosen

    def write(self) -> bytes:
        """Write the root and the document; return the reference to the root. Call after the last piece."""
        kids = b" ".join(reference(division.number) for division in self.divisions)
        document = b"<< /Type /StructElem /S /Document /P %d 0 R /K [ %s ] >>" % (self.root, kids)
        parents = self.pdf.add(b"<< /Nums [ %s ] >>" % b" ".join(self.parent_tree))
        names = b" ".join(b"<%s> %s" % entry for entry in sorted(self.named_elements))
        root = b"<< /Type /StructTreeRoot /K [ %d 0 R ] /ParentTree %s /ParentTreeNextKey %d"
        root += b" /IDTree << /Names [ %s ] >> >>"
        self.pdf.texts.append((self.document, document))
        self.pdf.texts.append((self.root, root % (self.document, parents, self.next_parent, names)))
        return reference(self.root)


# --- catalog of a merged paper: named destinations, outline and page labels -------------------------------------------


def catalog_values(pdf: PdfFile, layout: PaperLayout, pages: Sequence[bytes]) -> dict[str, bytes]:
    """Return the values of the marks in the catalog, for the references to all pages; adds the outline to the file."""
    start = layout.page_numbers.main_start
    front = b"0 << /S /r >> " if start else b""
    bookmarks = list(_bookmarks(layout))
    root = pdf.allocate()
    ends = _write_level(pdf, bookmarks, pages, root)
    pdf.texts.append((root, b"<< /Type /Outlines%s /Count %d >>" % (ends, sum(map(_count_visible, bookmarks)))))
    return {
        "names": b"<< /Dests << /Names [ %s ] >> >>" % b" ".join(_destinations(layout, pages)),
        "outlines": reference(root),
        "labels": b"<< /Nums [ %s%d << /S /D >> ] >>" % (front, start),
    }


def _infos_with_first_page(layout: PaperLayout) -> Iterator[tuple[int, PieceInfo]]:
    """Return the first page of each piece, with the data of the piece."""
    return zip(layout.first_pages, (result.piece for result in layout.printed_pieces), strict=True)


def _place(page: bytes, x: float, y: float) -> bytes:
    return b"[ %s /XYZ %s 0 ]" % (page, pdf_numbers((x, y)))


def _destinations(layout: PaperLayout, pages: Sequence[bytes]) -> Iterator[bytes]:
    destinations: dict[str, bytes] = {}
    for first, info in _infos_with_first_page(layout):
        for name, page, x, y in info.anchors:
            if name not in destinations:
                destinations[name] = _place(pages[first + page], x, y)
    for name in sorted(destinations, key=str.encode):
        yield b"%s %s" % (pdf_string(name), destinations[name])


def _bookmarks(layout: PaperLayout) -> Iterator[Bookmark]:
    """Yield the bookmarks of all pieces, with pages of the paper."""
    for first, info in _infos_with_first_page(layout):
        yield from (_shift_bookmark(bookmark, first) for bookmark in info.bookmarks)


def _shift_bookmark(bookmark: Bookmark, first: int) -> Bookmark:
    page, x, y = bookmark.target
    children = [_shift_bookmark(child, first) for child in bookmark.children]
    return bookmark._replace(target=(first + page, x, y), children=children)


def _write_level(pdf: PdfFile, bookmarks: Sequence[Bookmark], pages: Sequence[bytes], parent: int) -> bytes:
    """Add the bookmarks below a parent; return its entries for the first and the last."""
    if not bookmarks:
        return b""
    first = pdf.allocate(len(bookmarks))
    for number, bookmark in enumerate(bookmarks, start=first):
        page, x, y = bookmark.target
        previous = b" /Prev %d 0 R" % (number - 1) if number > first else b""
        following = b" /Next %d 0 R" % (number + 1) if number < first + len(bookmarks) - 1 else b""
        title, place = pdf_string(bookmark.title), _place(pages[page], x, y)
        count = sum(map(_count_visible, bookmark.children)) * (-1 if bookmark.state == "closed" else 1)
        below = _write_level(pdf, bookmark.children, pages, number)
        entries = b"/Title %s /Parent %d 0 R /Dest %s /Count %d" % (title, parent, place, count)
        pdf.texts.append((number, b"<< %s%s%s%s >>" % (entries, previous, following, below)))
    return b" /First %d 0 R /Last %d 0 R" % (first, first + len(bookmarks) - 1)


def _count_visible(bookmark: Bookmark) -> int:
    """Return the number of entries that show: itself, and those below it unless it is closed."""
    return 1 + (0 if bookmark.state == "closed" else sum(map(_count_visible, bookmark.children)))


# --- merge ------------------------------------------------------------------------------------------------------------


class PageNumberError(Exception):
    """The digits of a page number cannot take the place of printed ones."""


class Merger(Struct, dict=True):
    """Merge in progress."""

    layout: PaperLayout
    backgrounds: Mapping[int, Background]
    background_pdfs: Mapping[str, JobResult]
    left_page_shift: float
    """Shift of left pages in points: chapters are laid out as if all pages were right pages."""
    extra_fonts: Sequence[str]
    pdf: PdfFile = field(default_factory=PdfFile)
    shared: dict[str, bytes] = field(default_factory=dict)
    """References to objects that several pieces share, by mark."""
    fonts: dict[str, tuple[int, ObjectGroup]] = field(default_factory=dict)
    """First number and objects of each font, by its name."""
    page_contents: list[bytes] = field(default_factory=list)
    """Content of each page of the merged file, without its background."""
    forms: dict[SheetPage, bytes] = field(default_factory=dict)
    """References to the backgrounds."""

    def merge(self) -> bytes:
        """Return the whole paper as PDF. Raises PageNumberError and UnknownFontError."""
        results = self.layout.printed_pieces
        self.usage_by_font = font_subsets.merge_usage(
            result.piece.usage_by_font for result in (*results, *self.background_pdfs.values())
        )
        for job, result in self.background_pdfs.items():
            self._add_forms(job, PieceObjects.decode(result.pdf), result.piece.usage_by_font)
        page_tree, structure = self.pdf.allocate(), StructureMerger(self.pdf)
        values = {"pages": reference(page_tree), "document": reference(structure.document)}
        pieces = [PieceObjects.decode(result.pdf) for result in results]
        numbered_pieces = [
            structure.number_piece(piece, is_front=html_piece.is_front)
            for html_piece, piece in zip(self.layout.pieces, pieces, strict=True)
        ]
        pages: list[bytes] = []
        first_pages = self.layout.first_pages
        for first, result, piece, numbered in zip(first_pages, results, pieces, numbered_pieces, strict=True):
            if first > len(pages):  # the pages before the text are an odd number
                pages.append(self._add_empty_page(piece, page_tree))
            self.page_contents += self._fill_blanks(result.piece, piece)
            page_values = self._page_values(piece, result.piece, len(pages))
            pages += [reference(numbered.numbers[index]) for index in piece.pages]
            own_values = {**values, **numbered.values(piece), **page_values}
            texts = self._write_group(piece, piece.group, numbered.numbers, own_values, numbered.skipped)
            structure.parent_tree.append(texts[piece.parent_tree].removeprefix(b"[").removesuffix(b"]"))
        kids = b" ".join(pages)
        self.pdf.texts.append((page_tree, b"<< /Type /Pages /Count %d /Kids [ %s ] >>" % (len(pages), kids)))
        values |= {"structure": structure.write(), **catalog_values(self.pdf, self.layout, pages)}
        catalog, info = (self._add_group(pieces[0], group, values) for group in (pieces[0].catalog, pieces[0].info))
        for name, (first, group) in self.fonts.items():
            values = font_subsets.embed_subset(self.pdf, self.usage_by_font[name], self.extra_fonts)
            self._write_group(pieces[0], group, range(first, first + group.count), values)
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
                content = self._replace_number(contents[index], each.printed, each.number, usage_by_font)
                self.pdf.streams.append((number, texts[index], zlib.compress(content)))

    def _replaceable_content(
        self, sheets: PieceObjects, sheet: SheetPage, usage_by_font: Mapping[str, FontUsage]
    ) -> bytes:
        """Return the content of a sheet on which another number can be put.

        A template may have the printed number in another text too, such as a year, or print no number. Raises
        PageNumberError if the next number of this side does not give the sheet that is laid out for it.
        """
        pages = (sheets.pages[sheet.page], sheets.pages[sheet.page + 2])
        content, next_content = (zlib.decompress(sheets.group.streams[index]) for index in pages)
        next_number = str(int(sheet.printed) + 2)
        if self._replace_number(content, sheet.printed, next_number, usage_by_font) != next_content:
            raise PageNumberError(next_number)
        return content

    def _add_empty_page(self, piece: PieceObjects, page_tree: int) -> bytes:
        """Add a page without content, as large as the first of a piece; return its reference."""
        self.page_contents.append(zlib.compress(b""))
        values = page_tree, pdf_numbers(piece.boxes[0]["/MediaBox"]), self.pdf.add_stream(b"")
        page = b"<< /Type /Page /Tabs /S /Parent %d 0 R /MediaBox [ %s ] /Resources << >> /Contents %s >>"
        return self.pdf.add(page % values)

    def _fill_blanks(self, info: PieceInfo, piece: PieceObjects) -> list[bytes]:
        """Return the compressed contents of the pages of a piece, with the page numbers beside their references."""
        contents, page_numbers = list(piece.contents), self.layout.page_numbers
        for page in dict.fromkeys(blank.page for blank in info.blanks):
            data = zlib.decompress(contents[page])
            for blank in (each for each in info.blanks if each.page == page):
                number = str(page_numbers.by_id[blank.target] - page_numbers.main_start + 1)
                marked = re.search(rb"/MCID %d\s*>>\s*BDC(.*?)\bEMC" % blank.mcid, data, re.DOTALL)
                if not marked:
                    raise PageNumberError(number)
                filled = self._replace_number(marked[1], "0" * len(number), number, info.usage_by_font)
                data = data[: marked.start(1)] + filled + data[marked.end(1) :]
            contents[page] = zlib.compress(data)
        return contents

    def _replace_number(
        self, content: bytes, printed: str, number: str, usage_by_font: Mapping[str, FontUsage]
    ) -> bytes:
        """Return a content with another number in the place of a printed one of the same length.

        Adds the digits of its font to the glyphs in use.
        """
        # Two faces of a family have the same glyph numbers.
        for name in map(bytes.decode, re.findall(rb"/(\S+)\s+\S+\s+Tf", content)):
            usage = usage_by_font.get(name)
            glyphs = font_subsets.digit_glyphs(usage, self.extra_fonts) if usage else []
            if usage and glyphs and all(str(glyphs[int(digit)]) in usage["letters"] for digit in printed):
                # The engine may write offsets between two digits; they are the same for all digits.
                pattern = rb"((?:>[^<]*<)*)".join(b"%04x" % glyphs[int(digit)] for digit in printed)
                if number_match := re.search(pattern, content):
                    font_subsets.add_digits(self.usage_by_font[name], glyphs)
                    moves = (*number_match.groups(), b"")
                    filled = b"".join(b"%04x" % glyphs[int(n)] + move for n, move in zip(number, moves, strict=True))
                    return content[: number_match.start()] + filled + content[number_match.end() :]
        raise PageNumberError(number)

    def _page_values(self, piece: PieceObjects, info: PieceInfo, first_page: int) -> dict[str, bytes]:
        """Return the values of the marks of pages; adds their contents and backgrounds to the file."""
        values, drawn = dict[str, bytes](), dict[SheetPage, bytes]()
        for number, boxes in enumerate(piece.boxes):
            background, shift = self.backgrounds.get(first_page + number), 0.0
            contents = self.pdf.add_compressed(self.page_contents[first_page + number], b" /Filter /FlateDecode")
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
