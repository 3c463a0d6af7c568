"""Move a note without room in the margin to the foot while its page is made; only this page is laid out once more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from nioc_paper.render.pdf.worker.patches.state import PatchState

if TYPE_CHECKING:
    from weasyprint import HTML
    from weasyprint.formatting_structure.boxes import Box, PageBox
    from weasyprint.layout import LayoutContext

    _BoxBuilder = Callable[..., Box]
    _PageMaker = Callable[[int, LayoutContext, Box, HTML], tuple[PageBox, object]]


def wrap_builder(original: _BoxBuilder, state: PatchState) -> _BoxBuilder:
    """Return the replacement of `build_formatting_structure`: boxes of the twins are kept, not printed."""

    def build_boxes(element_tree: Element, *arguments: object) -> Box:
        root_box = original(element_tree, *arguments)
        state.twins.take_calls(root_box)
        return root_box

    return build_boxes


def wrap_page(original: _PageMaker, state: PatchState) -> _PageMaker:
    """Return the replacement of `remake_page`: a page is made until every note in its margin has room there."""

    def make_page(index: int, context: LayoutContext, root_box: Box, html: HTML) -> tuple[PageBox, object]:
        while True:
            footnotes, reported = [*context.footnotes], [*context.reported_footnotes]
            broken, made = dict(context.broken_out_of_flow), context.page_maker[index][-1]
            page = original(index, context, root_box, html)
            misplaced = state.twins.find_misplaced(page[0], context)
            if not misplaced:
                return page
            state.twins.move(misplaced)
            context.footnotes, context.reported_footnotes = footnotes, reported
            context.broken_out_of_flow = broken
            made |= {"anchors": [], "content_lookups": []}

    return make_page
