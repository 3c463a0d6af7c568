"""Bundled fonts: their files, and a fontconfig that hides all other fonts. Subsets of any font for outputs."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from functools import cache as once
from functools import partial
from html import escape
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.drawing import font_folders
from nioc_paper.system.files import source_hash
from nioc_paper.system.requirements import installed_version

if TYPE_CHECKING:
    from uharfbuzz import Face, SubsetInput

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
_SHAPING_LANGUAGES = ("ar", "fa", "sd", "ur")
"""Languages whose forms of letters a subset for words has."""


@once
def font_subset(file: Path, letters: str, features: Sequence[str], cache: Cache, words: Sequence[str] = ()) -> bytes:
    """Return a subset of a face as WOFF2, from the cache; takes 30 ms, and edits rarely change the letters.

    It has all forms that the features make of the letters; if none are named, those of any script. With words, it has
    the forms in them alone, a tenth of what the rules of Nastaliq can make of their letters.
    """
    versions = map(installed_version, ("uharfbuzz", "fonttools", "brotli"))
    entry_key = cache_key("face", source_hash(), *versions, file.read_bytes(), repr((letters, features, words)))
    return cache.get_or_create(entry_key, lambda: _make_subset(file, letters, features, words))


def _make_subset(file: Path, letters: str, features: Sequence[str], words: Sequence[str]) -> bytes:
    import uharfbuzz  # late, as is fontTools: only a page that is not in the cache needs them
    from fontTools.ttLib import TTFont, woff2  # type: ignore[import-untyped] # it ships none

    subset_input = uharfbuzz.SubsetInput()
    subset_input.unicode_set.update(map(ord, letters))
    if features:
        subset_input.layout_feature_tag_set.clear()
        subset_input.layout_feature_tag_set.update(int.from_bytes(tag.encode()) for tag in features)
    subset_input.flags = uharfbuzz.SubsetFlags.NO_HINTING
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(file))
    # HarfBuzz subsets in 2 to 30 ms, fontTools in 120 ms or more; only fontTools compresses.
    cut = (words and _subset_of_words(face, subset_input, words)) or uharfbuzz.subset(face, subset_input)
    # Quality 9 of Brotli is 8 % larger than 11, which fontTools sets; a large face takes 0.2 s in place of 1.3 s.
    woff2.brotli = SimpleNamespace(**vars(woff2.brotli) | {"compress": partial(woff2.brotli.compress, quality=9)})
    data = io.BytesIO()
    with TTFont(io.BytesIO(cut.blob.data), recalcTimestamp=False) as font:
        font.flavor = "woff2"
        font.save(data)
    return data.getvalue()


def _subset_of_words(face: Face, letters: SubsetInput, words: Sequence[str]) -> Face | None:
    """Return a face with the glyphs of words; None if it sets one of them in another way."""
    from uharfbuzz import SubsetFlags, SubsetInput, SubsetPlan

    glyphs, expected = _shape(face, words)
    table = face.reference_table("GSUB").data
    start = int.from_bytes(table[8:10])
    lookups = range(int.from_bytes(table[start : start + 2]))
    # A lookup that calls others may pass through glyphs between the first and the last, which no message shows.
    next_glyphs = once(lambda glyph: {z for n in lookups for z in face.get_lookup_glyph_alternates(n, glyph)})
    between = {z for glyph in glyphs for z in next_glyphs(glyph) if next_glyphs(z) & glyphs}
    subset_input = SubsetInput()
    subset_input.unicode_set.update({0x20, *letters.unicode_set})  # a mark without width becomes a space of none
    subset_input.glyph_set.update(glyphs | between)
    subset_input.flags = letters.flags | SubsetFlags.NO_LAYOUT_CLOSURE
    plan = SubsetPlan(face, subset_input)
    cut, old_glyphs = plan.execute(), plan.new_to_old_glyph_mapping
    return cut if [(old_glyphs[glyph], *place) for glyph, *place in _shape(cut, words)[1]] == expected else None


def _shape(face: Face, words: Sequence[str]) -> tuple[set[int], list[tuple[int, ...]]]:
    """Return the glyphs that words have before and after each lookup, and their last ones with places."""
    from uharfbuzz import Buffer, Font, shape

    glyphs, placed, font = set[int](), list[tuple[int, ...]](), Font(face)

    def add_glyphs(message: str) -> bool:
        if "lookup" in message:
            glyphs.update(info.codepoint for info in buffer.glyph_infos)
        return True

    for word, language in product(words, _SHAPING_LANGUAGES):
        buffer = Buffer()
        buffer.add_str(word)
        buffer.guess_segment_properties()
        buffer.language = language
        buffer.set_message_func(add_glyphs)
        shape(font, buffer)
        pairs = zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        placed += ((info.codepoint, *place.position) for info, place in pairs)
    return glyphs, placed
