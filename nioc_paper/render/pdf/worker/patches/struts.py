"""Keep the strut of a line with its style: WeasyPrint finds it by the text of sixteen properties, for each line."""

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
        own_strut: tuple[float, float] | None = vars(style).get("strut")
        if own_strut is None:
            own_strut = vars(style)["strut"] = original(style)
        return own_strut

    return find_strut
