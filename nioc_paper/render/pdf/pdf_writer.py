"""PDF writer: WeasyPrint workers lay out a paper chapter by chapter; the merged file is postprocessed and checked."""

from __future__ import annotations

import contextlib
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from nioc_paper.domain.output_stops import edition_of
from nioc_paper.model import Diagnostic, Document, Place, Severity, format_count
from nioc_paper.render.common import charts, fonts, imprint, special_fonts
from nioc_paper.render.common.special_fonts import code_font_files, drawn_texts, packages_of, system_font_files
from nioc_paper.render.context import PdfPool, RenderContext
from nioc_paper.render.pdf.pdf_file import with_ua_identifier, without_ua_identifier
from nioc_paper.render.pdf.print_job import PICTURE_NAME, PrintJob, prepare_job
from nioc_paper.render.pdf.worker_messages import MEASURED_VERSION, JobResult, LayoutReport, PageJob
from nioc_paper.render.pdf.worker_pool import WorkerPool
from nioc_paper.render.verify.losses import content_items, find_passage, has_arabic_letters, shorten_quote
from nioc_paper.render.verify.normalized_text import Contents, PdfPages, combine_contents
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.concurrency import import_soon, is_plain
from nioc_paper.system.requirements import PDF_PACKAGES, install_command, pip_command
from nioc_paper.wording import text_direction, wording_for

if TYPE_CHECKING:
    from nioc_paper.render.pdf.chapter_layout import PaperLayout

_NO_GLYPH = re.compile(r"^\.notdef glyph rendered.*U\+([0-9A-F]+)")
_IN_STYLE_SHEET = re.compile(r" at \d+:\d+")
_NO_DESCRIPTION = "has no required alt description"
_UNDESCRIBED = re.compile(rf'Image "([^"]*)" {_NO_DESCRIPTION}')
_OWN_PICTURE = re.compile(rf'Image "{PICTURE_NAME}" {_NO_DESCRIPTION}')
_PAGE_LIMITS: Mapping[str, tuple[int, str]] = {
    "brief": (2, "shorten the findings and the recommendations of the chapter"),
    "sheet": (1, "shorten the titles of chapters and gates"),
}
"""Maximum number of pages by form, and the hint if a document has more."""


class _FinishedPdf(Struct, frozen=True):
    """A PDF with its findings, the names of its fonts, and the contents that were read back."""

    report: LayoutReport
    data: bytes = b""
    fonts: Sequence[str] = ()
    contents: Contents = field(default_factory=dict)
    pages: PdfPages = PdfPages()


def write(document: Document, context: RenderContext) -> bytes:
    """Return the document as PDF/A-3a, and PDF/UA-1 if all pictures are described. Returns no bytes after an error.

    A paper is laid out chapter by chapter, and unchanged chapters come from the cache. `context.on_contents` gets the
    contents of the chapters, each read back after its layout. Raises RenderCancelledError if the pool is cancelled.
    """
    engines, cache = context.engines, context.cache
    with contextlib.nullcontext(engines.pdf_pool) if engines.pdf_pool else WorkerPool().prestart() as pool:
        job = _prepare_job(document, context)
        pool.set_fonts(job.extra_fonts)
        by_chapter = not (engines.in_one_pass or is_plain()) and _can_render_by_chapter(document)
        merged_pdf = _render_by_chapter(document, job, pool, context) if by_chapter else None
        pdf = merged_pdf or _render_in_one_pass(job.whole_job(), job, pool, NO_CACHE if engines.in_one_pass else cache)
    context.on_contents(pdf.contents)
    context.on_pages(pdf.pages)
    for finding in (*_layout_diagnostics(pdf.report, document), *_length_diagnostics(document, pdf.report)):
        context.report(finding)
    families = (*fonts.FONT_FAMILIES, *(Path(file).stem.partition("-")[0] for file in job.extra_fonts))
    if foreign := foreign_fonts(pdf.fonts, families):
        context.report(
            Diagnostic(imprint.output_place(document), "foreign-resource", f"fonts of the machine: {foreign}")
        )
    is_described = (
        not pdf.report.is_bare
        and document.described
        and all(_NO_DESCRIPTION not in message for _, message in pdf.report.log)
    )
    return pdf.data if is_described else without_ua_identifier(pdf.data)


