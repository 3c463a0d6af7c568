"""Copy the compressed data of a PNG into the PDF, if a PDF holds it in the same form."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator

from PIL.Image import Image

from nioc_paper.render.pdf.worker.patches.state import PatchState

_LAST_FILTER = 4
"""Highest number of a filter, which is the first byte of a row (ISO/IEC 15948, 9.2)."""


def wrap(original: Callable[[Image], bytes], _: PatchState) -> staticmethod[[Image], bytes]:
    """Return the replacement of `RasterImage._get_png_data`, which gets grey and RGB pictures only."""

    def read_png_data(image: Image) -> bytes:
        file = getattr(image, "fp", None) if image.format == "PNG" else None
        data = file.getvalue() if isinstance(file, io.BytesIO) else b""
        bits, interlaced = data[24:25], data[28:29]
        if bits == b"\x08" and interlaced == b"\x00":
            compressed = b"".join(_idat_chunks(data))
            if _has_all_rows(compressed, image):
                return compressed
        return original(image)

    return staticmethod(read_png_data)


def _has_all_rows(compressed: bytes, image: Image) -> bool:
    """Return whether the data is sound, and that of all rows: Pillow fills in what is missing."""
    row_length = 1 + image.width * len(image.getbands())
    reader, length = zlib.decompressobj(), row_length * image.height
    try:
        rows = reader.decompress(compressed, length + 1)
    except zlib.error:
        return False
    return reader.eof and len(rows) == length and max(rows[::row_length]) <= _LAST_FILTER


def _idat_chunks(data: bytes) -> Iterator[bytes]:
    """Yield the image data of a PNG file (ISO/IEC 15948, 5.3)."""
    offset = 8
    while offset + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, offset)
        if kind == b"IDAT":
            yield data[offset + 8 : offset + 8 + size]
        offset += size + 12
