"""How pages are laid out, and engines for it that get ready while the paper is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nioc_paper.render.pdf.pool import WorkerPool
    from nioc_paper.system.libreoffice import LibreOffice


@dataclass(frozen=True, slots=True)
class Engines:
    """How pages are laid out. Its engines have been started already, and somebody else ends them."""

    in_one_pass: bool = False
    """A PDF of a paper in one piece: only to compare with."""
    pdf_pool: WorkerPool | None = None
    """For a PDF."""
    office: LibreOffice | None = None
    """For the pages of a Word file."""


NO_ENGINES = Engines()
"""With engines that start when they are needed, and end with what they made."""


@contextmanager
def start_engines(names: Collection[str], *, in_one: bool, needs_pages: bool) -> Iterator[Engines]:
    """How to lay these formats out, with engines that start now. Without pages to list Word files need none."""
    # Late, and each only where it is needed: nothing is to be imported before they start.
    from nioc_paper.render.pdf.pool import WorkerPool
    from nioc_paper.system import libreoffice

    with ExitStack() as running:
        pdf_pool = running.enter_context(WorkerPool().prestart()) if "pdf" in names else None
        office_program = libreoffice.find_program() if "docx" in names and needs_pages else None
        running_office = (
            running.enter_context(libreoffice.LibreOffice(office_program)).prestart() if office_program else None
        )
        yield Engines(in_one, pdf_pool, running_office)
