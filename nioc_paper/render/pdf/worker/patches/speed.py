"""Patches that repeat less work; `patch_table` has the gain of each."""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from pyphen import HyphDict, ignored

from nioc_paper.render.pdf.worker.patches.state import PatchState
from nioc_paper.system.schedule import noop

if TYPE_CHECKING:
    import pydyf
    from weasyprint.css import CSS, ComputedStyle, Style
    from weasyprint.layout import LayoutContext
    from weasyprint.pdf.fonts import Font
    from weasyprint.text.ffi import Pointer
    from weasyprint.text.line_break import Layout

    from nioc_paper.render.pdf.worker.patches.state import ShapedLine

    _LineSplitter = Callable[[str, Style, LayoutContext, float | None, float, bool, bool], ShapedLine]
    _Strut = Callable[[Style], tuple[float, float]]
    _FontWriter = Callable[[pydyf.PDF, Mapping[str, Font], bool, bool, Mapping[str, Any]], pydyf.Dictionary]


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


_VARIANTS = ("ligatures", "position", "caps", "numeric", "alternates", "east_asian")


class PangoSetup(NamedTuple):
    """Objects of Pango for a style; `features` are those of the font, if the style sets some."""

    context: Pointer
    font: Pointer
    language: Pointer
    features: Pointer | None


def share_pango_contexts(original: Callable[[Layout, Style], None], _: PatchState) -> Callable[[Layout, Style], None]:
    """Return the replacement of `Layout.setup`."""
    from weasyprint.text import line_break

    pango, ffi = line_break.pango, line_break.ffi

    def set_up_layout(line: Layout, style: Style) -> None:
        if style["text_decoration_line"] != "none" or style["font_language_override"] != "normal":
            original(line, style)
            return
        pango_setup: PangoSetup | None = vars(style).get("pango")
        if pango_setup is None:
            pango_setup = vars(style)["pango"] = _build_pango_setup(style)
        line.style, line.first_line_direction = style, 0
        line.ascent = line.underline_position = line.strikethrough_position = None
        line.language = pango_setup.language
        line.layout = ffi.gc(pango.pango_layout_new(pango_setup.context), line_break.gobject.g_object_unref)
        pango.pango_layout_set_auto_dir(line.layout, False)
        pango.pango_layout_set_font_description(line.layout, pango_setup.font)
        if pango_setup.features:
            attributes = pango.pango_attr_list_new()
            pango.pango_attr_list_insert(attributes, pango_setup.features)
            pango.pango_layout_set_attributes(line.layout, attributes)

    return set_up_layout


def _build_pango_setup(style: Style) -> PangoSetup:
    """Build the Pango objects of a style."""
    from weasyprint.text import line_break

    pango = line_break.pango
    raw_context = pango.pango_font_map_create_context(style.font_config.font_map)
    context = line_break.ffi.gc(raw_context, line_break.gobject.g_object_unref)
    pango.pango_context_set_round_glyph_positions(context, False)
    pango.pango_context_set_base_dir(context, line_break.PANGO_DIRECTION[style["direction"]])
    language = pango.pango_language_get_default()
    if style["lang"]:
        name, _ = line_break.unicode_to_char_p(style["lang"])
        language = pango.pango_language_from_string(name)
        pango.pango_context_set_language(context, language)
    kinds = ("kerning", *(f"variant_{kind}" for kind in _VARIANTS), "feature_settings")
    features = line_break.font_features(*(style[f"font_{kind}"] for kind in kinds))
    feature_string = ",".join(f"{key} {value}" for key, value in features.items()).encode()
    feature_cache = style.font_config.font_features
    if feature_string and feature_string not in feature_cache:
        feature_cache[feature_string] = pango.pango_attr_font_features_new(feature_string)
    font = line_break.get_font_description(style)
    return PangoSetup(context, font, language, feature_cache.get(feature_string))


def cache_struts(original: _Strut, _: PatchState) -> _Strut:
    """Return the replacement of `strut`, computed once per style: WeasyPrint makes a key of sixteen properties a line.

    The layout of lines alone asks for struts so often; styles are complete by then.
    """

    def find_strut(style: Style) -> tuple[float, float]:
        strut: tuple[float, float] | None = vars(style).get("strut")
        if strut is None:
            strut = vars(style)["strut"] = original(style)
        return strut

    return find_strut


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


# --- hyphenation patterns parsed on demand: Pyphen parses all 14,000 of English before the first word -----------------


_NO_DIGITS = str.maketrans("", "", "0123456789")
_DIGIT_AND_LETTER = re.compile(r"(\d?)(\D?)")


def read_patterns_lazily(original: Callable[[HyphDict, Path], None], _: PatchState) -> Callable[[HyphDict, Path], None]:
    """Return the replacement of `HyphDict.__init__`; the original still reads files that `LazyPatterns` cannot read."""

    def read_lazily(hyph_dict: HyphDict, path: Path) -> None:
        patterns = LazyPatterns.read(path)
        if patterns is None:
            original(hyph_dict, path)
        else:
            hyph_dict.patterns, hyph_dict.cache, hyph_dict.maxlen = patterns, {}, max(map(len, patterns))

    return read_lazily


class LazyPatterns(dict[str, object]):
    """Letters by their hyphenation values: `.ach4` is `.ach` with value 4 after its last letter."""

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read the patterns of a file. Returns None for other encodings, and for hyphenation that changes letters."""
        encoding_line, _, body = path.read_bytes().partition(b"\n")
        if encoding_line.strip() not in (b"UTF-8", b"ISO8859-1"):
            return None
        lines = map(str.strip, body.decode(encoding_line.decode().strip()).split("\n"))
        text = "\n".join(line for line in lines if line and not line.startswith(ignored))
        if "/" in text or "^^" in text:
            return None
        pairs = zip(text.translate(_NO_DIGITS).split("\n"), text.split("\n"), strict=True)
        return cls((letters, pattern) for letters, pattern in pairs if letters != pattern)

    def get(self, key: str, default: object = None) -> object:
        """Return the position of the first value, and the values from there to the last. `default` if all are 0."""
        entry = super().get(key, default)
        if isinstance(entry, str):
            values = [int(digit or "0") for digit, _ in _DIGIT_AND_LETTER.findall(entry)]
            nonzero = [place for place, value in enumerate(values) if value]
            entry = (nonzero[0], tuple(values[nonzero[0] : nonzero[-1] + 1])) if nonzero else default
            self[key] = entry
        return entry


# --- fontTools imported on demand: HarfBuzz subsets our fonts, and none of them is variable ---------------------------


def install_placeholder(module: str, names: Iterable[str]) -> None:
    """Put a placeholder in the place of a module, with these functions."""
    placeholder = sys.modules[module] = ModuleType(module)
    for name in names:
        setattr(placeholder, name, _lazy_function(placeholder, name))


def _lazy_function(placeholder: ModuleType, name: str) -> Callable[..., object]:
    def import_and_call(*args: object, **kwargs: object) -> object:
        if sys.modules.get(placeholder.__name__) is placeholder:
            del sys.modules[placeholder.__name__]
        return getattr(import_module(placeholder.__name__), name)(*args, **kwargs)

    return import_and_call
