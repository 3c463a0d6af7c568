"""Copy the compressed data of a PNG into the PDF, if a PDF holds it in the same form."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator

from PIL.Image import Image

from nioc_paper.render.pdf.worker.patches.state import PatchState


def wrap(original: Callable[[Image], bytes], _: PatchState) -> staticmethod[[Image], bytes]:
    """Return the replacement of `RasterImage._get_png_data`, which gets grey and RGB pictures only."""

    def read_png_data(image: Image) -> bytes:
        file = getattr(image, "fp", None) if image.format == "PNG" else None
        data = file.getvalue() if isinstance(file, io.BytesIO) else b""
        bits, interlaced = data[24:25], data[28:29]
        if bits != b"\x08" or interlaced != b"\x00":
            return original(image)
        image.load()  # raises now if it is damaged
        return b"".join(_idat_chunks(data))

    return staticmethod(read_png_data)


def _idat_chunks(data: bytes) -> Iterator[bytes]:
    """Yield the image data of a PNG file (ISO/IEC 15948, 5.3)."""
    offset = 8
    while offset < len(data):
        size, kind = struct.unpack_from(">I4s", data, offset)
        if kind == b"IDAT":
            yield data[offset + 8 : offset + 8 + size]
        offset += size + 12
