"""Catalog of a merged paper: named destinations, outline and page labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nioc_paper.render.pdf.chapters import PaperLayout
from nioc_paper.render.pdf.pdf_file import PdfFile, pdf_numbers, pdf_string, reference
from nioc_paper.render.pdf.results import Bookmark, PieceInfo


def catalog_values(pdf: PdfFile, layout: PaperLayout, pages: Sequence[bytes]) -> dict[str, bytes]:
    """Return the values of the marks in the catalog, for the references to all pages; adds the outline to the file."""
    start = layout.page_numbers.main_start
    front = b"0 << /S /r >> " if start else b""
    return {
        "names": b"<< /Dests << /Names [ %s ] >> >>" % b" ".join(_destinations(layout, pages)),
        "outlines": _write_outline(pdf, list(_bookmarks(layout)), pages),
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


# --- outline ----------------------------------------------------------------------------------------------------------


def _bookmarks(layout: PaperLayout) -> Iterator[Bookmark]:
    """Yield the bookmarks of all pieces, with pages of the paper."""
    for first, info in _infos_with_first_page(layout):
        yield from (_shift_bookmark(bookmark, first) for bookmark in info.bookmarks)


def _shift_bookmark(bookmark: Bookmark, first: int) -> Bookmark:
    page, x, y = bookmark.target
    children = [_shift_bookmark(child, first) for child in bookmark.children]
    return bookmark._replace(target=(first + page, x, y), children=children)


def _write_outline(pdf: PdfFile, bookmarks: Sequence[Bookmark], pages: Sequence[bytes]) -> bytes:
    """Add an outline; return the reference to it."""
    root = pdf.allocate()
    ends = _write_level(pdf, bookmarks, pages, root)
    pdf.texts.append((root, b"<< /Type /Outlines%s /Count %d >>" % (ends, sum(map(_count_visible, bookmarks)))))
    return reference(root)


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
