"""Jobs and results of a worker, which travel and are cached as msgpack, and names that both sides share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, NotRequired, Self, TypedDict

from msgspec import Struct, field, msgpack

from nioc_paper.system.cache import decoder

PIECE_LINK_PREFIX = "nioc-ref:"
"""Start of the address of a link into another piece of the paper."""
BLANK_ATTRIBUTE = "data-blank"
"""Attribute of a link with a blank page number: the id of its target."""
FOOT_NOTE, MARGIN_NOTE = "footnote", "beside"
"""Class of every note, and of one for the margin besides."""
MARGIN_COPY = "copy"
"""Class of a key number in the margin besides: it repeats words of the text."""
NOTE_CALL = "note-call"
"""Class of the number in the text that calls a note in the margin."""
SOURCE_KEY, NOTE_KEY = "NiocSource", "NiocNote"
"""Keys of a structure element, removed by `structure_repair`: number of its HTML element, and id of its note."""
POINTS_PER_PIXEL = 0.75
"""Points of the PDF in a CSS pixel of the layout."""


MEASURED_VERSION = "70.0"
"""Version of WeasyPrint that the patches of the worker were measured with."""


class PageJob(TypedDict):
    """HTML to lay out, with every file that it may refer to."""

    html: str
    assets: Mapping[str, tuple[str, bytes]]
    """Media type and data by name."""
    lines: bool
    """Number the lines of the text."""
    bars: str
    """Colour of change bars; empty for none."""
    piece: NotRequired[str]
    """Name of the piece of a paper; without it the job is a whole document."""
    sheet: NotRequired[bool]
    """Sheets with running heads or page numbers, without structure."""


class BlankNumber(NamedTuple):
    """Page number to be filled in at the merge: index of its page, its marked content there, and id of its target."""

    page: int
    mcid: int
    target: str


class PageAnchor(NamedTuple):
    """Place of an id: index of its page, and points from the lower left corner."""

    id: str
    page: int
    x: float
    y: float


class Bookmark(NamedTuple):
    """Entry of the outline; the target is the index of a page, and points from its lower left corner."""

    title: str
    target: tuple[int, float, float]
    children: Sequence[Bookmark]
    state: str
    """`open` or `closed`."""


class OffPageText(NamedTuple):
    """Start of a text beyond the edge of its page; pages count from 1."""

    page: int
    text: str


class FontUsage(TypedDict):
    """PostScript name of a font; widths and texts of the glyphs in use, by glyph number as text; entries of a PDF."""

    own: str
    widths: dict[str, float]
    letters: dict[str, str]
    flags: int
    heights: tuple[int, int]
    """Heights below and above the line."""


class LayoutReport(Struct, frozen=True):
    """Findings of a layout: of a document, of a piece, or of a paper merged from pieces."""

    page_count: int = 0
    lost_text: Sequence[str] = ()
    """Passages that no page shows."""
    off_page: Sequence[OffPageText] = ()
    denied: Sequence[str] = ()
    """Addresses that the page asked for, and that are not part of the job."""
    log: Sequence[tuple[str, str]] = ()
    """Levels and texts of WeasyPrint's messages."""
    failure: str = ""
    """Reason why there is no PDF."""
    failed_path: str = ""
    """File of the chapter that the failure is in; empty if unknown."""
    missing_library: str = ""
    """Message of the loader about a library that WeasyPrint needs."""
    other_version: str = ""
    """Version of WeasyPrint if it is not MEASURED_VERSION; it works without most patches."""
    is_bare: bool = False
    """Whether the engine cannot be patched: no margin notes, no structure of ours, and no pieces."""


class PieceInfo(Struct, frozen=True):
    """Data for the merge of a piece; of a whole document its contents and fonts alone."""

    sizes: Sequence[tuple[float, float]] = ()
    """Width and height of each page in points."""
    anchors: Sequence[PageAnchor] = ()
    bookmarks: Sequence[Bookmark] = ()
    blanks: Sequence[BlankNumber] = ()
    usage_by_font: Mapping[str, FontUsage] = field(default_factory=dict)
    """By the name of the font in the resources of the pages."""
    fonts: Sequence[str] = ()
    """Names of all fonts in the file."""
    contents: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Contents read back from the file; empty for sheets."""


class JobResult(Struct, frozen=True):
    """Result of a job."""

    report: LayoutReport = field(default_factory=LayoutReport)
    pdf: bytes = b""
    """PDF of a whole document, or the encoded objects of a piece; empty if there is none."""
    main_start: int = 0
    """Index of the first page after the front matter, in a whole document."""
    piece: PieceInfo = field(default_factory=PieceInfo)

    def encode(self) -> bytes:
        """Return the result as bytes."""
        return msgpack.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read what `encode` has written."""
        record: Self = decoder(cls).decode(data)
        return record
