"""Layers of generated charts in Vega-Lite: marks at pixels, in the named styles that every chart has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nioc_paper.model import Align

Spec = dict[str, Any]
"""Vega-Lite specification."""
PICTURE_WIDTHS = PICTURE_WIDTH, _ = 590, 330
"""Widths in pixels, 96 to the inch: that of the text on a portrait page, and on a phone."""
LINE_HEIGHT = 15
"""Pixels from line to line. Words are 12 pixels high: 9 points."""
ALIGN_LEFT: Align = "left"
_LETTER_WIDTH = 5.6
"""Average pixels of a letter."""


def mark_layer(mark: str, data: Sequence[Mapping[str, object]], style: str, **properties: object) -> Spec:
    """Return marks of one kind, each from `x`, `y` of its datum to its `x2`, `y2`; a text mark shows `text`.

    `properties` are those of a mark besides its style, as Vega-Lite names them.
    """
    names = data[0] if data else ()
    places = {n: {"field": n, "type": "quantitative", "scale": None} for n in ("x", "y") if n in names}
    return {
        "data": {"values": list(data)},
        "mark": {"type": mark, "style": style, **properties},
        "encoding": places | {n: {"field": n} for n in ("x2", "y2", "text") if n in names},
    }


def text_layer(texts: Iterable[tuple[float, float, str | Sequence[str]]], style: str, **properties: object) -> Spec:
    """Return texts, of one or more lines, that begin at their places, `x` and `y`, vertically centred."""
    data = [{"x": x, "y": y, "text": text} for x, y, text in texts]
    defaults = {"align": "left", "baseline": "middle", "lineHeight": LINE_HEIGHT}
    return mark_layer("text", data, style, **{**defaults, **properties})


def layered_spec(width: float, height: float, layers: Sequence[Spec]) -> Spec:
    """Return the layers that have data, the first at the bottom."""
    return {
        "width": width,
        "height": height,
        "layer": [one_layer for one_layer in layers if one_layer["data"]["values"]],
    }


def estimate_text_width(text: str) -> float:
    """Return the approximate pixels of a text."""
    return len(text) * _LETTER_WIDTH


def count_fitting_letters(pixels: float) -> int:
    """Return the number of letters that fit, at least 1."""
    return max(1, int(pixels / _LETTER_WIDTH))
