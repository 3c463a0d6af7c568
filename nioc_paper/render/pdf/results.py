"""Jobs and results of a worker, and the JSON in which results travel and are cached."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, NotRequired, Self, TypedDict

from msgspec import Struct, field
from msgspec.structs import asdict

from nioc_paper.render.verify.normalized_text import Contents

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


class _Layout(TypedDict):
    html: str
    lines: bool
    """Number the lines of the text."""
    bars: str
    """Colour of change bars; empty for none."""
    piece: NotRequired[str]
    """Name of the piece of a paper; without it the job is a whole document."""
    sheet: NotRequired[bool]
    """Sheets with running heads or page numbers, without structure."""


class PageJob(_Layout):
    """HTML to lay out, with every file that it may refer to."""

    assets: Mapping[str, tuple[str, bytes]]
    """Media type and data by name."""


class WorkerJob(_Layout):
    """The same as a worker reads it."""

    assets: Mapping[str, tuple[str, str]]
    """Media type and file name by name."""


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

    @classmethod
    def from_json(cls, entry: Sequence[Any]) -> Self:
        """Read a bookmark, and those below it, from lists."""
        title, target, children, state = entry
        return cls(title, tuple(target), [cls.from_json(child) for child in children], state)


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

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Self:
        """Read a report from a mapping by field."""
        off_page = [OffPageText(*text) for text in entry["off_page"]]
        return cls(**{**entry, "off_page": off_page, "log": [(level, message) for level, message in entry["log"]]})


class PieceInfo(Struct, frozen=True):
    """Data for the merge of a piece; empty for a whole document."""

    sizes: Sequence[tuple[float, float]] = ()
    """Width and height of each page in points."""
    anchors: Sequence[PageAnchor] = ()
    bookmarks: Sequence[Bookmark] = ()
    blanks: Sequence[BlankNumber] = ()
    usage_by_font: Mapping[str, FontUsage] = field(default_factory=dict)
    """By the name of the font in the resources of the pages."""
    fonts: Sequence[str] = ()
    """Names of all fonts in the file."""
    contents: Contents = field(default_factory=dict)
    """Contents read back from the file; empty for sheets."""

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Self:
        """Read the data of a piece from a mapping by field."""
        return cls(
            **{
                **entry,
                "sizes": [(width, height) for width, height in entry["sizes"]],
                "anchors": [PageAnchor(*anchor) for anchor in entry["anchors"]],
                "bookmarks": [Bookmark.from_json(bookmark) for bookmark in entry["bookmarks"]],
                "blanks": [BlankNumber(*blank) for blank in entry["blanks"]],
            }
        )


class JobResult(Struct, frozen=True):
    """Result of a job."""

    report: LayoutReport = field(default_factory=LayoutReport)
    pdf: bytes = b""
    """PDF of a whole document, or the encoded objects of a piece; empty if there is none."""
    main_start: int = 0
    """Index of the first page after the front matter, in a whole document."""
    piece: PieceInfo = field(default_factory=PieceInfo)

    def header_json(self) -> str:
        """Return everything but the PDF as JSON."""
        header = {"report": self.report, "main_start": self.main_start, "piece": self.piece}
        return json.dumps(header, default=asdict)

    @classmethod
    def from_json(cls, header: str | bytes, pdf: bytes) -> Self:
        """Read what `header_json` has written."""
        entry = json.loads(header)
        report, piece = LayoutReport.from_json(entry["report"]), PieceInfo.from_json(entry["piece"])
        return cls(report, pdf, entry["main_start"], piece)
