"""Merge of pieces to a Word file: numbers continue from piece to piece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import accumulate

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import get_attribute, parse
from nioc_paper.render.word.pagination import destination_name
from nioc_paper.render.word.piece import DOCUMENT_PART, NO_LIST_ID, NOTES_PART, NUMBERING_PART, WordPiece, fill_numbers

UNKNOWN_PAGE = "–"
"""Placeholder of a page number until the layout is known."""
_FIRST_RELATION = 1000
"""Lower numbers are relationships of the file template."""


def merge_pieces(package: Package, pieces: Iterable[WordPiece], pages: Callable[[], Mapping[str, str]]) -> bool:
    """Merge pieces into a file without a text. Returns False if a page number of its lists is unknown.

    `pages` are by `destination`. It is called last, after all parts without page numbers are written.
    """
    piece_list = [*pieces]
    merger = _WordMerger(package, piece_list, pages)
    for index in sorted(range(len(piece_list)), key=lambda place: "page" in piece_list[place].body[1::3]):
        merger.add_piece(index)
    merger.write_parts()
    return not merger.has_unknown_page


class _WordMerger:
    """Merge in progress."""

    def __init__(self, package: Package, pieces: Sequence[WordPiece], pages: Callable[[], Mapping[str, str]]) -> None:
        self.package, self.pieces, self.pages, self.has_unknown_page = package, pieces, pages, False
        counts = (Counter(piece.counts) for piece in pieces)
        self.offsets = [*accumulate(counts, initial=Counter(list=NO_LIST_ID, link=_FIRST_RELATION))]
        self.bodies, self.notes, self.lists = ([""] * len(pieces) for _ in range(3))

    def add_piece(self, index: int) -> None:
        """Add a piece."""
        piece, resolve = self.pieces[index], partial(self.resolve_number, self.offsets[index])
        self.bodies[index] = fill_numbers(piece.body, resolve)
        self.notes[index] = fill_numbers(piece.notes, resolve)
        self.lists[index] = fill_numbers(piece.lists, resolve)
        for number, link in enumerate(piece.links, 1):
            self.package.add_relationship_as(
                link.source, resolve("link", str(number)), link.kind, link.target, external=link.external
            )
        for name, data in piece.pictures.items():
            if name not in self.package:
                self.package.add_part(name, data, f"image/{_IMAGE_TYPES.get(name.rpartition('.')[2], 'png')}")

    def resolve_number(self, offsets_before: Mapping[str, int], kind: str, number: str) -> str:
        """Return the file's number for an open number of a piece; `offsets_before` are the counts of earlier pieces."""
        if kind == "page":
            page = self.pages().get(destination_name(number), UNKNOWN_PAGE)
            self.has_unknown_page = self.has_unknown_page or page == UNKNOWN_PAGE
            return page
        return f"{'rId' if kind == 'link' else ''}{offsets_before[kind] + int(number)}"

    def write_parts(self) -> None:
        """Write the merged parts into the file."""
        head = self.package.part_bytes(DOCUMENT_PART).decode().partition("<w:body>")[0]
        self.package.set_part(DOCUMENT_PART, f"{head}<w:body>{''.join(self.bodies)}</w:body></w:document>".encode())
        head, end, _ = self.package.part_bytes(NOTES_PART).decode().rpartition("</w:footnotes>")
        self.package.set_part(NOTES_PART, f"{head}{''.join(self.notes)}{end}".encode())
        numbering = self.package.xml_root(NUMBERING_PART)
        numbered = [node for node in numbering if get_attribute(node, "w:numId") == str(NO_LIST_ID)]
        patterns = {name: pattern for piece in self.pieces for name, pattern in piece.patterns.items()}
        numbering[:] = [parse(patterns[name].encode()) for name in sorted(patterns, key=int)] + numbered
        numbering.extend(parse(f"<w:_ xmlns:w='{numbering.nsmap['w']}'>{''.join(self.lists)}</w:_>".encode()))


_IMAGE_TYPES = {"jpg": "jpeg", "jpeg": "jpeg", "gif": "gif"}
"""Media types by the ending of pandoc's file names; all others are PNG."""
