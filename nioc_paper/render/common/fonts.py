"""Bundled fonts: their files, subsets for outputs, and a fontconfig that hides all other fonts."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Mapping
from functools import cache as once
from html import escape
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.system.versions import installed_version

FONT_FAMILIES = ("Source Serif Pro", "Source Sans Pro")
_FONT_PACKAGES = ("font_source_serif_pro", "font_source_sans_pro")


def font_folders() -> tuple[Path, ...]:
    """Return the folders of the font files."""
    return tuple(Path(str(resources.files(package))) / "files" for package in _FONT_PACKAGES)


@once
def bundled_fonts_key() -> str:
    """Key of the bundled font files, by names and sizes."""
    files = (file for folder in font_folders() for file in sorted(folder.iterdir()))
    return "\n".join(f"{file.name} {file.stat().st_size}" for file in files)


def fontconfig_xml(cache: Path, *more: Path) -> str:
    """Return a fonts.conf for our families and those of `more` folders only, with its cache in a folder.

    It has one file for each face of our families.
    """
    folder_elements = "".join(f"<dir>{escape(str(folder))}</dir>" for folder in (*font_folders(), *more))
    duplicate_globs = "".join(f"<glob>{escape(str(folder))}/*.ttf</glob>" for folder in font_folders())
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>'
        f"{folder_elements}<cachedir>{escape(str(cache))}</cachedir>"
        f"<selectfont><rejectfont>{duplicate_globs}</rejectfont></selectfont></fontconfig>"
    )


def font_data_uri(_: str, data: bytes) -> str:
    """Return a face as a data URI."""
    return f"data:font/woff2;base64,{base64.b64encode(data).decode()}"


def font_face_css(
    text: str,
    *,
    for_pictures: bool = False,
    address: Callable[[str, bytes], str] = font_data_uri,
    cache: Cache = NO_CACHE,
) -> str:
    """Return `@font-face` rules of a page, or of its pictures, with subsets for the letters of a text.

    The subsets of a page have all `_USUAL_LETTERS`. `address` takes the name and the bytes of a face.
    """
    letters = "".join(sorted({*text, *("" if for_pictures else _USUAL_LETTERS)}))
    return "".join(
        f'@font-face {{ font-family: "{FONT_FAMILIES[family]}"; font-weight: {weight}; font-style: {style}; '
        f"src: url({address(f'{FONT_FAMILIES[family]} {name}', _cached_subset(family, name, letters, cache))}) }}\n"
        for family, name, weight, style in (_FACES[-2:] if for_pictures else _FACES)
    )


def with_fonts(pictures: Mapping[str, bytes], cache: Cache = NO_CACHE) -> dict[str, bytes]:
    """Return SVG pictures with embedded fonts: a page's fonts do not reach into a picture."""
    letters = "".join(re.sub(r"<[^>]*>", "", data.decode()) for data in pictures.values())
    style = f"<style>{font_face_css(letters, for_pictures=True, cache=cache)}</style>".encode()
    return {name: data.replace(b">", b">" + style, 1) for name, data in pictures.items()}


class FontFace(NamedTuple):
    """Face of a family."""

    family: int
    """Index in `FONT_FAMILIES`."""
    name: str
    """End of the file's name."""
    weight: int
    style: str


_FACES = (
    FontFace(0, "Regular", 400, "normal"),
    FontFace(0, "It", 400, "italic"),
    FontFace(0, "Semibold", 600, "normal"),
    FontFace(1, "Light", 300, "normal"),
    FontFace(1, "Regular", 400, "normal"),
    FontFace(1, "Semibold", 600, "normal"),
)
"""Faces that templates/web.css uses. Charts use the last two."""
_USUAL_LETTERS = "".join(map(chr, range(0x20, 0x7F))) + "\xa0“”‘’–—…"
"""Letters in the faces of every page: without them, an edit with the paper's first Q took 0.2 s for new subsets."""


@once
def _cached_subset(family: int, name: str, letters: str, cache: Cache) -> bytes:
    """Return a subset of a face as WOFF2, from the cache; takes 60 ms, and edits rarely change the letters."""
    entry_key = cache_key(
        "face",
        source_hash(),
        installed_version("uharfbuzz"),
        installed_version("fonttools"),
        bundled_fonts_key(),
        FONT_FAMILIES[family],
        name,
        letters,
    )
    return cache.get_or_create(entry_key, lambda: _make_subset(family, name, letters))


def _make_subset(family: int, name: str, letters: str) -> bytes:
    import uharfbuzz  # late, as is fontTools: only a page that is not in the cache needs them
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # it ships none

    subset_input = uharfbuzz.SubsetInput()
    subset_input.unicode_set.update(map(ord, letters))
    subset_input.layout_feature_tag_set.clear()
    subset_input.layout_feature_tag_set.update(int.from_bytes(tag) for tag in (b"kern", b"liga", b"lnum", b"tnum"))
    subset_input.flags = uharfbuzz.SubsetFlags.NO_HINTING
    # HarfBuzz subsets in 2 ms, fontTools in 120 ms; only fontTools compresses.
    blob = uharfbuzz.Blob.from_file_path(next(font_folders()[family].glob(f"*-{name}.ttf")))
    cut = uharfbuzz.subset(uharfbuzz.Face(blob), subset_input)
    data = io.BytesIO()
    with TTFont(io.BytesIO(cut.blob.data), recalcTimestamp=False) as font:
        font.flavor = "woff2"
        font.save(data)
    return data.getvalue()
