"""Where everything is in a paper that is laid out in pieces: guessed, remembered, counted, and said beside references.

A guess is to have as many digits as what it stands for.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from nioc_paper.render.print.child import Printed
from nioc_paper.render.print.tagging import AWAY, BLANK
from nioc_paper.wording import digits, labels, primary, roman

_FULL = 2400
"""Letters on a page, for a first guess."""
_LINK = re.compile(r'<a href="#([^"]*)"([^>]*)>')
_ID = re.compile(r' id="([^"]*)"')
_OTHER_DIGITS = ("ur", "fa")
"""Languages for which the style sheet prints the number of a page in digits of their own."""


@dataclass(frozen=True)
class Piece:
    """The front of the paper, or one chapter, as HTML whose links lead where they did."""

    name: str
    html: str
    title: str = ""
    """What stands over its pages."""
    front: bool = False
    """Its pages are counted with those before the text."""
    lists: bool = False
    """Every link out of it may say a page, and not only those that lead far."""
    language: str = ""

    @cached_property
    def ids(self) -> Sequence[str]:
        """All ids in it, in the order of the text."""
        return [html.unescape(name) for name in _ID.findall(self.html)]

    @property
    def guess(self) -> int:
        """How many pages it may have."""
        return 1 + len(re.sub(r"<[^>]*>", "", self.html)) // _FULL


@dataclass(frozen=True, slots=True)
class Pages:
    """On which page each id is, from 0, and which page is the first of the text."""

    of: Mapping[str, int]
    main: int


def guessed(found: Sequence[Piece]) -> Pages:
    """Where everything may be, as far as the text tells."""
    counts = [piece.guess for piece in found]
    main = _main(found, counts)
    of: dict[str, int] = {}
    for piece, start, count in zip(found, starts(found, counts, main), counts, strict=True):
        for place, name in enumerate(piece.ids):
            of[name] = start + place * count // len(piece.ids)
    return Pages(of, main)


def remembered(kept: bytes | None, found: Sequence[Piece]) -> Pages | None:
    """Where everything was in the last build; what is new is where the guess has it."""
    if kept is None:
        return None
    of, main = json.loads(kept)
    return Pages({**guessed(found).of, **of}, main)


def counted(found: Sequence[Piece], printed: Mapping[str, Printed], before: Pages) -> Pages:
    """Where everything is; what is not yet laid out is where it was thought to be."""
    counts = [printed[piece.name][0]["pages"] if piece.name in printed else piece.guess for piece in found]
    main = _main(found, counts)
    of: dict[str, int] = {}
    for piece, start in zip(found, starts(found, counts, main), strict=True):
        if piece.name in printed:
            for name, page, *_ in printed[piece.name][0]["anchors"]:
                of.setdefault(name, start + page)
    return Pages({**before.of, **of}, main)


def _main(found: Sequence[Piece], counts: Sequence[int]) -> int:
    """The first page of the text: one of the right hand."""
    before = sum(count for piece, count in zip(found, counts, strict=True) if piece.front)
    return before + before % 2


def starts(found: Sequence[Piece], counts: Sequence[int], main: int) -> Iterator[int]:
    """The first page of each piece."""
    front, text = 0, main
    for piece, count in zip(found, counts, strict=True):
        yield front if piece.front else text
        if piece.front:
            front += count
        else:
            text += count


def filled_in(piece: Piece, pages: Pages) -> str:
    """The HTML of a piece whose links out of it lead away, and say as many digits as the page that they lead to."""
    here = set(piece.ids)

    def link(found: re.Match[str]) -> str:
        name, rest = unquote(html.unescape(found[1])), found[2]
        if name in here:
            return found[0]
        said = _said(piece, name, pages) if piece.lists or 'class="xref far"' in rest else ""
        return f'<a href="{AWAY}{found[1]}"{rest}{said}>'

    return _LINK.sub(link, piece.html)


def _said(piece: Piece, name: str, pages: Pages) -> str:
    """The attributes with the number of a page: the number, or zeros to be filled in."""
    page = pages.of.get(name, 0)
    if page < pages.main:
        return f' data-at="{roman(page + 1) if piece.lists else page + 1}"'
    own = str(page - pages.main + 1)
    if not piece.lists and primary(piece.language) in _OTHER_DIGITS:
        return f' data-at="{digits(own, labels(piece.language))}"'
    return f' data-at="{"0" * len(own)}" {BLANK}="{html.escape(name)}"'
