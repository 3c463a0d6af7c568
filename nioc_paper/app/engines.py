"""Start of the layout engines: they get ready while commands are imported and the paper is read.

Imports are late: few runs start engines.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from nioc_paper.render.context import Engines
    from nioc_paper.render.pdf.pool import WorkerPool
    from nioc_paper.system.libreoffice import LibreOffice

_PDF, _OFFICE = "pdf", "office"
"""Names of the engines."""


def engine_names(formats: Collection[str], *, needs_pages: bool) -> list[str]:
    """Return the names of the engines for formats. Word files need LibreOffice only to list pages."""
    needed = {_PDF: "pdf" in formats, _OFFICE: "docx" in formats and needs_pages}
    return [name for name in needed if needed[name]]


class EngineStarter:
    """Starts each engine once; exit of the context ends them."""

    def __init__(self) -> None:
        self._running = ExitStack()
        self._pdf_pool: WorkerPool | None = None
        self._office: LibreOffice | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def start(self, names: Collection[str]) -> Self:
        """Start the engines with these names that are installed and do not run yet; return self."""
        if _PDF in names and not self._pdf_pool:
            from nioc_paper.render.pdf.pool import WorkerPool

            self._pdf_pool = self._running.enter_context(WorkerPool()).prestart()
        if _OFFICE in names and not self._office:
            from nioc_paper.system import libreoffice

            if program := libreoffice.find_program():
                self._office = self._running.enter_context(libreoffice.LibreOffice(program)).prestart()
        return self

    def running_engines(self, *, in_one_pass: bool = False) -> Engines:
        """Return the running engines; with `in_one_pass` they lay out a PDF in one pass."""
        from nioc_paper.render.context import Engines

        return Engines(in_one_pass, self._pdf_pool, self._office)
