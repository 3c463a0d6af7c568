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

    `pages` are by `destination`. It is called last, after everything without page numbers is written.
    """
    merger = _WordMerger(package, [*pieces], pages)
    merger.write_other_parts()
    merger.write_bodies()
    return not merger.has_unknown_page


class _WordMerger:
    """Merge in progress."""

    def __init__(self, package: Package, pieces: Sequence[WordPiece], pages: Callable[[], Mapping[str, str]]) -> None:
        self.package, self.pieces, self.pages, self.has_unknown_page = package, pieces, pages, False
        counts = (Counter(piece.counts) for piece in pieces)
        self.offsets = [*accumulate(counts, initial=Counter(list=NO_LIST_ID, link=_FIRST_RELATION))]

    def write_other_parts(self) -> None:
        """Write notes, lists, links and pictures of all pieces."""
        notes, lists = [], []
        for piece, offsets_before in zip(self.pieces, self.offsets, strict=False):
            resolve = partial(self.resolve_number, offsets_before)
            notes.append(fill_numbers(piece.notes, resolve))
            lists.append(fill_numbers(piece.lists, resolve))
            for number, link in enumerate(piece.links, 1):
                self.package.add_relationship_as(
                    link.source, resolve("link", str(number)), link.kind, link.target, external=link.external
                )
            for name, data in piece.pictures.items():
                if name not in self.package:
                    self.package.add_part(name, data, f"image/{_IMAGE_TYPES.get(name.rpartition('.')[2], 'png')}")
        head, end, _ = self.package.part_bytes(NOTES_PART).decode().rpartition("</w:footnotes>")
        self.package.set_part(NOTES_PART, f"{head}{''.join(notes)}{end}".encode())
        self._write_numbering("".join(lists))

    def write_bodies(self) -> None:
        """Write the bodies of all pieces; those with page numbers are filled last."""
        bodies = [""] * len(self.pieces)
        for index in sorted(range(len(bodies)), key=lambda place: "page" in self.pieces[place].body[1::3]):
            bodies[index] = fill_numbers(self.pieces[index].body, partial(self.resolve_number, self.offsets[index]))
        head = self.package.part_bytes(DOCUMENT_PART).decode().partition("<w:body>")[0]
        self.package.set_part(DOCUMENT_PART, f"{head}<w:body>{''.join(bodies)}</w:body></w:document>".encode())

    def _write_numbering(self, lists: str) -> None:
        numbering = self.package.xml_root(NUMBERING_PART)
        numbered = [node for node in numbering if get_attribute(node, "w:numId") == str(NO_LIST_ID)]
        patterns = {name: pattern for piece in self.pieces for name, pattern in piece.patterns.items()}
        numbering[:] = [parse(patterns[name].encode()) for name in sorted(patterns, key=int)] + numbered
        numbering.extend(parse(f"<w:_ xmlns:w='{numbering.nsmap['w']}'>{lists}</w:_>".encode()))

    def resolve_number(self, offsets_before: Mapping[str, int], kind: str, number: str) -> str:
        """Return the file's number for an open number of a piece; `offsets_before` are the counts of earlier pieces."""
        if kind == "page":
            page = self.pages().get(destination_name(number), UNKNOWN_PAGE)
            self.has_unknown_page = self.has_unknown_page or page == UNKNOWN_PAGE
            return page
        return f"{'rId' if kind == 'link' else ''}{offsets_before[kind] + int(number)}"


_IMAGE_TYPES = {"jpg": "jpeg", "jpeg": "jpeg", "gif": "gif"}
"""Media types by the ending of pandoc's file names; all others are PNG."""
