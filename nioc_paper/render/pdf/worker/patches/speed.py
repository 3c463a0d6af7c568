"""Patches that repeat less work; `patch_table` has the gain of each."""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar
from xml.etree.ElementTree import Element

import pyphen
from PIL import Image

from nioc_paper.render.pdf.worker.patches.patch_state import PatchState
from nioc_paper.system.concurrency import noop

if TYPE_CHECKING:
    import pydyf
    from weasyprint.css import CSS, ComputedStyle, Style
    from weasyprint.layout import LayoutContext
    from weasyprint.pdf.fonts import Font

    from nioc_paper.render.pdf.worker.patches.patch_state import ShapedLine

    _LineSplitter = Callable[[str, Style, LayoutContext, float | None, float, bool, bool], ShapedLine]
    _FontWriter = Callable[[pydyf.PDF, Mapping[str, Font], bool, bool, Mapping[str, Any]], pydyf.Dictionary]
    _StyleRule = tuple[tuple[int, int, int], Element, object, str | None]
    _StyleFinder = Callable[[Element, bool, str | None], Iterator[_StyleRule]]
    _PatternReader = Callable[[pyphen.HyphDict, Path], None]

T = TypeVar("T")
_STYLE_ATTRIBUTE = (1, 0, 0)
"""Specificity of the declarations in a `style` attribute."""
_PLAIN_PNG = (b"\x08\x00\0\0\0", b"\x08\x02\0\0\0")
"""Bits, colours and form of a PNG file: 8 bits, grey or RGB, without interlacing (ISO/IEC 15948, 11.2.2)."""
_NO_DIGITS = str.maketrans("", "", "0123456789")
_NONZERO = re.compile("[1-9]")


def keep_by_style(original: Callable[[Style], T], _: PatchState) -> Callable[[Style], T]:
    """Return the replacement of a function of a style, which is complete: the style keeps the value."""
    name = f"kept {original.__name__}"

    def find_value(style: Style) -> T:
        values: dict[str, T] = vars(style)
        if name not in values:
            values[name] = original(style)
        return values[name]

    return find_value


def cache_lines(original: _LineSplitter, state: PatchState) -> _LineSplitter:
    """Return the replacement of `split_first_line`; `state.lines` takes lines until the next document.

    A line is shaped once per text, style and width, although pages, columns and tables lay out many several times.
    """

    def split_line(
        text: str,
        style: Style,
        context: LayoutContext,
        max_width: float | None,
        justification_spacing: float,
        is_line_start: bool = True,
        minimum: bool = False,
    ) -> ShapedLine:
        key = text, id(style), max_width, justification_spacing, is_line_start, minimum
        if key not in state.lines:
            line = original(text, style, context, max_width, justification_spacing, is_line_start, minimum)
            state.lines[key] = style, line  # the style is kept, so that no other gets its id
        return state.lines[key][1]

    return split_line


def return_unset_properties(
    original: Callable[[ComputedStyle, str], object], _: PatchState
) -> Callable[[ComputedStyle, str], object]:
    """Return the replacement of `ComputedStyle.__missing__`."""
    from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
    from weasyprint.css.functions import check_math
    from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES

    # Of these, other steps of the cascade keep or change values.
    excluded = {"position", "float", "display", "page", *INITIAL_NOT_COMPUTED}
    keys = [key for key in INITIAL_VALUES if key not in excluded and not key.startswith("text_decoration_")]
    set_by = {key: {key} for key in keys}
    for key in set_by.keys() & PHYSICAL_FUNCTIONS.keys():  # a logical property may set it, another in each direction
        set_by[key].update(PHYSICAL_FUNCTIONS[key](block="ttb", inline=direction) for direction in ("ltr", "rtl"))

    def compute_value(style: ComputedStyle, key: str) -> object:
        if key not in set_by or not style.cascaded.keys().isdisjoint(set_by[key]):
            return original(style, key)
        if key not in INHERITED:
            value = INITIAL_VALUES[key]
        elif style.parent_style is None or check_math(value := style.parent_style[key]):
            return original(style, key)  # a function with percentages is computed for each style
        style[key] = value
        return value

    return compute_value


def share_style_attributes(original: _StyleFinder, _: PatchState) -> _StyleFinder:
    """Return the replacement of `find_style_attributes`: cells with equal attributes share a style.

    WeasyPrint compares the last declarations of an element by identity. Those of its id or language come after these,
    and are its own.
    """

    def find_declarations(
        tree: Element, presentational_hints: bool = False, base_url: str | None = None
    ) -> Iterator[_StyleRule]:
        shared: dict[str, object] = {}
        for specificity, element, own, url in original(tree, presentational_hints, base_url):
            common = shared.setdefault(element.get("style", ""), own) if specificity == _STYLE_ATTRIBUTE else own
            yield specificity, element, common, url

    return find_declarations


# --- PNG files of the form that a PDF has too: their data are not decoded and compressed again ------------------------


def copy_png_data(original: Callable[[Image.Image], bytes], _: PatchState) -> staticmethod[[Image.Image], bytes]:
    """Return the replacement of `RasterImage._get_png_data`, which has a picture written and takes its data."""

    def read_png_data(image: Image.Image) -> bytes:
        file = getattr(image, "fp", None)
        data = file.getvalue() if isinstance(file, BytesIO) and image.format == "PNG" else b""
        if data[24:29] in _PLAIN_PNG and _is_whole(data):
            written: Any = SimpleNamespace(save=lambda file, **_: file.write(data))
            return original(written)
        return original(image)

    return staticmethod(read_png_data)


