"""Context of a rendering: templates, cache, engines, and callbacks for findings and contents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, Self

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.model import Document, Reporter, Templates
from nioc_paper.render.common.theme import Theme, read_theme
from nioc_paper.render.verify.normalized_text import OnContents, PdfPages, ignore_contents
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.concurrency import noop

if TYPE_CHECKING:
    from nioc_paper.system.libreoffice import LibreOffice


class PdfPool(Protocol):
    """Worker processes that lay out PDFs: `render.pdf.pool.WorkerPool`, imported only when needed."""

    def set_fonts(self, font_files: Iterable[str]) -> None:
        """Set the font files besides ours, before the first job of a document."""

    def warm_up(self, job: Any) -> None:
        """Start to lay out a page, so that fonts and style sheets are known before the first long job."""

    def check_cancelled(self) -> None:
        """Raise RenderCancelledError if there is a newer request."""

    def run_jobs(
        self,
        jobs: Mapping[str, Any],
        on_result: Callable[[str, Any], None] = ...,
    ) -> dict[str, Any]:
        """Return the PDF of each job, with its findings, by the job's name."""


class Engines(Struct, frozen=True):
    """Layout engines that are running already. Their owner ends them."""

    in_one_pass: bool = False
    """Lay out the PDF of a paper in one pass: only for comparison."""
    pdf_pool: PdfPool | None = None
    """Pool for PDFs."""
    office: LibreOffice | None = None
    """LibreOffice, for the page numbers of a Word file."""
    numbers_pages: bool = True
    """Whether the lists of a Word file get page numbers."""
    draws: bool = True
    """Whether a Word file has its drawings: not if it is only compared with another one."""


NO_ENGINES = Engines()
"""No running engines: a writer starts its own, and ends them with the file."""


class RenderContext(Struct, frozen=True, dict=True):
    """All that a writer needs besides the document."""

    templates: Templates
    report: Reporter
    """Callback for findings."""
    cache: Cache = NO_CACHE
    """Cache of drawn pictures and rendered chapters."""
    engines: Engines = NO_ENGINES
    on_contents: OnContents = ignore_contents
    """Callback for the content that a writer read back from its file or pieces."""
    on_pages: Callable[[PdfPages], object] = noop
    """Callback for the pages of a PDF."""

    @cached_property
    def theme(self) -> Theme:
        """Custom properties of the templates' theme.css. Raises TemplateError."""
        return read_theme(self.templates)

    def with_callbacks(self, report: Reporter, on_contents: OnContents = ignore_contents) -> Self:
        """Return the same context with other callbacks."""
        return replace(self, report=report, on_contents=on_contents)


Writer = Callable[[Document, RenderContext], bytes]
"""Function `write` of a writer's module: returns the file of a document with resolved citations, empty if an error was
reported. Raises PandocError and TemplateError.
"""
