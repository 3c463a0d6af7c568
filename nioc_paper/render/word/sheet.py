"""The sheet of paper in Word: its size, its margins, and the width that they leave for text."""

from __future__ import annotations

from nioc_paper.render.theme import Theme


def page(theme: Theme, *, landscape: bool = False) -> str:
    """Size and margins of a page as Word's XML; a landscape one is the same sheet turned."""
    size = [twips(theme["page-width"]), twips(theme["page-height"])]
    names = ("top", "margin-outer"), ("right", "margin-bottom"), ("bottom", "margin-inner"), ("left", "margin-top")
    upright = ("top", "margin-top"), ("right", "margin-outer"), ("bottom", "margin-bottom"), ("left", "margin-inner")
    margins = "".join(f' w:{side}="{twips(theme[name])}"' for side, name in (names if landscape else upright))
    width, height = reversed(size) if landscape else size
    turned = ' w:orient="landscape"' if landscape else ""
    return (
        f'<w:pgSz w:w="{width}" w:h="{height}"{turned}/><w:pgMar{margins} w:header="680" w:footer="624" w:gutter="0"/>'
    )


def text_width(theme: Theme, *, landscape: bool = False) -> int:
    """The width of the text in twentieths of a point."""
    names = ("page-height", "margin-top", "margin-bottom") if landscape else (
        "page-width", "margin-inner", "margin-outer")  # fmt: skip
    whole, *margins = (twips(theme[name]) for name in names)
    return whole - sum(margins)


def twips(length: str) -> int:
    """A length in mm or pt as twentieths of a point, Word's unit."""
    number, unit = float(length[:-2]), length[-2:]
    return round(number * {"pt": 20, "mm": 1440 / 25.4}[unit])
