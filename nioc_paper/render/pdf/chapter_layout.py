"""Layout of a paper chapter by chapter, so that only changed chapters are laid out again.

The page of a chapter does not depend on its position in the paper. The merge adds what does: running heads, page
numbers, the side of the sheet, and the page beside a far reference. Only the number of digits of that page must be
known, so pieces are laid out until every number has as many digits as estimated.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import unescape
from pathlib import Path

from markupsafe import Markup
from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.render.common import fonts, shared_passes
from nioc_paper.render.context import PdfPool
from nioc_paper.render.pdf import formulas, print_passes
from nioc_paper.render.pdf.page_numbers import (
    HtmlPiece,
    PageNumbers,
    count_pages,
    estimate_pages,
    fill_links,
    find_first_pages,
    recall_pages,
)
from nioc_paper.render.pdf.print_job import PrintJob
from nioc_paper.render.pdf.print_passes import nest_part_titles
from nioc_paper.render.pdf.worker_messages import JobResult, LayoutReport, OffPageText, PageJob
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.concurrency import parallel_map, start_thread
from nioc_paper.system.files import source_hash
from nioc_paper.system.requirements import installed_version

_MAX_ROUNDS = 6
SHORT_PAPER = 20
"""Pages of a paper whose chapters follow each other without a new page."""


class PaperLayout(Struct, frozen=True):
    """Pieces in their order, with the result of each and the page numbers of the paper."""

    pieces: Sequence[HtmlPiece]
    printed_pieces: Sequence[JobResult]
    page_numbers: PageNumbers

    @property
    def first_pages(self) -> list[int]:
        """Index of the first page of each piece."""
        counts = [result.report.page_count for result in self.printed_pieces]
        return [*find_first_pages(self.pieces, counts, self.page_numbers.main_start)]


def split_into_pieces(print_job: PrintJob, cache: Cache) -> list[HtmlPiece]:
    """Return the pieces of a paper, the front first."""
    context = print_job.context
    names = json.dumps([context.chapter_by_id, context.picture_names], sort_keys=True)
    context_key = cache_key("html", pandoc.version(), source_hash(), repr(context.document), names)
    chapters = [
        *((True, [block]) for block in print_job.front),
        *((False, blocks) for blocks in shared_passes.group_with_parts(print_job.main)),
    ]
    wait_for_texts = start_thread(
        lambda: parallel_map(lambda chapter: _render_text(chapter[1], print_job, context_key, cache), chapters)
    )
    # The others are made while pandoc writes the chapters that have changed.
    front = print_job.renderer.render("print.html", front=Markup(), main=Markup(), back=Markup())
    back = _back_piece(print_job)
    html_pieces = [HtmlPiece("front", front, is_front=True, cites_all_pages=True, has_own_heads=True)]
    for number, ((is_front, blocks), (title, html)) in enumerate(zip(chapters, wait_for_texts(), strict=True)):
        attributes = tree.attributes(blocks[-1])
        language = attributes.get("lang", print_job.context.document.language)
        text = Markup(html)  # noqa: S704 - pandoc's
        page = print_job.renderer.render("print/chapter.html", front=is_front, text=text, language=language)
        name = tree.identifier(blocks[-1]) or str(number)
        path = attributes.get("data-path", "")
        html_pieces.append(HtmlPiece(name, page, title, is_front, language=language, path=path, text=html))
    return [*html_pieces, back]


def run_on_job(pieces: Sequence[HtmlPiece], print_job: PrintJob) -> PageJob:
    """Return the job of a paper whose chapters follow each other without a new page."""
    front, main = (Markup("".join(p.text for p in pieces if p.is_front == is_front)) for is_front in (True, False))  # noqa: S704 - pandoc's
    back = print_job.back_matter()
    page = print_job.renderer.render("print.html", short=True, roman=(), front=front, main=main, back=back)
    return print_job.page_job(page)


def _back_piece(print_job: PrintJob) -> HtmlPiece:
    """Return the piece of the last pages; its running title is that of its first section."""
    text, language = print_job.back_matter(), print_job.context.document.language
    title_match = re.search(r'data-title="([^"]*)"', text)
    title = unescape(title_match[1]) if title_match else ""
    page = print_job.renderer.render("print/chapter.html", front=False, text=text, language=language)
    return HtmlPiece("back", page, title, cites_all_pages=True, language=language)


def _render_text(blocks: Sequence[Node], print_job: PrintJob, context_key: str, cache: Cache) -> tuple[str, str]:
    """Return a chapter's running title and its HTML, from the cache if neither it nor the settings changed."""

    def render() -> tuple[str, str]:
        (block,) = nest_part_titles(print_passes.notes_to_footnotes(map(print_job.context.prepare_chapter, blocks)))
        return _running_title(block), formulas.print_html([block])

    title, html = cache.get_or_make(cache_key(context_key, *map(print_job.block_hash, blocks)), render)
    return title, html


def _running_title(block: Node) -> str:
    blocks = tree.content(block) if block["t"] == "Div" else []
    annexes = (inner for part in blocks if tree.is_div(part, "annex") for inner in tree.content(part))
    headings = (node for node in (*blocks, *annexes) if node["t"] == "Header")
    return next((tree.attributes(head).get("data-title", "") for head in headings), "")


