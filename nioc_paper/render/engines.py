"""Start of the layout engines, so that they start up while the paper is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager

from nioc_paper.render.context import Engines


@contextmanager
def start_engines(names: Collection[str], *, in_one: bool, needs_pages: bool) -> Iterator[Engines]:
    """Start the engines of these formats; end them on exit. Word files need LibreOffice only to list pages."""
    # Late imports: the engines start before anything else is imported.
    from nioc_paper.render.pdf.pool import WorkerPool
    from nioc_paper.system import libreoffice

    with ExitStack() as running:
        pdf_pool = running.enter_context(WorkerPool().prestart()) if "pdf" in names else None
        office_program = libreoffice.find_program() if "docx" in names and needs_pages else None
        running_office = (
            running.enter_context(libreoffice.LibreOffice(office_program)).prestart() if office_program else None
        )
        yield Engines(in_one, pdf_pool, running_office)
