"""Page numbers of anchors across separately laid-out chapters: estimated, recalled, counted, and set beside references.

An estimate needs the same number of digits as the real page number.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from urllib.parse import unquote

from msgspec import Struct

from nioc_paper.render.pdf.worker_messages import BLANK_ATTRIBUTE, PIECE_LINK_PREFIX, JobResult
from nioc_paper.wording import localized_digits, primary_language, roman, wording_for

_LETTERS_PER_PAGE = 2400
"""Characters on a page, for the first estimate."""
_LINK = re.compile(r'<a href="#([^"]*)"([^>]*)>')
_ID = re.compile(r' id="([^"]*)"')
_OWN_DIGIT_LANGUAGES = ("ur", "fa")
"""Languages whose style sheet prints page numbers in their own digits."""


class HtmlPiece(Struct, frozen=True, dict=True):
    """First or last pages of the paper, or one chapter, as HTML with its original links."""

    name: str
    html: str
    title: str = ""
    """Running title of its pages."""
    is_front: bool = False
    """Counted with the pages before the text."""
    cites_all_pages: bool = False
    """Every link out of it may show a page, not only far references."""
    has_own_heads: bool = False
    """Its pages have running heads and page numbers."""
    language: str = ""
    path: str = ""
    """File of the chapter; empty for the front and for generated lists."""
    text: str = ""
    """HTML of its chapter alone."""

    @cached_property
    def ids(self) -> Sequence[str]:
        """Ids in the order of the text."""
        return [html.unescape(name) for name in _ID.findall(self.html)]

    @property
    def estimated_pages(self) -> int:
        """Estimated number of pages."""
        return 1 + len(re.sub(r"<[^>]*>", "", self.html)) // _LETTERS_PER_PAGE


class PageNumbers(Struct, frozen=True):
    """Index of the page of each id, and index of the first page of the text."""

    by_id: Mapping[str, int]
    main_start: int


def estimate_pages(pieces: Sequence[HtmlPiece]) -> PageNumbers:
    """Estimate the page of each id from the length of the text."""
    counts = [piece.estimated_pages for piece in pieces]
    main_start = _find_main_start(pieces, counts)
    page_by_id: dict[str, int] = {}
    for piece, start, count in zip(pieces, find_first_pages(pieces, counts, main_start), counts, strict=True):
        for place, name in enumerate(piece.ids):
            page_by_id[name] = start + place * count // len(piece.ids)
    return PageNumbers(page_by_id, main_start)


def recall_pages(cached: bytes | None, pieces: Sequence[HtmlPiece]) -> PageNumbers | None:
    """Return the page numbers of the last build, with estimates for new ids. Returns None without an entry."""
    if cached is None:
        return None
    page_by_id, main_start = json.loads(cached)
    return PageNumbers({**estimate_pages(pieces).by_id, **page_by_id}, main_start)


def count_pages(pieces: Sequence[HtmlPiece], printed: Mapping[str, JobResult], previous: PageNumbers) -> PageNumbers:
    """Return the page numbers after a layout; ids of pieces without a layout keep their previous page."""
    counts = [
        printed[piece.name].report.page_count if piece.name in printed else piece.estimated_pages for piece in pieces
    ]
    main_start = _find_main_start(pieces, counts)
    page_by_id: dict[str, int] = {}
    for piece, start in zip(pieces, find_first_pages(pieces, counts, main_start), strict=True):
        if piece.name in printed:
            for anchor in printed[piece.name].piece.anchors:
                page_by_id.setdefault(anchor.id, start + anchor.page)
    return PageNumbers({**previous.by_id, **page_by_id}, main_start)


def _find_main_start(pieces: Sequence[HtmlPiece], counts: Sequence[int]) -> int:
    """Return the index of the first page of the text, which is on the right: an empty page may be before it."""
    front_count = sum(count for piece, count in zip(pieces, counts, strict=True) if piece.is_front)
    return front_count + front_count % 2


def find_first_pages(pieces: Sequence[HtmlPiece], counts: Sequence[int], main_start: int) -> Iterator[int]:
    """Yield the index of the first page of each piece."""
    front, text = 0, main_start
    for piece, count in zip(pieces, counts, strict=True):
        yield front if piece.is_front else text
        if piece.is_front:
            front += count
        else:
            text += count


def fill_links(piece: HtmlPiece, page_numbers: PageNumbers) -> str:
    """Return the HTML of a piece with marked links to other pieces and page numbers with the right number of digits."""
    own_ids = set(piece.ids)

    def rewrite_link(match: re.Match[str]) -> str:
        name, rest = unquote(html.unescape(match[1])), match[2]
        if name in own_ids:
            return match[0]
        attributes = (
            _page_attributes(piece, name, page_numbers) if piece.cites_all_pages or 'class="xref far"' in rest else ""
        )
        return f'<a href="{PIECE_LINK_PREFIX}{match[1]}"{rest}{attributes}>'

    return _LINK.sub(rewrite_link, piece.html)


def _page_attributes(piece: HtmlPiece, name: str, page_numbers: PageNumbers) -> str:
    """Return the attributes of a page number: the number, or zeros to fill in later."""
    page = page_numbers.by_id.get(name, 0)
    if page < page_numbers.main_start:
        return f' data-at="{roman(page + 1) if piece.cites_all_pages else page + 1}"'
    number = str(page - page_numbers.main_start + 1)
    if not piece.cites_all_pages and primary_language(piece.language) in _OWN_DIGIT_LANGUAGES:
        return f' data-at="{localized_digits(number, wording_for(piece.language))}"'
    return f' data-at="{"0" * len(number)}" {BLANK_ATTRIBUTE}="{html.escape(name)}"'