def _is_whole(png: bytes) -> bool:
    """Return whether Pillow finds no fault in a file."""
    try:
        Image.open(BytesIO(png)).verify()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


# --- style sheet parsed once for all jobs, as long as no style sheet that it may import changes -----------------------


def cache_stylesheets(original: type[CSS], state: PatchState) -> Callable[..., CSS]:
    """Return the replacement of `css.CSS`; `state.stylesheets` takes parsed style sheets, until it is cleared."""

    def load_stylesheet(**kwargs: Any) -> CSS:
        if "url" not in kwargs or "matcher" in kwargs:  # within the page, or imported by another
            return original(**kwargs)
        css_files = tuple(data for kind, data in kwargs["url_fetcher"].assets.values() if kind == "text/css")
        key = (kwargs["url"], css_files)
        if key in state.stylesheets:
            return _reuse_stylesheet(*state.stylesheets[key], **kwargs)
        styles, rules = dict(kwargs["counter_style"]), len(kwargs["page_rules"])
        sheet = original(**kwargs)
        if not (kwargs["layers"] or kwargs["color_profiles"]):
            new = {name: style for name, style in kwargs["counter_style"].items() if styles.get(name) is not style}
            state.stylesheets[key] = sheet, kwargs["page_rules"][rules:], new
        return sheet

    return load_stylesheet


def _reuse_stylesheet(sheet: CSS, rules: list[object], styles: dict[str, object], **kwargs: Any) -> CSS:
    """Return a parsed style sheet for another job; what it adds to the lists of a job is added again."""
    new = copy.copy(sheet)
    new.page_rules, new.layers = kwargs["page_rules"], kwargs["layers"]
    new.page_rules += rules
    kwargs["counter_style"].update(styles)
    return new


# --- programs of fonts left out of a piece: the merge embeds each once, with the glyphs of all pieces -----------------


_SIGNATURE_LENGTH = 4
"""Bytes at the start of a font by which the engine knows its kind."""


def own_fonts(fonts: Iterable[Font]) -> set[str]:
    """Return the hashes of the fonts that a piece embeds itself: those with bitmaps, or without some of its letters."""
    return {font.hash for font in fonts if font.missing or font.bitmap}


def omit_fonts(original: _FontWriter, state: PatchState) -> _FontWriter:
    """Return the replacement of `build_fonts_dictionary`."""

    def build_fonts(
        pdf: pydyf.PDF, fonts: Mapping[str, Font], compress: bool, subset: bool, options: Mapping[str, Any]
    ) -> pydyf.Dictionary:
        own = own_fonts(fonts.values())
        programs = {font: font.file_content for font in fonts.values() if state.omits_fonts and font.hash not in own}
        for font, program in programs.items():
            font.file_content, font.clean = program[:_SIGNATURE_LENGTH], noop
        dictionary = original(pdf, fonts, compress, subset, options)
        for font, program in programs.items():
            font.file_content = program
        return dictionary

    return build_fonts


# --- patterns of Pyphen, each parsed when a word needs it: all 14,000 of English take 57 ms in every process ----------


class LazyPatterns(dict[str, object]):
    """Hyphenation patterns by their letters: `.ach4` is `.ach` with value 4 after its last letter."""

    def get(self, key: str, default: object = None) -> object:
        """Return the position of the first value that is not 0, and the values from there to the last."""
        entry = super().get(key, default)
        if isinstance(entry, str):
            values = [int(digit or "0") for digit, _ in pyphen.parse(entry)]
            nonzero = [place for place, value in enumerate(values) if value]
            entry = self[key] = (nonzero[0], tuple(values[nonzero[0] : nonzero[-1] + 1]))
        return entry


def parse_on_demand(original: _PatternReader, _: PatchState) -> _PatternReader:
    """Return the replacement of `HyphDict.__init__`, for files of plain patterns."""

    def read_patterns(hyph_dict: pyphen.HyphDict, path: Path) -> None:
        encoding, _, data = path.read_bytes().partition(b"\n")
        if encoding.strip() not in (b"UTF-8", b"ISO8859-1") or b"/" in data or b"^^" in data:
            original(hyph_dict, path)
            return
        lines = [line.strip() for line in data.decode(encoding.decode().strip()).split("\n")]
        patterns = [line for line in lines if _NONZERO.search(line) and not line.startswith(pyphen.ignored)]
        hyph_dict.patterns = LazyPatterns(zip((p.translate(_NO_DIGITS) for p in patterns), patterns, strict=True))
        hyph_dict.cache, hyph_dict.maxlen = {}, max(map(len, hyph_dict.patterns))

    return read_patterns


# --- C functions as cffi has compiled their declarations: it parses 16,000 characters in every process otherwise ------


def use_compiled_declarations(original: Callable[[], object], _: PatchState) -> Callable[[], object]:
    """Return the replacement of `cffi.FFI`: on Linux only, since on other systems cffi searches for libraries."""
    if sys.platform != "linux":
        return original
    from nioc_paper.render.pdf.worker.patches.pango_cffi import ffi

    methods = {name: getattr(ffi, name) for name in dir(ffi) if not name.startswith("_")}
    return lambda: SimpleNamespace(**methods, cdef=noop)
