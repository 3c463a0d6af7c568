"""Messages between the preview server and its PDF worker."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from nioc_paper.model import Diagnostic, Document


class PdfRequest(Struct, frozen=True, dict=True):
    """A document to lay out."""

    number: int
    document: Document


class PdfProgress(Struct, frozen=True, dict=True):
    """The number of parts that are laid out, of all parts of a request."""

    number: int
    done: int
    parts: int


class PdfResult(Struct, frozen=True, dict=True):
    """The PDF of a request, or its errors."""

    number: int
    data: bytes | None
    findings: Sequence[Diagnostic]
    first_changed_page: int
    """The first page that differs from the PDF before, from 1; 0 if none does."""
