"""Pieces joined to a Word file: every number counted on from piece to piece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import accumulate

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import get, parse
from nioc_paper.render.word.pagination import destination
from nioc_paper.render.word.piece import DOCUMENT, FIRST_LIST, LISTS, NOTES, Piece, filled

UNKNOWN_PAGE = "–"
"""Stands for a page number until the layout is known."""
_FIRST_LINK = 1000
"""What the shell relates to has lower numbers."""


def join(shell: Package, pieces: Iterable[Piece], pages: Callable[[], Mapping[str, str]]) -> bool:
    """Put pieces into a file without a text; False where a page is not known that its lists name.

    `pages` are by `destination`. They are asked for last, when all that names no page is in its place.
    """
    given = [*pieces]
    joined = _Joined(shell, given, pages)
    for place in sorted(range(len(given)), key=lambda place: "page" in given[place].body[1::3]):
        joined.put(place)
    joined.close()
    return not joined.lacking


class _Joined:
    """What has been joined so far."""

    def __init__(self, shell: Package, pieces: Sequence[Piece], pages: Callable[[], Mapping[str, str]]) -> None:
        self.shell, self.pieces, self.pages, self.lacking = shell, pieces, pages, False
        counts = (Counter(piece.counts) for piece in pieces)
        self.before = [*accumulate(counts, initial=Counter(list=FIRST_LIST, link=_FIRST_LINK))]
        self.bodies, self.notes, self.lists = ([""] * len(pieces) for _ in range(3))

    def put(self, place: int) -> None:
        """Put a piece in its place."""
        piece, said = self.pieces[place], partial(self.said, self.before[place])
        self.bodies[place] = filled(piece.body, said)
        self.notes[place] = filled(piece.notes, said)
        self.lists[place] = filled(piece.lists, said)
        for number, link in enumerate(piece.links, 1):
            self.shell.link(link.source, said("link", str(number)), link.kind, link.target, external=link.external)
        for name, data in piece.pictures.items():
            if name not in self.shell:
                self.shell.hold(name, data, f"image/{_KINDS.get(name.rpartition('.')[2], 'png')}")

    def said(self, before: Mapping[str, int], kind: str, number: str) -> str:
        """What stands in the file for a number that a piece left open; `before` the numbers of those before it."""
        if kind == "page":
            page = self.pages().get(destination(number), UNKNOWN_PAGE)
            self.lacking = self.lacking or page == UNKNOWN_PAGE
            return page
        return f"{'rId' if kind == 'link' else ''}{before[kind] + int(number)}"

    def close(self) -> None:
        """Write what was joined into the shell."""
        head = self.shell.part(DOCUMENT).decode().partition("<w:body>")[0]
        self.shell.put(DOCUMENT, f"{head}<w:body>{''.join(self.bodies)}</w:body></w:document>".encode())
        head, end, _ = self.shell.part(NOTES).decode().rpartition("</w:footnotes>")
        self.shell.put(NOTES, f"{head}{''.join(self.notes)}{end}".encode())
        numbering = self.shell.xml(LISTS)
        numbered = [node for node in numbering if get(node, "w:numId") == str(FIRST_LIST)]
        patterns = {name: pattern for piece in self.pieces for name, pattern in piece.patterns.items()}
        numbering[:] = [parse(patterns[name].encode()) for name in sorted(patterns, key=int)] + numbered
        numbering.extend(parse(f"<w:_ xmlns:w='{numbering.nsmap['w']}'>{''.join(self.lists)}</w:_>".encode()))


_KINDS = {"jpg": "jpeg", "jpeg": "jpeg", "gif": "gif"}
"""Kinds of pictures by the ends of the names that pandoc gives them; all others are PNG."""
