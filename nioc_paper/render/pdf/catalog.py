"""Catalog of a merged paper: named destinations, outline and page labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, OutlineItem, String

from nioc_paper.render.pdf.chapters import PaperLayout
from nioc_paper.render.pdf.postprocess import label_pages
from nioc_paper.render.pdf.results import Bookmark, PieceInfo


def write_catalog(pdf: pikepdf.Pdf, layout: PaperLayout) -> None:
    """Write destinations, outline and page labels of a file that has all pages of the layout."""
    pages = [page.obj for page in pdf.pages]
    pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array(list(_destinations(layout, pages)))))
    with pdf.open_outline() as outline:
        outline.root.clear()
        outline.root.extend(_bookmarks(layout, pages))
    label_pages(pdf, layout.page_numbers.main_start)


def _infos_with_first_page(layout: PaperLayout) -> Iterator[tuple[int, PieceInfo]]:
    """Return the first page of each piece, with the data of the piece."""
    return zip(layout.first_pages, (result.piece for result in layout.printed_pieces), strict=True)


def _destinations(layout: PaperLayout, pages: Sequence[Object]) -> Iterator[Object]:
    destinations: dict[str, tuple[Object, float, float]] = {}
    for first, info in _infos_with_first_page(layout):
        for name, page, x, y in info.anchors:
            destinations.setdefault(name, (pages[first + page], x, y))
    for name in sorted(destinations, key=str.encode):
        target, left, top = destinations[name]
        yield String(name)
        yield Array([target, Name.XYZ, left, top, 0])


def _bookmarks(layout: PaperLayout, pages: Sequence[Object]) -> Iterator[OutlineItem]:
    def outline_item(first: int, bookmark: Bookmark) -> OutlineItem:
        page, x, y = bookmark.target
        entry = OutlineItem(bookmark.title, Array([pages[first + page], Name.XYZ, x, y, 0]))
        entry.is_closed = bookmark.state == "closed"
        entry.children.extend(outline_item(first, child) for child in bookmark.children)
        return entry

    for first, info in _infos_with_first_page(layout):
        yield from (outline_item(first, bookmark) for bookmark in info.bookmarks)
