"""Build the Pango context once per style, not once per line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from nioc_paper.render.pdf.worker.patches.state import PatchState

if TYPE_CHECKING:
    from weasyprint.css import Style
    from weasyprint.text.ffi import Pointer
    from weasyprint.text.line_break import Layout

_VARIANTS = ("ligatures", "position", "caps", "numeric", "alternates", "east_asian")


class PangoSetup(NamedTuple):
    """Objects of Pango for a style; `features` are those of the font, if the style sets some."""

    context: Pointer
    font: Pointer
    language: Pointer
    features: Pointer | None


def wrap(original: Callable[[Layout, Style], None], _: PatchState) -> Callable[[Layout, Style], None]:
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
