"""The paper as a Word file: to be read, commented in and sent on by people who have nothing but Word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from nioc_paper.model import Diagnostic, Document, Place, Severity
from nioc_paper.ooxml import word_settings
from nioc_paper.render.common import html_prepare
from nioc_paper.render.common.images import make_placeholders, picture_data_uri
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.context import RenderContext
from nioc_paper.render.verify import docx_reader
from nioc_paper.render.word import cover_background, pagination, title_block
from nioc_paper.render.word.file_template import FileTemplate
from nioc_paper.render.word.page_size import text_width
from nioc_paper.render.word.pictures import chart_widths, draw_pictures
from nioc_paper.render.word.piece import WordPiece
from nioc_paper.render.word.piece_builder import PieceBuilder
from nioc_paper.render.word.splitter import PieceJob, Splitter
from nioc_paper.render.word.template.word_template import WordTemplate
from nioc_paper.system import libreoffice
from nioc_paper.system.cache import Cache
from nioc_paper.system.concurrency import start_thread
from nioc_paper.system.libreoffice import LibreOffice


def write(document: Document, context: RenderContext) -> bytes:
    """The bytes of the .docx. Reports `render-failed` and `missing-tool`; raises PandocError.

    A paper is made chapter by chapter, and what has not changed is taken from the cache. `hold` is told what the
    chapters hold, each read back when it was finished.
    """
    cache, report = context.cache, context.report
    own_theme = title_block.adapt_theme(context.theme, document.form)
    word_template = WordTemplate(document.template) if document.template else None
    theme_values = word_template.adapt_theme(own_theme) if word_template else own_theme
    word_pictures = draw_pictures(document, own_theme, report, cache)
    cover_ground = b"" if word_template or document.form != "paper" else _draw_cover_ground(theme_values, context)
    placeholders = make_placeholders(word_pictures)
    pictures_by_address = {picture_data_uri(placeholders[target]): picture for target, picture in word_pictures.items()}
    builder = PieceBuilder(document, theme_values, cover_ground, pictures_by_address, cache)
    file_template = FileTemplate(builder, word_template)
    jobs = Splitter(
        document,
        theme_values,
        placeholders,
        chart_widths(document, word_pictures, text_width(theme_values) / 20),
        cache,
    ).split_document()
    pieces = builder.build_pieces(jobs, file_template.headers_footers)
    office = context.engines.office
    pages = start_thread(
        lambda: _page_numbers(jobs, pieces, file_template, cache, office) if document.form == "paper" else {}
    )
    context.on_contents(docx_reader.merge_contents(piece.held for _, piece in pieces))
    package, has_page_numbers = file_template.merge([piece for _, piece in pieces], pages, report)
    if not has_page_numbers:
        word_settings.put_setting(package, '<w:updateFields w:val="true"/>')
        report(_no_page_numbers_diagnostic(html_prepare.output_place(document, "docx")))
    return package.save(document.timestamp)


def _page_numbers(
    jobs: Sequence[PieceJob],
    pieces: Sequence[tuple[str, WordPiece]],
    file_template: FileTemplate,
    cache: Cache,
    running_office: LibreOffice | None,
) -> Mapping[str, str]:
    """The number on the page of each bookmark; none where LibreOffice cannot tell."""
    files = {file_template.pages_key(name): partial(file_template.build_bare_docx, piece) for name, piece in pieces}
    first, first_bookmark = next(
        ((n, job.page_one_bookmark) for n, job in enumerate(jobs) if job.page_one_bookmark is not None), (0, "")
    )
    return pagination.number_bookmarks(pagination.lay_out_files(files, cache, running_office), first, first_bookmark)


def _no_page_numbers_diagnostic(place: Place) -> Diagnostic:
    """What to say of a file whose lists have no page numbers, with or without LibreOffice on the machine."""
    consequence = "the Word file lacks page numbers in its lists; Word will ask to fill them in when it is opened"
    if libreoffice.find_program() is None:
        return Diagnostic(place, "missing-tool", consequence, Severity.INFO, "install LibreOffice (soffice)")
    message = f"LibreOffice did not lay it out: {consequence}"
    return Diagnostic(place, "render-failed", message, Severity.WARNING, "build again; open the file in LibreOffice")


def _draw_cover_ground(theme_values: Theme, context: RenderContext) -> bytes:
    try:
        return cover_background.draw_cover_background(context.templates, theme_values, context.cache)
    except ValueError as error:
        message = f"the ground of the cover cannot be drawn: {error}"
        context.report(Diagnostic(Place("templates/pattern.svg"), "render-failed", message))
        return b""
