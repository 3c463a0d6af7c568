"""Rewrites of a piece of the Word file after pandoc has written it and its sections are set up, in their order."""

from __future__ import annotations

from collections.abc import Callable

from nioc_paper.model import Document
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word import postprocess, review_copy, rtl, tracked_changes
from nioc_paper.render.word.page_size import text_width
from nioc_paper.render.word.tables import style_tables
from nioc_paper.wording import text_direction

PiecePass = Callable[[Package, Document, Theme], None]


def _on_body(rewrite: Callable[[Element], None]) -> PiecePass:
    return lambda package, _document, _theme: rewrite(package.body)


def _complete_changes(package: Package, document: Document, _: Theme) -> None:
    if document.revision:
        tracked_changes.complete_changes(package, document.revision)


def _number_ids(package: Package, _document: Document, _theme: Theme) -> None:
    postprocess.number_ids(package.body, package.xml_root("word/footnotes.xml"))


def _style_tables(package: Package, _: Document, theme: Theme) -> None:
    style_tables(package.body, theme)


def _indent_lists(package: Package, _document: Document, _theme: Theme) -> None:
    postprocess.indent_lists(package.xml_root("word/numbering.xml"))


def _set_directions(package: Package, document: Document, _: Theme) -> None:
    rtl.set_directions(package, text_direction(document.language))


def _mirror_rtl(package: Package, document: Document, _: Theme) -> None:
    if text_direction(document.language) == "rtl":
        rtl.mirror_document(package)


def _add_review_numbers(package: Package, document: Document, _: Theme) -> None:
    if document.copy.review:
        review_copy.add_review_numbers(package)


def _set_equation_tabs(package: Package, _document: Document, theme: Theme) -> None:
    postprocess.set_equation_tabs(package.body, text_width(theme))


PIECE_PASSES: tuple[PiecePass, ...] = (
    _complete_changes,
    _on_body(postprocess.collapse_bookmarks),
    _on_body(postprocess.set_rtl_languages),
    _on_body(postprocess.label_pictures),
    _number_ids,
    _style_tables,
    _on_body(postprocess.keep_boxes_whole),
    _on_body(postprocess.keep_captions_whole),
    _on_body(postprocess.keep_lists_in_boxes),
    _set_equation_tabs,
    _on_body(postprocess.space_after_lists),
    _indent_lists,
    _set_directions,
    _mirror_rtl,
    _add_review_numbers,
)
"""All passes in their order; each skips files that do not need it."""