def _prepare_job(document: Document, context: RenderContext) -> PrintJob:
    script_font = special_fonts.script_font_of(document)
    values = special_fonts.with_script_font(context.theme, script_font)
    pictures = charts.collect_pictures(document, context.theme, context.report, context.cache)
    places = {target: Place(asset.path) for target, asset in document.assets.items()}
    places |= {target: chart.place for target, chart in document.charts.items()}
    pictures = charts.rasterize_arabic(pictures, values, places, context.report, context.cache)
    script_files = script_font.font_files.values() if script_font else ()
    extra_fonts = [*script_files, *system_font_files(document), *code_font_files(document, context.cache)]
    return prepare_job(document, context.templates, values, pictures, extra_fonts)


def _can_render_by_chapter(document: Document) -> bool:
    """Whether a paper can be laid out in pieces: it has chapters, reads left to right, and uses our page counters."""
    words = wording_for(document.language, document.own_words)
    return (
        document.form == "paper"
        and not document.part_of
        and not document.copy.print_edition
        and (words["counter"], words["front_counter"]) == ("decimal", "lower-roman")
        and text_direction(document.language) == "ltr"
    )


def _render_in_one_pass(page: PageJob, job: PrintJob, pool: PdfPool, cache: Cache) -> _FinishedPdf:
    from nioc_paper.render.pdf import chapter_layout

    fingerprint = chapter_layout.layout_fingerprint(*job.extra_fonts)
    result = chapter_layout.run_jobs_cached({"paper": page}, pool, cache, fingerprint)["paper"]
    if not result.pdf:
        return _FinishedPdf(result.report)
    data, pages = _finish_pdf(result.pdf, result.main_start)
    return _FinishedPdf(result.report, data, result.piece.fonts, result.piece.contents, pages)


