"""Our theme with the template's sheet, fonts, text size and colour, for styles that the template lacks."""

from __future__ import annotations

from nioc_paper.ooxml.xml import Element, find_element, get_attribute, iter_elements, number_attribute
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.template.template_file import TemplateFile

_MARGINS = {"top": "margin-top", "right": "margin-outer", "bottom": "margin-bottom", "left": "margin-inner"}
_DRAWING_NAMESPACE = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def merge_theme(theme: Theme, template: TemplateFile) -> Theme:
    """Return the theme with the values of the template."""
    page, text, head = template.portrait, _style_chain(template, "normal"), _style_chain(template, "heading 1")
    scale = _text_size(text) / float(theme["size-text"].removesuffix("pt"))
    colour = next((c for style in head if len(c := get_attribute(find_element(style, "w:rPr/w:color"))) == 6), "")
    accent = f"#{colour.lower()}" if colour else theme["ink"]
    return {
        **theme,
        **{name: _scale_length(value, scale) for name, value in theme.items() if name.startswith("size-")},
        "page-width": f"{page.size('w') / 20}pt",
        "page-height": f"{page.size('h') / 20}pt",
        **{name: f"{page.margin(side) / 20}pt" for side, name in _MARGINS.items()},
        "head-distance": f"{page.margin('header') / 20}pt",
        "foot-distance": f"{page.margin('footer') / 20}pt",
        "font-text": _font_family(template, text) or theme["font-text"],
        "font-head": _font_family(template, head) or theme["font-head"],
        "accent": accent,
        "accent-soft": _tint_colour(accent, 0.07),
        "accent-pale": _tint_colour(accent, 0.3),
        # Without the background of the cover, its light text is written in the accent colour.
        "cover": theme["paper"],
        "cover-ink": accent,
        "cover-gold": accent,
    }


def _style_chain(template: TemplateFile, name: str) -> list[Element]:
    """Yield a paragraph style, the styles it is based on, and the defaults of the file."""
    by_id = {get_attribute(style, "w:styleId"): style for style in template.styles.values()}
    style = template.styles.get(("paragraph", name))
    out: list[Element] = []
    while style is not None and style not in out:
        out.append(style)
        style = by_id.get(get_attribute(find_element(style, "w:basedOn")))
    return [*out, *iter_elements(template.root("styles"), "w:rPrDefault")]


def _text_size(chain: list[Element]) -> float:
    """Return the size in points; Word's own default if no style has one."""
    return next(
        (value / 2 for style in chain if (value := number_attribute(find_element(style, "w:rPr/w:sz"), "w:val", 0))), 10
    )


def _scale_length(length: str, scale: float) -> str:
    """Round to half points, Word's unit."""
    return f"{round(float(length.removesuffix('pt')) * scale * 2) / 2}pt"


def _font_family(template: TemplateFile, chain: list[Element]) -> str:
    for fonts in (find_element(style, "w:rPr/w:rFonts") for style in chain):
        if fonts is not None and (theme := get_attribute(fonts, "w:asciiTheme")):
            return _theme_font_family(template, "majorFont" if theme.startswith("major") else "minorFont")
        if fonts is not None and (name := get_attribute(fonts, "w:ascii")):
            return name
    return ""


def _theme_font_family(template: TemplateFile, kind: str) -> str:
    latin = (
        node.find(f"{_DRAWING_NAMESPACE}latin") for node in template.root("theme").iter(f"{_DRAWING_NAMESPACE}{kind}")
    )
    return next((str(node.get("typeface", "")) for node in latin if node is not None), "")


def _tint_colour(colour: str, share: float) -> str:
    """Mix a colour with white."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)
