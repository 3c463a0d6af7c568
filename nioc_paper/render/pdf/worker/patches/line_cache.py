"""Shape a line once per text, style and width, although pages, columns and tables lay out many lines several times."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nioc_paper.render.pdf.worker.patches.state import PatchState

if TYPE_CHECKING:
    from weasyprint.css import Style
    from weasyprint.layout import LayoutContext

    from nioc_paper.render.pdf.worker.patches.state import ShapedLine

    _LineSplitter = Callable[[str, Style, LayoutContext, float | None, float, bool, bool], ShapedLine]


def wrap(original: _LineSplitter, state: PatchState) -> _LineSplitter:
    """Return the replacement of `split_first_line`; `state.lines` takes lines until the next document."""

    def split_line(
        text: str,
        style: Style,
        context: LayoutContext,
        max_width: float | None,
        justification_spacing: float,
        is_line_start: bool = True,
        minimum: bool = False,
    ) -> ShapedLine:
        key = text, id(style), max_width, justification_spacing, is_line_start, minimum
        if key not in state.lines:
            line = original(text, style, context, max_width, justification_spacing, is_line_start, minimum)
            state.lines[key] = style, line  # the style is kept, so that no other gets its id
        return state.lines[key][1]

    return split_line
