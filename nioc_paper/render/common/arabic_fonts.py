"""Fallback fonts for Arabic scripts: their files, and how outputs embed them.

They come with the system (Debian's fonts-noto-core), as no package index has them. Their licence, the Open Font
License, lets outputs embed them. Whole fonts are embedded: a subset of Nastaliq is hardly smaller and takes 6 s.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from functools import cache as once
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from nioc_paper.model import Diagnostic, Document, Place, Severity
from nioc_paper.render.common.theme import Theme
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.files import FONT_FOLDERS
from nioc_paper.system.requirements import FONT_PACKAGE, apt_command
from nioc_paper.system.versions import installed_version
from nioc_paper.wording import primary_language, text_direction


class ScriptFont(Struct, frozen=True, dict=True):
    """Family with two faces; `leading` is its line height in ems, `size` its size relative to Latin letters."""

    family: str
    stem: str
    leading: float
    size: float
    similar_families: str
    """Families of the same script style that a reader's machine may have, as style sheets list them."""

    @property
    def browser_leading(self) -> float:
        """Line height for browsers, where the face is scaled instead of the font size."""
        return round(self.leading * self.size, 2)

    @cached_property
    def font_files(self) -> Mapping[str, Path]:
        """Files of `Regular` and `Bold`; empty if this machine lacks one."""
        files_by_style = {face: _find_font_file(f"{self.stem}-{face}.ttf") for face in ("Regular", "Bold")}
        return {face: file for face, file in files_by_style.items() if file} if all(files_by_style.values()) else {}


SCRIPT_FONTS: Mapping[str, ScriptFont] = {
    "nastaliq": ScriptFont(
        "Noto Nastaliq Urdu", "NotoNastaliqUrdu", 2.2, 1.2, "Jameel Noori Nastaleeq, Urdu Typesetting"
    ),
    "naskh": ScriptFont("Noto Naskh Arabic", "NotoNaskhArabic", 1.75, 1.15, "Geeza Pro, Traditional Arabic"),
}
_DEFAULT_SCRIPT_FONT: Mapping[str, str] = {"ur": "nastaliq", "ks": "nastaliq"}
"""Script style that readers of a language expect; other languages in Arabic letters have naskh."""
_WEIGHTS = {"Regular": 400, "Bold": 700}
_UNICODE_RANGE = "U+600-6FF, U+750-77F, U+8A0-8FF, U+200C-200F, U+FB50-FDFF, U+FE70-FEFF"
"""Arabic letters; for Latin letters a browser then uses the next family."""
_RTL_NOT_ARABIC = frozenset(("dv", "he", "yi"))
"""Right-to-left languages that do not use Arabic letters."""


def script_font_of(document: Document) -> ScriptFont | None:
    """Return the font for the Arabic letters of a document; None if it declares no such language."""
    for tag in (document.language, *document.languages):
        name = primary_language(tag)
        if text_direction(tag) == "rtl" and name not in _RTL_NOT_ARABIC:
            return SCRIPT_FONTS[document.fonts.get(name) or _DEFAULT_SCRIPT_FONT.get(name, "naskh")]
    return None


def missing_font_diagnostics(document: Document) -> Iterator[Diagnostic]:
    """Yield a finding if this machine lacks the font of a document."""
    script_font = script_font_of(document)
    if script_font and not script_font.font_files:
        message = (
            f"this machine has no {script_font.family}: the PDF lacks letters, and other outputs take another font"
        )
        yield Diagnostic(
            Place("paper/paper.yaml"), "missing-tool", message, Severity.WARNING, apt_command([FONT_PACKAGE])
        )


def with_script_font(theme: Theme, script_font: ScriptFont | None) -> Theme:
    """Return the theme with the script font as fallback of its families."""
    if script_font is None:
        return theme
    families = {name: f"{theme[name]}, {script_font.family}" for name in ("font-text", "font-head")}
    sizes = {f"hand-{name}": _scale_length(theme[f"size-{name}"], script_font.size) for name in ("text", "small")}
    stack = f"{script_font.family}, {script_font.similar_families}, serif"
    return {**theme, **families, **sizes, "font-hand": stack, "hand-leading": str(script_font.leading)}


def script_font_css(script_font: ScriptFont, address: Callable[[str, bytes], str], cache: Cache = NO_CACHE) -> str:
    """Return the `@font-face` rules of a script font; `address` takes the name and bytes of a face."""
    return "".join(
        f'@font-face {{ font-family: "{script_font.family}"; font-weight: {_WEIGHTS[face]}; '
        f"size-adjust: {script_font.size:.0%}; "
        f"src: url({address(file.stem, compress_font(file, cache))}); unicode-range: {_UNICODE_RANGE} }}\n"
        for face, file in script_font.font_files.items()
    )


def arabic_css(
    script_font: ScriptFont, theme_values: Theme, address: Callable[[str, bytes], str], cache: Cache = NO_CACHE
) -> str:
    """Return the style of a page with Arabic letters: font faces, and families after the Latin ones."""
    families = "".join(
        f"--{name}: {theme_values[name]}, {script_font.family}, {script_font.similar_families}; "
        for name in ("font-text", "font-head")
    )
    css = script_font_css(script_font, address, cache)
    return f"{css}:root {{ {families}--hand-leading: {script_font.browser_leading} }}\n"


def _scale_length(length: str, factor: float) -> str:
    return f"{float(length.removesuffix('pt')) * factor:.4g}pt"


@once
def compress_font(file: Path, cache: Cache = NO_CACHE) -> bytes:
    """Return a font as WOFF2. Takes seconds; cached."""
    entry_key = cache_key("whole face", installed_version("fonttools"), installed_version("brotli"), file.read_bytes())
    return cache.get_or_create(entry_key, lambda: _compress_file(file))


@once
def _compress_file(file: Path) -> bytes:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # it ships none

    font, out = TTFont(file, recalcTimestamp=False), io.BytesIO()
    font.flavor = "woff2"
    font.save(out)
    return out.getvalue()


def _find_font_file(name: str) -> Path | None:
    folders = (Path(folder).expanduser() for folder in FONT_FOLDERS)
    return next((file for folder in folders for file in sorted(folder.rglob(name))), None)
