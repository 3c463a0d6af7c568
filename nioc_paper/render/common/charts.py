"""Charts as pictures: Vega-Lite in the paper's colours and fonts, without browser or network.

Pictures are cached by all their inputs; the engine starts only if one is not in the cache.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from threading import Lock

from nioc_paper.model import Chart, Diagnostic, Document, Place, Reporter
from nioc_paper.render.common import fonts
from nioc_paper.render.common.bidi import RTL_CHARACTERS
from nioc_paper.render.common.image_embedding import Picture
from nioc_paper.render.common.vega_layout import NARROW_WIDTH, WIDTH, lay_out
from nioc_paper.system import drawing
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.files import source_hash, system_fonts_hash
from nioc_paper.system.requirements import installed_version

DRAWING_HINT = "draw fewer marks or simpler ones; if the machine was busy, build again"
_EMBEDDED_ADDRESS = re.compile(r"#|data:image/(?:png|jpeg);base64,")
"""Start of the address of a part of the drawing, or of a picture that is embedded in it."""
_LOCK = Lock()
"""Two writers that need the same picture at once draw it once."""
_COLOUR_COUNT = 64
_COMPRESSION = 7
"""Level of zlib for covers: 9 is 5 % smaller and takes four times as long."""
_FONT_SIZE, _NARROW_FONT_SIZE = 11, 12
"""Font sizes in pixels: a narrow chart may be shown a little smaller than it is drawn."""


def draw_svg(chart: Chart, theme: Mapping[str, str], cache: Cache = NO_CACHE, *, is_narrow: bool = False) -> bytes:
    """Return a chart as an SVG document; `is_narrow` is for a phone. Raises ValueError if it cannot be drawn."""
    return _cached_call(cache, *_vega_request(chart, theme, is_narrow=is_narrow))


def draw_png(chart: Chart, theme: Mapping[str, str], scale: float = 2, cache: Cache = NO_CACHE) -> bytes:
    """Return a chart as a PNG, `scale` pixels to a CSS pixel. Raises ValueError like `draw_svg`."""
    data, family = draw_svg(chart, theme, cache), _arabic_family(theme)
    is_arabic = family and RTL_CHARACTERS.search(data.decode())
    return rasterize_svg(_with_arabic_family(data, family) if is_arabic else data, scale, cache)


def rasterize_svg(data: bytes, scale: float = 2, cache: Cache = NO_CACHE) -> bytes:
    """Return an SVG picture as a PNG, `scale` pixels to a CSS pixel. Raises ValueError like `draw_svg`."""
    _require_self_contained(data)
    return _cached_call(cache, "svg_to_png", data.decode(), {"scale": scale})


def _require_self_contained(data: bytes) -> None:
    """Raise ValueError if a drawing shows a file: the engine would read it from any folder of the machine."""
    if b"<!ENTITY" in data:
        raise ValueError("it declares entities")
    from lxml import etree  # late, 9 ms: few papers have pictures to draw

    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as error:
        raise ValueError(f"it is no SVG: {error}") from error
    for node in root.iter("{*}image", "{*}feImage", "{*}use"):
        for name, value in node.attrib.items():
            if etree.QName(name).localname == "href" and not _EMBEDDED_ADDRESS.match(str(value)):
                raise ValueError(f"it shows the file '{str(value)[:60]}', and may show only what it holds")


def reduce_colours(picture: bytes, cache: Cache = NO_CACHE) -> bytes:
    """Return a PNG with at most 64 colours: a tenth of the size."""

    def quantize() -> bytes:
        from PIL import Image  # late: only covers need it

        out = io.BytesIO()
        with Image.open(io.BytesIO(picture)) as drawn:
            pixels = drawn.convert("RGB")
            # At two pixels to a CSS pixel, each second one has all colours, and they are chosen in a third of the time.
            sample = pixels.resize((-(-pixels.width // 2), -(-pixels.height // 2)), Image.Resampling.NEAREST)
            colours = sample.quantize(_COLOUR_COUNT)
            pixels.quantize(palette=colours, dither=Image.Dither.NONE).save(out, "PNG", compress_level=_COMPRESSION)
        return out.getvalue()

    key = cache_key("reduced-colours", source_hash(), installed_version("pillow"), picture)
    return cache.get_or_create(key, quantize)


def rasterize_arabic(
    pictures: Mapping[str, Picture],
    theme: Mapping[str, str],
    places: Mapping[str, Place],
    report: Reporter,
    cache: Cache,
) -> dict[str, Picture]:
    """Return pictures with Arabic drawings as PNG: WeasyPrint joins no letters inside an SVG.

    One that cannot be drawn is reported at its place, and stays as it is.
    """
    family, out = _arabic_family(theme), dict(pictures)
    for target, (kind, data) in pictures.items():
        if family and kind == "image/svg+xml" and RTL_CHARACTERS.search(data.decode()):
            try:
                out[target] = ("image/png", rasterize_svg(_with_arabic_family(data, family), 3, cache))
            except ValueError as error:
                place = places.get(target, Place("paper/paper.yaml"))
                report(Diagnostic(place, "render-failed", f"the picture cannot be drawn: {error}", hint=DRAWING_HINT))
    return out


def _arabic_family(theme: Mapping[str, str]) -> str:
    """Return the family for Arabic letters of a theme; empty if it has none."""
    family = theme.get("font-hand", "").partition(",")[0]
    return "" if family == "serif" else family


def _with_arabic_family(data: bytes, family: str) -> bytes:
    """Return an SVG picture whose Arabic text is in that family, whichever font the engine had chosen."""
    from lxml import etree

    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    for node in root.iter("{*}text"):
        words = "".join(map(str, node.itertext()))
        # The family has no Latin letters.
        first = node.get("font-family") if re.search("[A-Za-z]", words) else ""
        if RTL_CHARACTERS.search(words) and first is not None:
            node.set("font-family", f"{first}, {family}" if first else family)
    return etree.tostring(root)


def draw_charts(document: Document, draw: Callable[[Chart], bytes], report: Reporter) -> Iterator[tuple[str, bytes]]:
    """Yield the charts of a document by target; a chart that cannot be drawn is reported and left out."""
    for target, chart in document.charts.items():
        try:
            yield target, draw(chart)
        except ValueError as error:
            message = f"the chart '{chart.id}' cannot be drawn: {error}"
            report(Diagnostic(chart.place, "render-failed", message, hint=DRAWING_HINT))


def _vega_request(chart: Chart, theme: Mapping[str, str], *, is_narrow: bool) -> tuple[str, object, object]:
    """Return the call that draws a chart: a function of vl-convert, its argument, its options."""
    options = {"config": _vega_config(theme, _NARROW_FONT_SIZE if is_narrow else _FONT_SIZE), "allowed_base_urls": []}
    if chart.words:
        signs = {"decimal": chart.words["decimal"], "thousands": chart.words["thousands"]}
        numbers = {**signs, "grouping": [3], "currency": ["", ""]}
        options |= {"format_locale": numbers, "time_format_locale": _time_locale(chart.words)}
    spec = (chart.narrow_spec if is_narrow else {}) or chart.spec
    spec = {key: part for key, part in spec.items() if key not in ("title", "subtitle")}  # printed above it
    if not chart.narrow_spec:
        width = NARROW_WIDTH if is_narrow else WIDTH
        spec = lay_out(spec, _series_colours(theme), width, has_unit=not chart.subtitle, dark_ink=theme["ink"])
    return "vegalite_to_svg", spec, options


def _time_locale(words: Mapping[str, str]) -> Mapping[str, object]:
    """Return the names and forms of dates as d3 reads them: its week begins on Sunday."""
    lists = {key: words[key].split(" ") for key in ("weekdays", "months", "months_short")}
    days = [lists["weekdays"][-1], *lists["weekdays"][:-1]]
    day = words["date_form"].format(day="%-d", month="%B", year="%Y")
    names = {"days": days, "shortDays": days, "months": lists["months"], "shortMonths": lists["months_short"]}
    return {"dateTime": f"{day} %H:%M", "date": day, "time": "%H:%M", "periods": ["", ""], **names}


def _cached_call(cache: Cache, function: str, argument: object, options: object) -> bytes:
    """Return the engine's answer from the cache; the key has its version, the request, and the fonts.

    System fonts count too: the engine uses them for letters that ours lack.
    """
    request = json.dumps((function, [argument], options), default=str)
    versions = source_hash(), installed_version("vl-convert-python"), fonts.bundled_fonts_key(), system_fonts_hash()
    with _LOCK:
        return cache.get_or_create(cache_key("drawn", *versions, request), lambda: drawing.call_engine(request))


def _series_colours(theme: Mapping[str, str]) -> list[str]:
    return [theme[f"series-{n}"] for n in range(1, 7)]


_AXES_BY_KIND: Mapping[str, Mapping[str, object]] = {
    "axisXDiscrete": {"labelAngle": 0},
    "axisXQuantitative": {"labelFlush": False, "tickCount": 6},
    # Titles are above their axes: beside them they are as tall as a chart with two bars.
    "axisYDiscrete": {
        "titleAngle": 0,
        "titleAlign": "right",
        "titleX": -9,
        "titleY": -8,
        "ticks": False,
        "labelPadding": 9,
    },
    "axisYQuantitative": {"titleAngle": 0, "titleAlign": "left", "titleX": 0, "titleY": -12},
    "axisYTemporal": {"titleAngle": 0, "titleAlign": "right", "titleX": -9, "titleY": -8},
}


def _vega_config(theme: Mapping[str, str], font_size: int) -> dict[str, object]:
    """Return the defaults of every chart; a chart's own `config` overrides them. `font_size` is in pixels."""
    ink, muted = theme["ink"], theme["muted"]
    labels = {"labelColor": ink, "titleColor": muted, "labelFontSize": font_size, "titleFontSize": font_size}
    return {
        "font": theme["font-head"],
        "background": theme["paper"],
        "view": {
            "stroke": None,
            "continuousWidth": 440,
            "continuousHeight": 190,
            "discreteWidth": 440,
            "discreteHeight": {"step": 28},
        },
        "bar": {"discreteBandSize": {"band": 0.62}},
        **_AXES_BY_KIND,
        "range": {"category": _series_colours(theme), "ramp": {"scheme": [theme["accent-soft"], theme["accent"]]}},
        # A row without its value keeps its name on the axis.
        "mark": {"color": theme["accent"], "invalid": "break-paths-show-domains"},
        "text": {"color": ink, "fontSize": font_size},
        "style": _vega_styles(theme),
        "axis": {
            **labels,
            "labelLimit": 280,
            "titleFontWeight": "normal",
            "gridColor": theme["rule"],
            "gridWidth": 0.5,
            "domainColor": muted,
            "tickColor": muted,
        },
        "legend": {**labels, "orient": "top"},
        "title": {"color": ink, "fontSize": 13, "fontWeight": 600, "anchor": "start"},
    }


