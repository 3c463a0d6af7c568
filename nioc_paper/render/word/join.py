"""Pieces joined to a Word file: every number counted on from piece to piece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import get, parse
from nioc_paper.render.word.pagination import destination
from nioc_paper.render.word.piece import DOCUMENT, FIRST_LIST, LISTS, NOTES, Piece, filled

UNKNOWN_PAGE = "–"
"""Stands for a page number until the layout is known."""
_FIRST_LINK = 1000
"""What the shell relates to has lower numbers."""


def join(shell: Package, pieces: Iterable[Piece], pages: Mapping[str, str]) -> bool:
    """Put pieces into a file without a text; False where a page is not known that its lists name.

    `pages` are by `destination`.
    """
    joined = _Joined(shell, pages)
    for piece in pieces:
        joined.add(piece)
    joined.close()
    return not joined.lacking


class _Joined:
    """What has been joined so far."""

    def __init__(self, shell: Package, pages: Mapping[str, str]) -> None:
        self.shell, self.pages, self.lacking = shell, pages, False
        self.before: Counter[str] = Counter(list=FIRST_LIST, link=_FIRST_LINK)
        self.bodies: list[str] = []
        self.notes: list[str] = []
        self.lists: list[str] = []
        self.patterns: dict[str, str] = {}

    def add(self, piece: Piece) -> None:
        """Put a piece behind the others."""
        self.bodies.append(filled(piece.body, self.said))
        self.notes.append(filled(piece.notes, self.said))
        self.lists.append(filled(piece.lists, self.said))
        self.patterns.update(piece.patterns)
        for number, link in enumerate(piece.links, 1):
            self.shell.link(link.source, self.said("link", str(number)), link.kind, link.target, external=link.external)
        for name, data in piece.pictures.items():
            if name not in self.shell:
                self.shell.hold(name, data, f"image/{_KINDS.get(name.rpartition('.')[2], 'png')}")
        self.before.update(piece.counts)

    def said(self, kind: str, number: str) -> str:
        """What stands in the file for a number that a piece left open."""
        if kind == "page":
            page = self.pages.get(destination(number), UNKNOWN_PAGE)
            self.lacking = self.lacking or page == UNKNOWN_PAGE
            return page
        return f"{'rId' if kind == 'link' else ''}{self.before[kind] + int(number)}"

    def close(self) -> None:
        """Write what was joined into the shell."""
        head = self.shell.part(DOCUMENT).decode().partition("<w:body>")[0]
        self.shell.put(DOCUMENT, f"{head}<w:body>{''.join(self.bodies)}</w:body></w:document>".encode())
        head, end, _ = self.shell.part(NOTES).decode().rpartition("</w:footnotes>")
        self.shell.put(NOTES, f"{head}{''.join(self.notes)}{end}".encode())
        numbering = self.shell.xml(LISTS)
        numbered = [node for node in numbering if get(node, "w:numId") == str(FIRST_LIST)]
        numbering[:] = [parse(self.patterns[name].encode()) for name in sorted(self.patterns, key=int)] + numbered
        numbering.extend(parse(f"<w:_ xmlns:w='{numbering.nsmap['w']}'>{''.join(self.lists)}</w:_>".encode()))


_KINDS = {"jpg": "jpeg", "jpeg": "jpeg", "gif": "gif"}
"""Kinds of pictures by the ends of the names that pandoc gives them; all others are PNG."""
