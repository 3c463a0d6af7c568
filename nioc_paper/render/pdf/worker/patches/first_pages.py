"""Start a layout at the page of an edit, if an earlier layout of the same piece is in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from nioc_paper.render.pdf.worker.patches.state import PatchState

if TYPE_CHECKING:
    from weasyprint import HTML
    from weasyprint.formatting_structure.boxes import Box, PageBox
    from weasyprint.layout import LayoutContext

    _Starter = Callable[[LayoutContext, Box], None]
    _PagesMaker = Callable[[LayoutContext, Box, HTML, Sequence[PageBox]], Iterator[PageBox]]


def wrap_start(original: _Starter, state: PatchState) -> _Starter:
    """Return the replacement of `initialize_page_maker`: pages that stay are noted as made."""

    def start(context: LayoutContext, root_box: Box) -> None:
        original(context, root_box)
        state.earlier_pages.start_layout(context, state.twins)

    return start


def wrap_pages(original: _PagesMaker, state: PatchState) -> _PagesMaker:
    """Return the replacement of `make_all_pages`: it gets the pages that stay, and each page is recorded."""

    def make_pages(context: LayoutContext, root_box: Box, html: HTML, pages: Sequence[PageBox]) -> Iterator[PageBox]:
        from weasyprint.layout.page import set_page_type_computed_styles  # late: patches are imported before WeasyPrint

        kept_pages = state.earlier_pages.kept_pages
        for page in kept_pages:  # the engine sets the styles of margins when it makes a page
            set_page_type_computed_styles(page.page_type, html, context.style_for)
        made = original(context, root_box, html, pages or kept_pages)
        return state.earlier_pages.record_pages(made, context, state.twins)

    return make_pages
