"""Pictures for Word as PNG: not every version of Word shows SVG."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator, Mapping

from nioc_paper.model import Diagnostic, Document, Place, Reporter
from nioc_paper.render.common import charts
from nioc_paper.render.common.images import Picture
from nioc_paper.render.common.theme import Theme
from nioc_paper.system.cache import Cache

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SCALE = 2.5
"""Pixels of a chart in a CSS pixel: sharp in print at its printed size."""


def draw_pictures(document: Document, theme: Theme, report: Reporter, cache: Cache) -> dict[str, Picture]:
    """Return every picture by its target in the tree; one that cannot be drawn is reported and dropped."""
    drawn: dict[str, Picture] = {}
    for target, asset in document.assets.items():
        try:
            drawn[target] = _as_bitmap(asset.mime, asset.data, cache)
        except ValueError as error:
            message = f"the picture cannot be drawn: {error}"
            report(Diagnostic(Place(asset.path), "render-failed", message, hint=charts.DRAWING_HINT))
    for target, data in charts.draw_charts(
        document, lambda chart: charts.draw_png(chart, theme, _SCALE, cache), report
    ):
        drawn[target] = ("image/png", data)
    return drawn


def chart_widths(document: Document, drawn: Mapping[str, Picture], max_width: float) -> dict[str, str]:
    """Return the designed width of each chart in points, at most `limit`."""
    out = {}
    for target in document.charts.keys() & drawn.keys():
        width, _ = _png_size(drawn[target][1])
        out[target] = f"{min(width / _SCALE * 0.75, max_width):.1f}pt"
    return out


def _as_bitmap(kind: str, data: bytes, cache: Cache) -> Picture:
    return ("image/png", charts.rasterize_svg(data, _SCALE, cache)) if kind == "image/svg+xml" else (kind, data)


def blank_png(picture: bytes) -> bytes:
    """Return a one-colour PNG of the same size and density: pandoc decodes a picture slower than it writes a chapter.

    Each picture gets a different one.
    """
    density = [chunk for chunk in _chunks(picture) if chunk[4:8] == b"pHYs"]
    return one_colour_png(
        *_png_size(picture), *density, _chunk(b"tEXt", b"of\0" + hashlib.sha256(picture).hexdigest().encode())
    )


def one_colour_png(width: int, height: int, *chunks: bytes) -> bytes:
    """Return a PNG of one colour, with some chunks before its rows."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = _chunk(b"IDAT", zlib.compress((b"\0" * (1 + (width + 7) // 8)) * height))
    return b"".join((_PNG_SIGNATURE, header, *chunks, rows, _chunk(b"IEND", b"")))


def _png_size(picture: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def _chunks(picture: bytes) -> Iterator[bytes]:
    """Yield the chunks of a PNG before its rows."""
    start = 8
    while picture[start + 4 : start + 8] not in (b"IDAT", b""):
        end = start + 12 + int.from_bytes(picture[start : start + 4], "big")
        yield picture[start:end]
        start = end


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