def _vega_styles(theme: Mapping[str, str]) -> dict[str, object]:
    """Return the named styles of marks: areas from strong to blank, words and marks, lines."""
    ink = {"opacity": 1, "fontSize": 12}
    return {
        "strong": {"color": theme["accent"], "opacity": 1},
        "soft": {"color": theme["accent-pale"]},
        "open": {"color": theme["paper"], "stroke": theme["muted"], "strokeDash": [3, 3]},
        "blank": {"color": theme["accent-soft"]},
        "ring": {"fill": theme["paper"], "stroke": theme["ink"], "strokeWidth": 1.8, "opacity": 1},
        "ink": {"color": theme["ink"], **ink},
        "quiet": {"color": theme["muted"], **ink},
        "alert": {"color": theme["alert"], **ink},
        "on-strong": {"color": theme["paper"], **ink},
        "hairline": {"color": theme["rule"], "strokeWidth": 0.5},
    }


def asset_pictures(document: Document) -> dict[str, Picture]:
    """Return the vetted files by target, without the charts."""
    return {target: (asset.mime, asset.data) for target, asset in document.assets.items()}


def collect_pictures(
    document: Document, theme: Mapping[str, str], report: Reporter, cache: Cache = NO_CACHE, *, is_narrow: bool = False
) -> dict[str, Picture]:
    """Return all pictures by target: vetted files as they are, charts as SVG."""
    svgs = draw_charts(document, lambda chart: draw_svg(chart, theme, cache, is_narrow=is_narrow), report)
    return asset_pictures(document) | {target: ("image/svg+xml", data) for target, data in svgs}


def narrow_pictures(
    document: Document, theme: Mapping[str, str], report: Reporter, cache: Cache = NO_CACHE
) -> dict[str, Picture]:
    """Return all pictures; charts for a phone, with embedded fonts: those of an e-book do not reach into pictures."""
    pictures_by_target = collect_pictures(document, theme, report, cache, is_narrow=True)
    drawn = {target: data.decode() for target, (_, data) in pictures_by_target.items() if target in document.charts}
    letters = re.sub(r"<[^>]*>", "", "".join(drawn.values()))
    style = f"<style>{fonts.font_face_css(letters, for_pictures=True, cache=cache)}</style>"
    with_style = {target: svg.replace(">", f">{style}", 1).encode() for target, svg in drawn.items()}
    return pictures_by_target | {target: ("image/svg+xml", data) for target, data in with_style.items()}
