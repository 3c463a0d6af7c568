"""The sheet of paper in Word: its size, its margins, and the width that they leave for text."""

from __future__ import annotations

from nioc_paper.render.theme import Theme

_DISTANCES = {"head-distance": "13mm", "foot-distance": "12mm"}
"""From the edge of the sheet to heads and feet."""
_SIDES = {"top": "margin-top", "right": "margin-outer", "bottom": "margin-bottom", "left": "margin-inner"}
"""Margins of right pages; on left pages Word exchanges the inner and the outer one."""


def page(theme: Theme, *, landscape: bool = False) -> str:
    """Size and margins of a page as Word's XML; a landscape one is the same sheet turned."""
    size = [twips(theme["page-width"]), twips(theme["page-height"])]
    margins = "".join(f' w:{side}="{twips(theme[_margin(side, landscape=landscape)])}"' for side in _SIDES)
    width, height = reversed(size) if landscape else size
    head, foot = (twips(theme.get(name, usual)) for name, usual in _DISTANCES.items())
    turned = ' w:orient="landscape"' if landscape else ""
    margins += f' w:header="{head}" w:footer="{foot}" w:gutter="0"'
    return f'<w:pgSz w:w="{width}" w:h="{height}"{turned}/><w:pgMar{margins}/>'


def text_width(theme: Theme, *, landscape: bool = False) -> int:
    """The width of the text in twentieths of a point."""
    whole = twips(theme["page-height" if landscape else "page-width"])
    return whole - sum(twips(theme[_margin(side, landscape=landscape)]) for side in ("left", "right"))


def _margin(side: str, *, landscape: bool) -> str:
    """A turned page has the same margin on all sides, whichever of its edges is bound."""
    return "margin-bottom" if landscape else _SIDES[side]


def twips(length: str) -> int:
    """A length in mm or pt as twentieths of a point, Word's unit."""
    number, unit = float(length[:-2]), length[-2:]
    return round(number * {"pt": 20, "mm": 1440 / 25.4}[unit])
