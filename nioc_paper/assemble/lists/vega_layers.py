"""What generated pictures are drawn with: marks at places in pixels, in the named styles that every chart has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from nioc_paper.model import Align

Spec = dict[str, Any]
"""Vega-Lite."""
PICTURE_WIDTH = 590
"""Pixels, 96 to the inch: the width of the text on a sheet upright."""
LINE_HEIGHT = 15
"""Pixels from line to line. Words are 12 pixels high, which is 9 points."""
ALIGN_LEFT: Align = "left"
_LETTER_WIDTH = 5.6
"""Pixels of a letter, on average."""


class MarkProperties(TypedDict, total=False):
    """Properties of a mark besides its style, as Vega-Lite names them."""

    align: str
    baseline: str
    filled: bool
    fontWeight: int
    lineHeight: int
    shape: str
    size: float
    strokeWidth: float
    thickness: float


def mark_layer(mark: str, data: Sequence[Mapping[str, Any]], style: str, **properties: Unpack[MarkProperties]) -> Spec:
    """Marks of one kind, each at the `x` and `y` of its datum, to its `x2` and `y2`; a text is its `text`."""
    names = data[0] if data else ()
    places = {n: {"field": n, "type": "quantitative", "scale": None} for n in ("x", "y") if n in names}
    others = {n: {"field": n} for n in ("x2", "y2", "text") if n in names}
    return {
        "data": {"values": list(data)},
        "mark": {"type": mark, "style": style, **properties},
        "encoding": places | others,
    }


def text_layer(data: Sequence[Mapping[str, Any]], style: str, **properties: Unpack[MarkProperties]) -> Spec:
    """Texts that begin at their place, half of them above it."""
    defaults: MarkProperties = {"align": "left", "baseline": "middle", "lineHeight": LINE_HEIGHT}
    merged: MarkProperties = {**defaults, **properties}
    return mark_layer("text", data, style, **merged)


def layered_spec(width: float, height: float, layers: Sequence[Spec]) -> Spec:
    """The layers that have something in them, the first below the others."""
    return {
        "width": width,
        "height": height,
        "layer": [one_layer for one_layer in layers if one_layer["data"]["values"]],
    }


def estimate_text_width(text: str) -> float:
    """About how many pixels a text takes."""
    return len(text) * _LETTER_WIDTH


def count_fitting_letters(pixels: float) -> int:
    """How many letters there is room for."""
    return max(1, int(pixels / _LETTER_WIDTH))
