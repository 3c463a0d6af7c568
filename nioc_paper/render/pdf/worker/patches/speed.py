"""What WeasyPrint does more often than it need, done once: the same pages, the same bytes, a quarter sooner.

Each function below puts something of its own in the place of something in WeasyPrint, and says by how much that is
quicker: measured in CPU time, over chapters of a dozen pages, or over sheets of 64 numbers. Nothing is put anywhere
when WeasyPrint is not exactly the version that was measured, as it may work otherwise; whoever takes a newer one
measures again, and keeps what still pays (three in a hundred).
"""

from __future__ import annotations

import copy
import io
import struct
from collections.abc import Iterator
from typing import Any

from nioc_paper.system.versions import installed_version

SUPPORTED_VERSION = "70.0"
"""The version of WeasyPrint that all this was measured with."""
_VARIANTS = ("ligatures", "position", "caps", "numeric", "alternates", "east_asian")


def is_supported() -> bool:
    """Whether all this may be put in."""
    return installed_version("weasyprint") == SUPPORTED_VERSION


def install_patches(stylesheet_cache: dict[Any, Any]) -> None:
    """Put in all that makes a job quicker; `sheets` takes up style sheets that were read, until it is cleared."""
    if is_supported():
        _cache_stylesheets(stylesheet_cache)
        _shortcut_unset_properties()
        _share_pango_contexts()
        _keep_png_compression()


def _cache_stylesheets(stylesheet_cache: dict[Any, Any]) -> None:
    """Read a style sheet once for all jobs, as long as no style sheet that it may import is another.

    4 % of a chapter, 15 % of a sheet of numbers; nothing in the first job.
    """
    from weasyprint import css

    original = css.CSS

    def load_stylesheet(**kwargs: Any) -> Any:
        if "url" not in kwargs or "matcher" in kwargs:  # within the page, or imported by another
            return original(**kwargs)
        css_files = tuple(str(file) for kind, file in kwargs["url_fetcher"].assets.values() if kind == "text/css")
        cache_key = (kwargs["url"], css_files)
        if cache_key in stylesheet_cache:
            return _reuse_stylesheet(*stylesheet_cache[cache_key], **kwargs)
        styles, rules = dict(kwargs["counter_style"]), len(kwargs["page_rules"])
        sheet = original(**kwargs)
        if not (kwargs["layers"] or kwargs["color_profiles"]):
            new = {key: style for key, style in kwargs["counter_style"].items() if styles.get(key) is not style}
            stylesheet_cache[cache_key] = sheet, kwargs["page_rules"][rules:], new
        return sheet

    css.CSS = load_stylesheet


def _reuse_stylesheet(sheet: Any, rules: list[Any], styles: dict[str, Any], **kwargs: Any) -> Any:
    """A style sheet that was read for a job, for another: what it adds to others of a job is added again."""
    new = copy.copy(sheet)
    new.page_rules, new.layers = kwargs["page_rules"], kwargs["layers"]
    new.page_rules += rules
    kwargs["counter_style"].update(styles)
    return new


def _shortcut_unset_properties() -> None:
    """Tell a property that no rule sets at once: it is inherited, or as it is at first.

    3 % of a chapter, 20 % of a sheet of numbers.
    """
    from weasyprint import css
    from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
    from weasyprint.css.functions import check_math
    from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES

    excluded = {"position", "float", "display", "page", *INITIAL_NOT_COMPUTED}
    keys = [key for key in INITIAL_VALUES if key not in excluded and not key.startswith("text_decoration_")]
    set_by = {key: {key} for key in keys}
    for key, logical in PHYSICAL_FUNCTIONS.items():
        set_by.get(key, set()).update(logical(block="ttb", inline=way) for way in ("ltr", "rtl"))
    original = css.ComputedStyle.__missing__

    def compute_value(style: Any, key: str) -> Any:
        if key not in set_by or not style.cascaded.keys().isdisjoint(set_by[key]):
            return original(style, key)
        value = INITIAL_VALUES[key]
        if key in INHERITED and (style.parent_style is None or check_math(value := style.parent_style[key])):
            return original(style, key)
        style[key] = value
        return value

    css.ComputedStyle.__missing__ = compute_value


def _share_pango_contexts() -> None:
    """Have all lines of one style share what Pango needs to know of it, which was told for every line.

    5 % of a chapter.
    """
    from weasyprint.text import line_break

    original, pango, ffi = line_break.Layout.setup, line_break.pango, line_break.ffi

    def set_up_layout(line: Any, style: Any) -> None:
        if style["text_decoration_line"] != "none" or style["font_language_override"] != "normal":
            original(line, style)
            return
        pango_setup = vars(style).get("pango")
        if pango_setup is None:
            pango_setup = style.pango = _build_pango_setup(style)
        line.style, line.first_line_direction = style, 0
        line.ascent = line.underline_position = line.strikethrough_position = None
        context, font, line.language, features = pango_setup
        line.layout = ffi.gc(pango.pango_layout_new(context), line_break.gobject.g_object_unref)
        pango.pango_layout_set_auto_dir(line.layout, False)
        pango.pango_layout_set_font_description(line.layout, font)
        if features:
            attributes = pango.pango_attr_list_new()
            pango.pango_attr_list_insert(attributes, features)
            pango.pango_layout_set_attributes(line.layout, attributes)

    line_break.Layout.setup = set_up_layout


def _build_pango_setup(style: Any) -> tuple[Any, Any, Any, Any]:
    """What Pango is told of a style: a context, a typeface, a language, and what of the typeface is used."""
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
    return context, line_break.get_font_description(style), language, feature_cache.get(feature_string)


def _keep_png_compression() -> None:
    """Take over a picture in a PNG as it is compressed already, where that is how a PDF has it too.

    3 % of a chapter for a picture of a megapixel.
    """
    from weasyprint.images import RasterImage

    original = RasterImage._get_png_data  # noqa: SLF001

    def read_png_data(image: Any) -> bytes:
        file = image.fp if image.format == "PNG" else None
        data = file.getvalue() if isinstance(file, io.BytesIO) else b""
        bits, colours, interlaced = data[24:25], data[25:26], data[28:29]
        if bits != b"\x08" or colours not in (b"\x00", b"\x02") or interlaced != b"\x00":
            return bytes(original(image))
        image.load()  # one that is damaged is found now
        return b"".join(_idat_chunks(data))

    RasterImage._get_png_data = staticmethod(read_png_data)  # noqa: SLF001


def _idat_chunks(data: bytes) -> Iterator[bytes]:
    """The picture itself in the file of a PNG (ISO/IEC 15948, 5.3)."""
    offset = 8
    while offset < len(data):
        size, kind = struct.unpack_from(">I4s", data, offset)
        if kind == b"IDAT":
            yield data[offset + 8 : offset + 8 + size]
        offset += size + 12
