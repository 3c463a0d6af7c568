"""Bundled fonts: their files, and a fontconfig that hides all other fonts. Subsets of any font for outputs."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from functools import cache as once
from functools import partial
from html import escape
from pathlib import Path
from types import SimpleNamespace

from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.drawing import font_folders
from nioc_paper.system.files import source_hash
from nioc_paper.system.versions import installed_version

FONT_FAMILIES = ("Source Serif Pro", "Source Sans Pro")


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
    text: str | None,
    *,
    for_pictures: bool = False,
    address: Callable[[str, bytes], str] = font_data_uri,
    cache: Cache = NO_CACHE,
) -> str:
    """Return `@font-face` rules of a page, or of its pictures, with subsets for the letters of a text.

    The subsets of a page have all `_USUAL_LETTERS`, and those for any text, None, all letters of Latin languages.
    `address` takes the name and the bytes of a face.
    """
    letters = "".join(sorted({*(_LATIN_LETTERS if text is None else text), *("" if for_pictures else _USUAL_LETTERS)}))
    css = ""
    for family, name, weight, style in _FACES[-2:] if for_pictures else _FACES:
        data = font_subset(next(font_folders()[family].glob(f"*-{name}.ttf")), letters, _LATIN_FEATURES, cache)
        css += (
            f'@font-face {{ font-family: "{FONT_FAMILIES[family]}"; font-weight: {weight}; font-style: {style}; '
            f"font-display: swap; src: url({address(f'{FONT_FAMILIES[family]} {name}.woff2', data)}) }}\n"
        )
    return css


_FACES = (
    (0, "Regular", 400, "normal"),
    (0, "It", 400, "italic"),
    (0, "Semibold", 600, "normal"),
    (1, "Light", 300, "normal"),
    (1, "Regular", 400, "normal"),
    (1, "Semibold", 600, "normal"),
)
"""Family, end of the file name, weight and style of each face in templates/web.css; charts use the last two."""
_USUAL_LETTERS = "".join(map(chr, range(0x20, 0x7F))) + "\xa0“”‘’–—…"
"""Letters in the faces of every page: without them, an edit with the paper's first Q took 0.2 s for new subsets."""
_LATIN_LETTERS = "".join(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2044), 0x20AC, 0x2212)))
_LATIN_FEATURES = ("kern", "liga", "lnum", "tnum")


@once
def font_subset(file: Path, letters: str, features: Sequence[str], cache: Cache) -> bytes:
    """Return a subset of a face as WOFF2, from the cache; takes 30 ms, and edits rarely change the letters.

    It has all forms that the features make of the letters; if none are named, those of any script.
    """
    versions = map(installed_version, ("uharfbuzz", "fonttools", "brotli"))
    entry_key = cache_key("face", source_hash(), *versions, file.read_bytes(), repr((letters, features)))
    return cache.get_or_create(entry_key, lambda: _make_subset(file, letters, features))


def _make_subset(file: Path, letters: str, features: Sequence[str]) -> bytes:
    import uharfbuzz  # late, as is fontTools: only a page that is not in the cache needs them
    from fontTools.ttLib import TTFont, woff2  # type: ignore[import-untyped] # it ships none

    subset_input = uharfbuzz.SubsetInput()
    subset_input.unicode_set.update(map(ord, letters))
    if features:
        subset_input.layout_feature_tag_set.clear()
        subset_input.layout_feature_tag_set.update(int.from_bytes(tag.encode()) for tag in features)
    subset_input.flags = uharfbuzz.SubsetFlags.NO_HINTING
    # HarfBuzz subsets in 2 to 30 ms, fontTools in 120 ms or more; only fontTools compresses.
    cut = uharfbuzz.subset(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(file)), subset_input)
    # Quality 9 of Brotli is 8 % larger than 11, which fontTools sets; a large face takes 0.2 s in place of 1.3 s.
    woff2.brotli = SimpleNamespace(**vars(woff2.brotli) | {"compress": partial(woff2.brotli.compress, quality=9)})
    data = io.BytesIO()
    with TTFont(io.BytesIO(cut.blob.data), recalcTimestamp=False) as font:
        font.flavor = "woff2"
        font.save(data)
    return data.getvalue()
