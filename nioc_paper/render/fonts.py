"""The paper's typefaces: where their files are, and how an engine is kept from every other font of the machine."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from xml.sax.saxutils import escape

FAMILIES = ("Source Serif Pro", "Source Sans Pro")
_PACKAGES = ("font_source_serif_pro", "font_source_sans_pro")


def folders() -> tuple[Path, ...]:
    """The folders that hold the font files."""
    return tuple(Path(str(resources.files(package))) / "files" for package in _PACKAGES)


def fontconfig(cache: Path) -> str:
    """A fonts.conf that knows our families alone, one file a face, and keeps its cache in a folder of its own."""
    known = "".join(f"<dir>{escape(str(folder))}</dir>" for folder in folders())
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>'
        f"{known}<cachedir>{escape(str(cache))}</cachedir>"
        "<selectfont><rejectfont><glob>*.ttf</glob></rejectfont></selectfont></fontconfig>"
    )


def outline(text: str) -> tuple[str, float]:
    """A word in bold as an SVG path, y up from the base line, and its width; 1000 units an em.

    A path, because the draft mark lies under every page, and as text it would be read aloud and copied with it.
    """
    from fontTools.pens.svgPathPen import SVGPathPen  # type: ignore[import-untyped] # it ships none
    from fontTools.pens.transformPen import TransformPen  # type: ignore[import-untyped] # it ships none
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # it ships none

    font = TTFont(next(folders()[1].glob("*-Bold.otf")))
    glyphs, characters = font.getGlyphSet(), font.getBestCmap()
    pen, x = SVGPathPen(glyphs), 0.0
    for name in (characters.get(ord(letter), ".notdef") for letter in text):
        glyphs[name].draw(TransformPen(pen, (1, 0, 0, 1, x, 0)))
        x += glyphs[name].width + 90  # letter space
    return pen.getCommands(), x - 90
