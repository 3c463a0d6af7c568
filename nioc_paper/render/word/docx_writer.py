"""Word writer: the paper as a .docx, for reading and for comments in Word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache as once
from functools import partial

from nioc_paper.model import Diagnostic, Document, Place, Severity
from nioc_paper.render.common import imprint, special_fonts
from nioc_paper.render.common.image_embedding import make_placeholders, picture_data_uri
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.context import Engines, RenderContext
from nioc_paper.render.verify import docx_reader
from nioc_paper.render.word import list_page_numbers, png_pictures, title_block
from nioc_paper.render.word.cached_piece import WordPiece
from nioc_paper.render.word.empty_docx import FileTemplate
from nioc_paper.render.word.page_setup import text_width
from nioc_paper.render.word.piece_builder import PieceBuilder, PieceJob, Splitter
from nioc_paper.render.word.png_pictures import chart_widths, draw_pictures, stand_in_pictures
from nioc_paper.render.word.reference_docx import SCRIPT_FAMILY_KEY, SCRIPT_SIZE_KEY
from nioc_paper.render.word.word_template import WordTemplate
from nioc_paper.system import libreoffice
from nioc_paper.system.requirements import OFFICE_PACKAGE, install_command


def write(document: Document, context: RenderContext) -> bytes:
    """Return the .docx. Reports `render-failed` and `missing-tool`. Raises PandocError.

    A paper is built chapter by chapter, and unchanged pieces come from the cache. `context.on_contents` gets the
    contents of the chapters, each read back from its piece.
    """
    template, piece_jobs = _prepare(document, context)
    pieces = template.builder.build_pieces(piece_jobs, template.headers_footers)
    page_numbers = _start_layout(template, piece_jobs, pieces, context.engines)
    context.on_contents(docx_reader.merge_contents(piece.held for _, piece in pieces))
    package, has_page_numbers = template.merge([piece for _, piece in pieces], page_numbers, context.report)
    if not has_page_numbers:
        package.put_setting('<w:updateFields w:val="true"/>')
        context.report(_no_page_numbers_diagnostic(imprint.output_place(document)))
    return package.save(document.timestamp)


def _prepare(document: Document, context: RenderContext) -> tuple[FileTemplate, Sequence[PieceJob]]:
    """Return the document cut into pieces, and before them the file that they are merged in."""
    cache = context.cache
    own_theme = title_block.adapt_theme(context.theme, document.form)
    word_template = WordTemplate(document.template) if document.template else None
    theme_values = word_template.adapt_theme(own_theme) if word_template else own_theme
    draws = context.engines.draws
    pictures = draw_pictures(document, own_theme, context.report, cache) if draws else stand_in_pictures(document)
    has_background = draws and document.form == "paper" and not word_template
    background = once(partial(_draw_cover_background, theme_values, context)) if has_background else bytes
    placeholders = make_placeholders(pictures)
    pictures_by_address = {picture_data_uri(placeholders[target]): picture for target, picture in pictures.items()}
    if font := special_fonts.script_font_of(document):
        theme_values = {**theme_values, SCRIPT_FAMILY_KEY: font.family, SCRIPT_SIZE_KEY: str(font.size)}
    builder = PieceBuilder(document, theme_values, background, pictures_by_address, cache)
    widths = chart_widths(document, pictures, text_width(theme_values) / 20)
    piece_jobs = Splitter(document, theme_values, placeholders, widths, cache).split_document()
    return FileTemplate(builder, word_template), piece_jobs


def _start_layout(
    template: FileTemplate, piece_jobs: Sequence[PieceJob], pieces: Sequence[tuple[str, WordPiece]], engines: Engines
) -> Callable[[], Mapping[str, str]]:
    """Start the layout; call the result to wait for the page number of each bookmark.

    There are none without LibreOffice, and for a document other than a paper, or if nobody wants them.
    """
    builder = template.builder
    if builder.document.form != "paper" or not engines.numbers_pages:
        return dict
    files = {template.pages_key(name): partial(template.build_bare_docx, piece) for name, piece in pieces}
    bookmarks = [(n, job.page_one_bookmark) for n, job in enumerate(piece_jobs)]
    first, first_bookmark = next(((n, name) for n, name in bookmarks if name is not None), (0, ""))
    wait_for_pages = list_page_numbers.start_layout(files, builder.cache, engines.office)
    return once(lambda: list_page_numbers.number_bookmarks(wait_for_pages(), first, first_bookmark))


def _no_page_numbers_diagnostic(place: Place) -> Diagnostic:
    """Return the finding for lists without page numbers, with or without LibreOffice on the machine."""
    consequence = "the Word file lacks page numbers in its lists; Word will ask to fill them in when it is opened"
    if libreoffice.find_program() is None:
        return Diagnostic(place, "missing-tool", consequence, Severity.INFO, install_command([OFFICE_PACKAGE]))
    message = f"LibreOffice did not lay it out: {consequence}"
    return Diagnostic(place, "render-failed", message, Severity.WARNING, "build again; open the file in LibreOffice")


def _draw_cover_background(theme_values: Theme, context: RenderContext) -> bytes:
    try:
        return png_pictures.draw_cover_background(context.templates, theme_values, context.cache)
    except ValueError as error:
        message = f"the ground of the cover cannot be drawn: {error}"
        context.report(Diagnostic(Place("templates/pattern.svg"), "render-failed", message))
        return b""
