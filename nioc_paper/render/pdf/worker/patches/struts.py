"""Compute the strut once per style: WeasyPrint makes a key of sixteen properties for each line.

The layout of lines alone asks for struts so often; styles are complete by then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nioc_paper.render.pdf.worker.patches.state import PatchState

if TYPE_CHECKING:
    from weasyprint.css import Style

    _Strut = Callable[[Style], tuple[float, float]]


def wrap(original: _Strut, _: PatchState) -> _Strut:
    """Return the replacement of `strut`: height and baseline of a line of this style."""

    def find_strut(style: Style) -> tuple[float, float]:
        strut: tuple[float, float] | None = vars(style).get("strut")
        if strut is None:
            strut = vars(style)["strut"] = original(style)
        return strut

    return find_strut
