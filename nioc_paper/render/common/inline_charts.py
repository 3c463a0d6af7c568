"""Draw charts as SVG inside a web page, with the page's colours and fonts, in a wide and a narrow form.

The style sheet shows one form by the width of the screen. Inline charts adapt to dark mode, and their text is never
smaller than in print.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from zlib import crc32

from lxml import etree

from nioc_paper.model import Chart, Document, Reporter
from nioc_paper.render.common import charts
from nioc_paper.system.cache import NO_CACHE, Cache

_THEME_COLOURS = (
    *("ink", "muted", "rule", "paper", "accent", "accent-soft", "accent-pale", "alert", "gold"),
    *(f"series-{n}" for n in range(1, 7)),
)
"""Colours of the theme that charts use, by name; of two equal colours the first name is used."""
_IMAGE = re.compile(r'<img\s[^>]*?src="([^"]*)"[^>]*>')
_ALT = re.compile(r'\salt="([^"]*)"')
_STYLE = re.compile(r'\s(?:data-)?style="[^"]*"')
_WIDE = '<svg class="chart wide"'
_ALT_KEY = "{label}"
"""Placeholder for the alternative text of a chart, which is taken from the image that it replaces."""
NOT_DRAWN = f"<span>{_ALT_KEY}</span>"
"""Markup of a chart that cannot be drawn."""


def draw_inline_charts(
    document: Document, theme: Mapping[str, str], report: Reporter, cache: Cache = NO_CACHE
) -> dict[str, str]:
    """Return the charts of a document as markup by target; a chart that cannot be drawn is reported and left out."""
    drawn = charts.draw_charts(document, lambda chart: draw_inline_chart(chart, theme, cache).encode(), report)
    return {target: markup.decode() for target, markup in drawn}


def draw_inline_chart(chart: Chart, theme: Mapping[str, str], cache: Cache = NO_CACHE) -> str:
    """Return a chart as markup, for `replace_images`. Raises ValueError if it cannot be drawn."""
    wide = charts.draw_svg(chart, theme, cache)
    narrow = charts.draw_svg(chart, theme, cache, is_narrow=True)
    # A redline has the old and the new chart under one id.
    prefix = f"{chart.id}-{crc32(wide + narrow):08x}"
    return "".join(
        _as_inline(data, theme, f"{prefix}-{name}", name) for name, data in (("wide", wide), ("narrow", narrow))
    )


def replace_images(html: str, markup_by_address: Mapping[str, str]) -> str:
    """Return HTML with each image of a chart replaced by the chart's markup; the alternative text is kept."""

    def replace_image(match: re.Match[str]) -> str:
        markup, alt = markup_by_address.get(unescape(match[1])), _ALT.search(match[0])
        if markup is None:
            return match[0]
        # The image's width is for wide screens; a narrow chart fills the screen.
        width = _STYLE.search(match[0])
        sized = markup.replace(_WIDE, f"{_WIDE}{width[0]}", 1) if width else markup
        return sized.replace(_ALT_KEY, alt[1] if alt else "")

    return _IMAGE.sub(replace_image, html)


def _as_inline(data: bytes, theme: Mapping[str, str], id: str, name: str) -> str:
    """Return an SVG document as an element of a page: no size of its own, colours by name, ids of its own."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
    names = {theme[colour]: colour for colour in reversed(_THEME_COLOURS) if colour in theme}
    attributes = {key: value for key, value in root.attrib.items() if key == "viewBox"}
    root.attrib.clear()
    # The page has a background of its own.
    for background in root.findall("{*}rect"):
        root.remove(background)
    for node in root.iter():
        _simplify(node, names, id)
    body = "".join(etree.tostring(child, encoding="unicode") for child in root)
    box = " ".join(f'{key}="{escape(str(value))}"' for key, value in attributes.items())
    body = body.replace(f' xmlns="{etree.QName(root).namespace}"', "").replace("{", "&#123;")
    return f'<svg class="chart {name}" role="img" aria-label="{_ALT_KEY}" {box} data-pagefind-ignore>{body}</svg>'


def _simplify(node: etree._Element, names: Mapping[str, str], id: str) -> None:
    """Remove attributes that a picture with alternative text does not need, and write colours as variables."""
    for key, value in [(str(key), str(value)) for key, value in node.attrib.items()]:
        if key in ("class", "role", "font-family") or key.startswith(("aria-", "{")):
            del node.attrib[key]
        elif key in ("fill", "stroke") and value.lower() in names:
            node.set(key, f"var(--{names[value.lower()]})")
        elif key == "id":
            node.set(key, f"{id}-{value}")
        elif value.startswith("url(#"):
            node.set(key, f"url(#{id}-{value.removeprefix('url(#')}")
