"""Objects of a PDF that WeasyPrint has made and not written: pydyf's, which refer to each other by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pydyf

_STREAM_START, _STREAM_END = b"\nstream\n", b"\nendstream"
_UTF_16_MARK = b"\xfe\xff"


def dereference(pdf: pydyf.PDF, reference: bytes) -> Any:
    """Return the object that a reference such as `b"12 0 R"` names."""
    return pdf.objects[int(reference.split()[0])]


def pages_of(pdf: pydyf.PDF) -> Sequence[pydyf.Dictionary]:
    """Return the pages in their order."""
    return [dereference(pdf, reference) for reference in pdf.page_references]


def stream_data(stream: pydyf.Stream) -> bytes:
    """Return the data of a stream, as it will be written."""
    return stream.data.partition(_STREAM_START)[2].removesuffix(_STREAM_END)


def string_bytes(text: str) -> bytes:
    """Return the bytes of a text string (ISO 32000-1, 7.9.2.2)."""
    return text.encode() if text.isascii() else _UTF_16_MARK + text.encode("utf-16-be")
