"""Fonts that only some documents need: those for Arabic and other scripts and for signs, and that of code.

All but that of code come with the system (Debian's fonts-noto-core), as no package index has them. Their licence,
the Open Font License, lets outputs embed them, and subsets of them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache as once
from functools import cached_property
from html import unescape
from importlib import resources
from pathlib import Path
from unicodedata import category, east_asian_width, normalize

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Document, Place, Severity
from nioc_paper.render.common.fonts import font_subset
from nioc_paper.render.common.theme import Theme
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.drawing import font_folders
from nioc_paper.system.files import FONT_FOLDERS
from nioc_paper.system.requirements import CJK_FONT_PACKAGE, FONT_PACKAGE, install_command, installed_version
from nioc_paper.system.scratch import ScratchFolder
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
        files_by_style = {face: _noto_files().get(f"{self.stem}-{face}.ttf") for face in _WEIGHTS}
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
_RANGES = ((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0x200C, 0x200F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF))
"""Arabic letters; for Latin letters a browser then uses the next family."""
_UNICODE_RANGE = ", ".join(f"U+{first:X}-{last:X}" for first, last in _RANGES)
_ARABIC_WORD = re.compile(f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _RANGES)}]+")
_TAG = re.compile("<[^>]*>")
_FEW_WORDS = 100
"""Words whose glyphs are followed, 10 ms for each. More of them need most of the forms of their letters."""
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
            Place("paper/paper.yaml"), "missing-tool", message, Severity.WARNING, install_command([FONT_PACKAGE])
        )


def with_script_font(theme: Theme, script_font: ScriptFont | None) -> Theme:
    """Return the theme with the script font as fallback of its families."""
    if script_font is None:
        return theme
    families = {name: f"{theme[name]}, {script_font.family}" for name in ("font-text", "font-head")}
    points = {name: float(theme[f"size-{name}"].removesuffix("pt")) * script_font.size for name in ("text", "small")}
    sizes = {f"hand-{name}": f"{size:.4g}pt" for name, size in points.items()}
    stack = f"{script_font.family}, {script_font.similar_families}, serif"
    return {**theme, **families, **sizes, "font-hand": stack, "hand-leading": str(script_font.leading)}


def script_font_css(
    script_font: ScriptFont, text: str | None, address: Callable[[str, bytes], str], cache: Cache = NO_CACHE
) -> str:
    """Return the `@font-face` rules of a script font, for the letters of a text or HTML, or whole for any text, None.

    `address` takes the file name and the bytes of a face.
    """
    letters, words = ("", ()) if text is None else (_arabic_letters(text), _few_words(text))

    def embed(file: Path) -> str:
        if text is None:
            return address(file.name, file.read_bytes())
        return address(f"{file.stem}.woff2", font_subset(file, letters, (), cache, words))

    return "".join(
        f'@font-face {{ font-family: "{script_font.family}"; font-weight: {_WEIGHTS[face]}; '
        f"font-display: swap; size-adjust: {script_font.size:.0%}; src: url({embed(file)}); "
        f"unicode-range: {_UNICODE_RANGE} }}\n"
        for face, file in script_font.font_files.items()
    )


def arabic_css(script_font: ScriptFont, theme_values: Theme) -> str:
    """Return the style of a page with Arabic letters: families after the Latin ones."""
    arabic = f"{script_font.family}, {script_font.similar_families}"
    families = "".join(f"--{name}: {theme_values[name]}, {arabic}; " for name in ("font-text", "font-head"))
    return f":root {{ {families}--hand-leading: {script_font.browser_leading} }}\n"


def _arabic_letters(text: str) -> str:
    """Return the letters of a text or HTML, each once, and those that a browser may compose of them."""
    parts = {*normalize("NFD", "".join({*unescape(text)}))}
    letters = (chr(letter) for first, last in _RANGES for letter in range(first, last + 1))
    return "".join(letter for letter in letters if parts.issuperset(normalize("NFD", letter)))


def _few_words(text: str) -> Sequence[str]:
    """Return the Arabic words of a text or HTML, also those with a tag inside; none if they are many."""
    words = {*_ARABIC_WORD.findall(unescape(text)), *_ARABIC_WORD.findall(unescape(_TAG.sub("", text)))}
    return tuple(sorted(words)) if len(words) <= _FEW_WORDS else ()


@once
def _noto_files() -> Mapping[str, Path]:
    """Return the Noto fonts of this machine by file name, those of the first folders first."""
    folders = (Path(folder).expanduser() for folder in reversed(FONT_FOLDERS))
    return {file.name: file for folder in folders for file in sorted(folder.rglob("Noto*.[ot]t[cf]"), reverse=True)}


# --- other scripts and signs: fonts of the machine --------------------------------------------------------------------


def system_font_files(document: Document) -> Sequence[Path]:
    """Return the fewest Noto fonts of this machine for the letters that our fonts lack, as far as it has some."""
    texts = (n["c"] for n in tree.walk(document.blocks) if n["t"] == "Str")
    words = "".join(text for text in (*texts, *(text for _, text in drawn_texts(document))) if not text.isascii())
    missing = {ord(letter) for letter in {*document.title, *words} if category(letter)[0] not in "CZ"} - _own_letters()
    missing.difference_update(*(range(first, last + 1) for first, last in _RANGES))
    files: list[Path] = []
    letters_by_file = _letters_of_noto() if missing else {}
    while letters_by_file and missing:
        best = max(letters_by_file, key=lambda file: len(missing & letters_by_file[file]))
        if missing.isdisjoint(letters_by_file[best]):
            break
        missing -= letters_by_file[best]
        files += (file for face in _WEIGHTS if (file := best.with_name(best.name.replace("Regular", face))).exists())
    return files


def drawn_texts(document: Document) -> Iterator[tuple[Place, str]]:
    """Yield charts and drawings as text, with their places: all their words are in it."""
    for chart in document.charts.values():
        yield chart.place, repr(chart.spec)
    for asset in document.assets.values():
        if asset.mime == "image/svg+xml":
            yield Place(asset.path), asset.data.decode()


@once
def _own_letters() -> AbstractSet[int]:
    """Return the letters of the bundled fonts, and hyphens that are printed as others."""
    files = (next(folder.glob("*-Regular.otf")) for folder in font_folders())
    return frozenset((0x2010, 0x2011)).union(*map(_letters_of, files))


@once
def _letters_of_noto() -> Mapping[Path, AbstractSet[int]]:
    """Return the letters of each Noto font, those without serifs and with the shortest names first. Takes 0.1 s."""
    names = [name for name in _noto_files() if "-Regular." in name]
    names.sort(key=lambda name: (not name.startswith("NotoSans"), len(name), name))
    return {_noto_files()[name]: _letters_of(_noto_files()[name]) for name in names}


def _letters_of(file: Path) -> AbstractSet[int]:
    import uharfbuzz as hb  # late: most papers need no other font

    return frozenset(hb.Face(hb.Blob.from_file_path(str(file))).unicodes)


def packages_of(letters: Iterable[str]) -> list[str]:
    """Return the packages that have fonts for letters, except those whose fonts this machine has."""
    is_wide = {east_asian_width(letter) in "WF" and category(letter)[0] == "L" for letter in letters}
    packages = ((True, CJK_FONT_PACKAGE, "NotoSansCJK"), (False, FONT_PACKAGE, "NotoSansSymbols2"))
    names = {file.name.partition("-")[0] for file in _letters_of_noto()}
    return [package for wide, package, stem in packages if wide in is_wide and stem not in names]


# --- code: weights of a variable font, made when a document has some --------------------------------------------------


_PACKAGE, _FILE = "fontpkg_source_code_pro", "SourceCodePro[wght].ttf"
_CODE_FACES = {"SourceCodePro-Regular": 400, "SourceCodePro-SemiBold": 600}
"""Weight of each face by its PostScript name."""


def code_font_files(document: Document, cache: Cache) -> Sequence[Path]:
    """Return the files of the faces, named as the faces; empty if the document has no code."""
    has_code = any(node["t"] in ("Code", "CodeBlock") for node in tree.walk(document.blocks))
    return _write_faces(cache) if has_code else ()


@once
def _write_faces(cache: Cache) -> Sequence[Path]:
    """Write the faces into a folder of this process."""
    data = (resources.files(_PACKAGE) / "files" / _FILE).read_bytes()
    folder = ScratchFolder("fonts").path
    files = [folder / f"{name}.ttf" for name in _CODE_FACES]
    for file, weight in zip(files, _CODE_FACES.values(), strict=True):
        key = cache_key("face of code", installed_version("fonttools"), data, str(weight))
        file.write_bytes(cache.get_or_create(key, lambda weight=weight: _make_face(data, weight)))  # type: ignore[misc] # bound
    return files


def _make_face(data: bytes, weight: int) -> bytes:
    """Return one weight of the font. Takes 0.4 s."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # it ships none
    from fontTools.varLib import instancer  # type: ignore[import-untyped] # it ships none

    out = io.BytesIO()
    with TTFont(io.BytesIO(data), recalcTimestamp=False) as font:
        instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True, updateFontNames=True)
        font.save(out)
    return out.getvalue()
