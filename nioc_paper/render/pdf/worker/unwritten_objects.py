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


def list_pages(pdf: pydyf.PDF) -> Sequence[pydyf.Dictionary]:
    """Return the pages in their order."""
    return [dereference(pdf, reference) for reference in pdf.page_references]


def find_resources(pdf: pydyf.PDF) -> pydyf.Dictionary:
    """Return the resources of the pages: all pages have the same."""
    resources: pydyf.Dictionary = dereference(pdf, list_pages(pdf)[0]["Resources"])
    return resources


def is_font(part: object) -> bool:
    """Whether an object is a font."""
    return isinstance(part, pydyf.Dictionary) and part.get("Type") == "/Font"


def read_stream(stream: pydyf.Stream) -> bytes:
    """Return the data of a stream, as it will be written."""
    return stream.data.partition(_STREAM_START)[2].removesuffix(_STREAM_END)


def encode_string(text: str) -> bytes:
    """Return the bytes of a text string (ISO 32000-1, 7.9.2.2)."""
    return text.encode() if text.isascii() else _UTF_16_MARK + text.encode("utf-16-be")
