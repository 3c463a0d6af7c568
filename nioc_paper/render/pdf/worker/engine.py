"""WeasyPrint with our fonts and patches, for one job after another. Imported after the early patches are installed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Unpack

import pydyf
import weasyprint
from msgspec.structs import replace
from weasyprint.document import Document, Page
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from nioc_paper.render.pdf.worker import lost_text
from nioc_paper.render.pdf.worker.change_bars import add_line_numbers, draw_change_bars
from nioc_paper.render.pdf.worker.margin_notes import NoteTwins, move_to_foot
from nioc_paper.render.pdf.worker.mergeable_piece import extract_piece, read_contents
from nioc_paper.render.pdf.worker.object_extraction import font_names
from nioc_paper.render.pdf.worker.patches import patch_table, tagging
from nioc_paper.render.pdf.worker.patches.patch_state import PatchState
from nioc_paper.render.pdf.worker.structure_repair import repair_structure
from nioc_paper.render.pdf.worker.white_pages import count_white_pages, figures_after_white, set_behind
from nioc_paper.render.pdf.worker_messages import MEASURED_VERSION, JobResult, LayoutReport, PageJob, PieceInfo
from nioc_paper.system.requirements import installed_version

# --- URL fetcher of WeasyPrint that serves the files of the job only --------------------------------------------------


class ClosedFetcher(URLFetcher):
    """Serves a fixed table of addresses; collects all other addresses in `denied`."""

    def __init__(self, assets: Mapping[str, tuple[str, bytes]]) -> None:
        super().__init__(timeout=1, allowed_protocols=(), allow_redirects=False)
        self.assets = assets
        self.denied: list[str] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002
        """Return the file of an address. Raises ValueError for all others."""
        if url not in self.assets:
            self.denied.append(url[:200])
            raise ValueError(f"not part of this paper: {url[:200]}")
        mime, data = self.assets[url]
        return URLFetcherResponse(url, data, {"Content-Type": mime})


# --- engine -----------------------------------------------------------------------------------------------------------


BASE_URL = "https://paper.invalid/"
MAX_PASSES = 6
_Layout = tuple[weasyprint.HTML, ClosedFetcher, Document]


class _LogCollector(logging.Handler):
    """WeasyPrint's messages, each once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: dict[tuple[str, str], None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self.lines[record.levelname, record.getMessage()] = None


