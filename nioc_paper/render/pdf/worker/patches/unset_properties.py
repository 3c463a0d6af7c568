"""Return unset properties directly (inherited or initial value), without the cascade."""

from __future__ import annotations

from typing import Any

from nioc_paper.render.pdf.worker.patches.state import PatchState


def install(_: PatchState) -> None:
    """Replace `ComputedStyle.__missing__`."""
    from weasyprint import css
    from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
    from weasyprint.css.functions import check_math
    from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES

    excluded = {"position", "float", "display", "page", *INITIAL_NOT_COMPUTED}
    keys = [key for key in INITIAL_VALUES if key not in excluded and not key.startswith("text_decoration_")]
    set_by = {key: {key} for key in keys}
    for key, logical in PHYSICAL_FUNCTIONS.items():
        set_by.get(key, set()).update(logical(block="ttb", inline=way) for way in ("ltr", "rtl"))
    original = css.ComputedStyle.__missing__

    def compute_value(style: Any, key: str) -> Any:
        if key not in set_by or not style.cascaded.keys().isdisjoint(set_by[key]):
            return original(style, key)
        value = INITIAL_VALUES[key]
        if key in INHERITED and (style.parent_style is None or check_math(value := style.parent_style[key])):
            return original(style, key)
        style[key] = value
        return value

    css.ComputedStyle.__missing__ = compute_value