def _finish_pdf(data: bytes, main_start: int) -> tuple[bytes, PdfPages]:
    """Return the finished PDF with page labels and the identifier of PDF/UA-1, and its pages.

    `main_start` is the index of the first page with an arabic number.
    """
    import pikepdf  # late: a paper in pieces needs none
    from pikepdf import Array, Dictionary, Name

    with pikepdf.open(io.BytesIO(data)) as pdf:
        labels = [(0, Dictionary(S=Name.r)), (main_start, Dictionary(S=Name.D))][main_start == 0 :]
        pdf.Root.PageLabels = Dictionary(Nums=Array([part for label in labels for part in label]))
        pdf.Root.Metadata.write(with_ua_identifier(pdf.Root.Metadata.read_bytes()))
        indices = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
        names = pdf.Root.Names.Dests.Names if "/Names" in pdf.Root and "/Dests" in pdf.Root.Names else ()
        page_by_id = {str(names[n]): indices[names[n + 1][0].objgen] for n in range(0, len(names), 2)}
        streams = [page.obj.Contents for page in pdf.pages]
        parts = [stream if isinstance(stream, Array) else [stream] for stream in streams]
        contents = [b"".join(part.read_raw_bytes() for part in each) for each in parts]
        output = io.BytesIO()
        pdf.save(output, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return output.getvalue(), PdfPages(contents, page_by_id)


def _render_by_chapter(document: Document, job: PrintJob, pool: PdfPool, context: RenderContext) -> _FinishedPdf | None:
    """Return the paper merged from its pieces. Returns None if the merge is impossible."""
    from nioc_paper.render.pdf import chapter_layout, running_heads

    layout_fingerprint = chapter_layout.layout_fingerprint(*job.extra_fonts)
    cache = context.cache
    import_soon("nioc_paper.render.pdf.piece_merge")
    # The engine reads the style sheets while pandoc writes the chapters.
    page = job.renderer.render("print/chapter.html", front=False, text="", language=document.language)
    pool.warm_up(job.page_job(page))
    pieces, issue = chapter_layout.split_into_pieces(job, cache), running_heads.issue_line(document, job)
    if document.chapters_run_on or sum(piece.estimated_pages for piece in pieces) <= chapter_layout.SHORT_PAPER:
        return _render_in_one_pass(chapter_layout.run_on_job(pieces, job), job, pool, cache)
    laid_out_pieces = chapter_layout.lay_out(pieces, job, pool, cache, layout_fingerprint)
    if laid_out_pieces is None:
        return None
    pool.check_cancelled()
    report = chapter_layout.merge_reports(laid_out_pieces)
    if report.is_bare or not all(result.pdf for result in laid_out_pieces.printed_pieces):
        return None if report.is_bare else _FinishedPdf(report)
    from nioc_paper.render.pdf.font_subsets import UnknownFontError
    from nioc_paper.render.pdf.piece_merge import Merger, PageNumberError

    shift, data = running_heads.inner_margin_excess(context.theme), None
    for all_numbers in (False, True):  # templates may print numbers in a way that digits cannot be replaced
        jobs, background = running_heads.plan_backgrounds(laid_out_pieces, job, issue, all_numbers=all_numbers)
        sheets = chapter_layout.run_jobs_cached(jobs, pool, cache, layout_fingerprint)
        merger = Merger(laid_out_pieces, background, sheets, shift, job.extra_fonts)
        with contextlib.suppress(PageNumberError, UnknownFontError):
            data = merger.merge()
            break
    pages = PdfPages(merger.page_contents, laid_out_pieces.page_numbers.by_id)
    return _collect_pieces(laid_out_pieces, sheets, data, pages) if data else None


def _collect_pieces(layout: PaperLayout, sheets: Mapping[str, JobResult], data: bytes, pages: PdfPages) -> _FinishedPdf:
    """Return the merged file with the findings, fonts and contents of its pieces."""
    from nioc_paper.render.pdf import chapter_layout

    # Contents were read back piece by piece: reading the whole file takes longer than laying out an edited chapter.
    names = [name for result in (*layout.printed_pieces, *sheets.values()) for name in result.piece.fonts]
    contents = combine_contents(result.piece.contents for result in layout.printed_pieces)
    return _FinishedPdf(chapter_layout.merge_reports(layout), data, names, contents, pages)


def foreign_fonts(names: Iterable[str], families: Iterable[str]) -> list[str]:
    """Return the names that belong to none of these families."""
    own_prefixes = tuple(family.replace(" ", "") for family in families)
    bare_names = {name: name.split("+")[-1].strip("/").replace("-", "").replace(" ", "") for name in names}
    return sorted(name for name, bare_name in bare_names.items() if not bare_name.startswith(own_prefixes))


# --- findings of the engine -------------------------------------------------------------------------------------------


def _layout_diagnostics(report: LayoutReport, document: Document) -> Iterator[Diagnostic]:
    place = imprint.output_place(document)
    if report.other_version:
        yield _other_version_diagnostic(report, place)
    if report.missing_library:
        first = report.missing_library.splitlines()[0]
        yield Diagnostic(
            place, "missing-tool", f"WeasyPrint finds no Pango: {first}", hint=install_command(PDF_PACKAGES)
        )
    if report.failure:
        hint = "a table, picture or note is too large for a page: divide it"
        failed_at = Place(report.failed_path) if report.failed_path else place
        yield Diagnostic(failed_at, "render-failed", f"WeasyPrint gave no PDF: {report.failure}", hint=hint)
    for url in report.denied:
        yield Diagnostic(place, "foreign-resource", f"'{url}' is not part of this paper")
    # Arabic letters only: other text is looked for in the finished file, which does not know the edges of pages.
    unread = [passage for passage in report.lost_text if has_arabic_letters(passage)]
    off_page = [(f"page {page}: {text}", text) for page, text in report.off_page]
    for rule_text, passages, hint in (
        ("not printed", [(text, text) for text in unread], ""),
        ("beyond the page", off_page, "use fewer columns or shorter words"),
    ):
        if passages:
            message, text = passages[0]
            more = f" and {format_count(len(passages) - 1, 'more passage')}" if len(passages) > 1 else ""
            found_at = find_passage(document.blocks, text) or place
            yield Diagnostic(found_at, "lost-content/text", f"{rule_text}: '{shorten_quote(message)}'{more}", hint=hint)
    yield from _log_diagnostics(report.log, document)


def _other_version_diagnostic(report: LayoutReport, place: Place) -> Diagnostic:
    """Return the finding for a version of WeasyPrint that was not measured, with what the PDF lacks for it."""
    tried = f"WeasyPrint {report.other_version} is not the version that this release was tried with"
    hint = pip_command([f"weasyprint=={MEASURED_VERSION}"])
    if not report.is_bare:
        return Diagnostic(place, "missing-tool", f"{tried}: the PDF is made slowly", Severity.INFO, hint)
    lacks = "notes in the margin, numbered lines, change bars, and what screen readers need"
    return Diagnostic(place, "missing-tool", f"{tried}: the PDF lacks {lacks}", Severity.WARNING, hint)


def _log_diagnostics(log: Iterable[tuple[str, str]], document: Document) -> Iterator[Diagnostic]:
    """Return WeasyPrint's log as findings in our words; its warnings are about its own work."""
    place = imprint.output_place(document)
    lines = [(level, message) for level, message in dict.fromkeys(log) if "not part of this paper" not in message]
    letters = [chr(int(glyph_match[1], 16)) for _, message in lines if (glyph_match := _NO_GLYPH.search(message))]
    if letters:  # else the texts of M are gathered for nothing: 0.19 s
        yield from _letter_diagnostics(letters, document)
    for level, message in lines:
        # The checker finds pictures of chapters.
        if (logo := _UNDESCRIBED.search(message)) and not _OWN_PICTURE.match(message):
            severity = Severity.ERROR if document.copy.final else Severity.WARNING
            hint = "describe it in the template: alt=…"
            named = f"the picture '{logo[1]}' of a template is not described"
            yield Diagnostic(place, "image-without-alt", named, severity, hint)
        elif _IN_STYLE_SHEET.search(message):
            yield Diagnostic(Place("templates"), "bad-template/page", f"in a style sheet: {message}", Severity.WARNING)
        elif level == "ERROR" and not logo:
            hint = "compare it with the web page, and report the fault with the chapter"
            yield Diagnostic(place, "render-failed", "the PDF may lack something: its layout met a fault", hint=hint)


def _letter_diagnostics(letters: Iterable[str], document: Document) -> Iterator[Diagnostic]:
    """Yield a finding for letters that no font has, at the first passage, chart or drawing with each."""
    letters_by_place: dict[Place, list[str]] = defaultdict(list)
    texts = [(item.place, item.display) for item in content_items(document.blocks) if item.place.path]
    texts += drawn_texts(document)
    for letter in letters:
        found_at = next((place for place, text in texts if letter in text), imprint.output_place(document))
        letters_by_place[found_at].append(f"{letter} (U+{ord(letter):04X})")
    severity = Severity.WARNING if edition_of(document.copy) == "draft" else Severity.ERROR
    for place, named in letters_by_place.items():
        message = f"no font has {', '.join(named)}: it is missing in the PDF"
        packages = packages_of(name[0] for name in named)
        hint = install_command(packages) if packages else "write it in other letters, or as a picture"
        yield Diagnostic(place, "lost-content/text", message, severity, hint)


def _length_diagnostics(document: Document, report: LayoutReport) -> Iterator[Diagnostic]:
    """Report more pages than a document of this form may have."""
    pages = report.page_count
    page_limit, hint = _PAGE_LIMITS.get(document.form, (pages, ""))
    if pages > page_limit:
        message = f"a {document.form} has at most {format_count(page_limit, 'page')}, and this one has {pages}"
        yield Diagnostic(imprint.output_place(document), "too-many-pages", message, Severity.WARNING, hint)