def lay_out(
    pieces: Sequence[HtmlPiece], print_job: PrintJob, pool: PdfPool, cache: Cache, fingerprint: str
) -> PaperLayout | None:
    """Lay out the pieces. Returns None if the page numbers never agree with the estimates.

    `fingerprint` names the engines and our code.
    """
    numbers_key = cache_key("pages", print_job.stem)
    page_numbers = recall_pages(cache.get(numbers_key), pieces) or estimate_pages(pieces)
    results: dict[str, JobResult] = {}
    filled_html: dict[str, str] = {}
    for _ in range(_MAX_ROUNDS):
        # Front and back show many page numbers, and few depend on their length: they come after the text.
        for batch in (pieces[1:-1], (pieces[0], pieces[-1])):
            current_html = {piece.name: fill_links(piece, page_numbers) for piece in batch}
            changed_html = {name: html for name, html in current_html.items() if html != filled_html.get(name)}
            jobs: dict[str, PageJob] = {
                name: {**print_job.page_job(html), "piece": name} for name, html in changed_html.items()
            }
            filled_html |= changed_html
            results |= run_jobs_cached(jobs, pool, cache, fingerprint)
            if not all(result.pdf for result in results.values()):
                return PaperLayout(pieces, [results.get(piece.name, JobResult()) for piece in pieces], page_numbers)
            page_numbers = count_pages(pieces, results, page_numbers)
        if all(filled_html[piece.name] == fill_links(piece, page_numbers) for piece in pieces):
            cache.put(numbers_key, json.dumps([page_numbers.by_id, page_numbers.main_start]).encode())
            return PaperLayout(pieces, [results[piece.name] for piece in pieces], page_numbers)
    return None


def merge_reports(layout: PaperLayout) -> LayoutReport:
    """Return the findings of all pieces as those of one document. Without pages if a piece has none."""
    reports = [result.report for result in layout.printed_pieces]
    failed = next((n for n, report in enumerate(reports) if report.failure), None)
    page_count = layout.first_pages[-1] + reports[-1].page_count
    return LayoutReport(
        page_count=page_count if all(report.page_count for report in reports) else 0,
        lost_text=[text for report in reports for text in report.lost_text],
        off_page=[
            OffPageText(first + page, text)
            for report, first in zip(reports, layout.first_pages, strict=True)
            for page, text in report.off_page
        ],
        denied=[address for report in reports for address in report.denied],
        log=[line for report in reports for line in report.log],
        failure="" if failed is None else reports[failed].failure,
        failed_path="" if failed is None else layout.pieces[failed].path,
        missing_library=next((report.missing_library for report in reports if report.missing_library), ""),
        other_version=next((report.other_version for report in reports if report.other_version), ""),
        is_bare=any(report.is_bare for report in reports),
    )


def run_jobs_cached(jobs: Mapping[str, PageJob], pool: PdfPool, cache: Cache, fingerprint: str) -> dict[str, JobResult]:
    """Return the result of each job, from the cache if possible."""
    cache_keys = {name: _job_key(job, fingerprint) for name, job in jobs.items()}
    cached = {name: JobResult.decode(entry) for name in jobs if (entry := cache.get(cache_keys[name]))}

    def store_result(name: str, result: JobResult) -> None:
        if result.pdf:
            cache.put(cache_keys[name], result.encode())

    # Each result at once: a cancelled build keeps the chapters that are laid out.
    missing = {name: job for name, job in jobs.items() if name not in cached}
    results = cached | pool.run_jobs(missing, store_result)
    return {name: results[name] for name in jobs}  # the merge numbers objects in this order


def _job_key(job: PageJob, fingerprint: str) -> str:
    job_json = json.dumps({name: value for name, value in job.items() if name != "assets"}, sort_keys=True)
    assets = (part for name, (kind, data) in sorted(job["assets"].items()) for part in (name, kind, data))
    return cache_key("print", fingerprint, job_json, *assets)


_PACKAGES = ("weasyprint", "pydyf", "fonttools", "pikepdf", "pillow", "tinycss2", "cssselect2", "tinyhtml5", "pyphen")
_LIBRARIES = {"libpango-1.0.so.0": "pango_version_string", "libharfbuzz.so.0": "hb_version_string"}
"""System libraries and their functions that return the version."""


def layout_fingerprint(*font_files: str) -> str:
    """Return the versions of engines, libraries, fonts and code, with hashes of these font files, one a line.

    The versions are those of the first call: a process runs the code that it has loaded.
    """
    return "\n".join((*_tool_versions(), *(f"{face} {cache_key(Path(face).read_bytes())}" for face in font_files)))


@cache
def _tool_versions() -> Sequence[str]:
    versions = [f"{name} {installed_version(name)}" for name in _PACKAGES]
    for name, version_function in _LIBRARIES.items():
        with contextlib.suppress(OSError, AttributeError):
            read_version = getattr(ctypes.CDLL(name), version_function)
            read_version.restype = ctypes.c_char_p
            versions.append(f"{name} {read_version().decode()}")
    return (*versions, fonts.bundled_fonts_key(), source_hash())