class Engine:
    """Lays out jobs.

    A version of WeasyPrint that was not measured is used without speed patches. If it cannot be patched at all, it lays
    out whole documents as it is.
    """

    def __init__(self, state: PatchState) -> None:
        self.state = state
        version = installed_version("weasyprint")
        self.other_version = "" if version == MEASURED_VERSION else version
        self._take_patches_back = patch_table.install_patches(state)
        self.log = _LogCollector()
        logging.getLogger("weasyprint").addHandler(self.log)

    @cached_property
    def font_config(self) -> FontConfiguration:
        """Fonts, read at the first job: all their files are there then."""
        return FontConfiguration()

    def render_job(self, job: PageJob) -> JobResult:
        """Lay out a job; return the result with its PDF."""
        if self._take_patches_back:
            try:
                return self._render_patched(job)
            except Exception:
                if not self.other_version:
                    raise
                self._take_patches_back()  # they fit the functions of this version, but not what these do
                self._take_patches_back = None
        # WeasyPrint as it is lays out whole documents only.
        report = LayoutReport(other_version=self.other_version, is_bare=True)
        if "piece" in job:
            return JobResult(report)
        self.log.lines.clear()
        html, fetcher = self._open_page(job)
        move_to_foot(html.etree_element)
        document = html.render(self.font_config, pdf_variant="pdf/a-3b", pdf_tags=True)
        fonts: list[str] = []
        data = document.write_pdf(
            finisher=lambda _, pdf: fonts.extend(font_names(pdf)),
            uncompressed_pdf=True,
            pdf_variant="pdf/a-3b",
            pdf_tags=True,
        )
        report = replace(
            report,
            page_count=len(document.pages),
            lost_text=lost_text.find_lost_text(html.etree_element, document.pages),
            denied=fetcher.denied,
            log=[*self.log.lines],
        )
        return JobResult(report, data, _find_main(document.pages), PieceInfo(fonts=fonts))

    def _open_page(self, job: PageJob) -> tuple[weasyprint.HTML, ClosedFetcher]:
        fetcher = ClosedFetcher({BASE_URL + path: asset for path, asset in job["assets"].items()})
        return weasyprint.HTML(string=job["html"], base_url=BASE_URL, url_fetcher=fetcher), fetcher

    def _render_patched(self, job: PageJob) -> JobResult:
        self.state.start_document()
        html, fetcher = self._open_page(job)
        # No identifier: the finished file gets one, and WeasyPrint would write all twice for its own.
        options: weasyprint.Options = {
            "pdf_variant": "pdf/a-3b" if job.get("sheet") else "pdf/a-3a",
            "pdf_identifier": False,
        }
        is_chapter = "piece" in job and not job.get("sheet")
        layout = html, fetcher, lay_out(html, partial(self._render, html, options))
        html, fetcher, document = self._with_less_white(job, options, layout) if is_chapter else layout
        tagging.link_notes(document.pages)
        tagging.unlink_repeated_heads(html.etree_element, document.pages)
        if job["lines"]:
            add_line_numbers(self.font_config, html.etree_element, document.pages)
        piece, pdf = self._write(job, html, document, options)
        if fetcher.denied or self.log.lines:
            self.state.stylesheets.clear()  # messages about a style sheet come again in the next job
        report = LayoutReport(
            page_count=len(document.pages),
            lost_text=lost_text.find_lost_text(html.etree_element, document.pages),
            off_page=lost_text.find_text_off_page(document.pages),
            denied=fetcher.denied,
            log=list(self.log.lines),
            other_version=self.other_version,
        )
        return JobResult(report, pdf, _find_main(document.pages), piece)

    def _with_less_white(self, job: PageJob, options: weasyprint.Options, best: _Layout) -> _Layout:
        """Return a layout of a chapter, or that with fewer white pages: tighter, then with figures further behind."""
        for is_first in (True, False):
            pages = best[2].pages
            white, figures = count_white_pages(pages), {} if is_first else figures_after_white(pages)
            if any(white) and (is_first or figures):
                html, fetcher = self._open_page(job)
                html.etree_element.set("class", "tight")
                set_behind(html.etree_element, figures)
                document = lay_out(html, partial(self._render, html, options))
                if len(document.pages) < len(pages) or count_white_pages(document.pages)[0] < white[0]:
                    best = html, fetcher, document
        return best

    def _write(
        self, job: PageJob, html: weasyprint.HTML, document: Document, options: weasyprint.Options
    ) -> tuple[PieceInfo, bytes]:
        """Return the PDF of a document, or the objects of a piece, after its contents and other data."""
        piece, piece_objects = PieceInfo(), b""

        def finish(_: Document, pdf: pydyf.PDF) -> None:
            nonlocal piece, piece_objects
            for part in pdf.objects:
                if isinstance(part, pydyf.Stream) and "Interpolate" in part.extra:
                    part.extra["Interpolate"] = "false"
            if not job.get("sheet"):
                repair_structure(pdf, job.get("piece", ""))
            if job["bars"]:
                draw_change_bars(html.etree_element, document.pages, pdf, job["bars"])
            if "piece" in job:
                piece, objects = extract_piece(document, pdf, self.state.blanks, is_background=bool(job.get("sheet")))
                piece_objects = objects.encode()
                pdf.objects.clear()  # there is nothing left to write
            else:
                piece = PieceInfo(contents=read_contents(pdf), fonts=font_names(pdf))

        self.state.omits_fonts = "piece" in job  # the merge embeds them
        # Uncompressed: the finished file is compressed once, by a faster library.
        data = document.write_pdf(finisher=finish, uncompressed_pdf=True, **options)
        self.state.omits_fonts = False
        return piece, piece_objects or data

    def _render(self, html: weasyprint.HTML, options: weasyprint.Options) -> Document:
        self.log.lines.clear()
        return render_with_twins(html, self.state, self.font_config, **options)


def _find_main(pages: Sequence[Page]) -> int:
    """Return the index of the first page after the front matter; 0 if there is none."""
    return next((n for n, page in enumerate(pages) if "main" in page.anchors), 0)


def render_with_twins(
    html: weasyprint.HTML,
    state: PatchState,
    font_config: FontConfiguration | None = None,
    **options: Unpack[weasyprint.Options],
) -> Document:
    """Lay out a document; each note in its margin can move to the foot of the page."""
    state.twins = NoteTwins()
    state.twins.add(html.etree_element)
    document = html.render(font_config, **options)
    state.twins.settle()
    return document


def lay_out(html: weasyprint.HTML, render: Callable[[], Document]) -> Document:
    """Render until every note at the foot is on a page, at most six times."""
    root = html.etree_element
    for _ in range(MAX_PASSES):
        document = render()
        if not (lost := lost_text.find_lost_notes(root, document.pages)):
            break
        lost_text.keep_note_paragraphs_whole(root, lost)
    return document
