"""Return unset properties directly (inherited or initial value), without the cascade."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nioc_paper.render.pdf.worker.patches.state import PatchState

if TYPE_CHECKING:
    from weasyprint.css import ComputedStyle


def wrap(original: Callable[[ComputedStyle, str], object], _: PatchState) -> Callable[[ComputedStyle, str], object]:
    """Return the replacement of `ComputedStyle.__missing__`."""
    from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
    from weasyprint.css.functions import check_math
    from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES

    # Of these, other steps of the cascade keep or change values.
    excluded = {"position", "float", "display", "page", *INITIAL_NOT_COMPUTED}
    keys = [key for key in INITIAL_VALUES if key not in excluded and not key.startswith("text_decoration_")]
    set_by = {key: {key} for key in keys}
    for key in set_by.keys() & PHYSICAL_FUNCTIONS.keys():  # a logical property may set it, another in each direction
        set_by[key].update(PHYSICAL_FUNCTIONS[key](block="ttb", inline=direction) for direction in ("ltr", "rtl"))

    def compute_value(style: ComputedStyle, key: str) -> object:
        if key not in set_by or not style.cascaded.keys().isdisjoint(set_by[key]):
            return original(style, key)
        if key not in INHERITED:
            value = INITIAL_VALUES[key]
        elif style.parent_style is None or check_math(value := style.parent_style[key]):
            return original(style, key)  # a function with percentages is computed for each style
        style[key] = value
        return value

    return compute_value
