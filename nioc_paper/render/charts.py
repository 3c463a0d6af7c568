"""Charts to pictures: Vega-Lite drawn in the paper's colours and typefaces, without a browser or a network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from nioc_paper.model import Chart
from nioc_paper.render import fonts


@cache
def _engine() -> ModuleType:
    import vl_convert  # late: 40 MB that only a paper with charts needs

    for folder in fonts.folders():
        vl_convert.register_font_directory(str(folder))
    return vl_convert


def svg(chart: Chart, theme: Mapping[str, str]) -> bytes:
    """The chart as an SVG document. Raises ValueError for a specification that cannot be drawn."""
    drawn: str = _engine().vegalite_to_svg(dict(chart.spec), config=_config(theme), allowed_base_urls=[])
    return drawn.encode()


def png(chart: Chart, theme: Mapping[str, str], scale: float = 2) -> bytes:
    """The chart as a PNG, `scale` pixels to a CSS pixel. Raises ValueError like `svg`."""
    drawn: bytes = _engine().vegalite_to_png(dict(chart.spec), scale=scale, config=_config(theme), allowed_base_urls=[])
    return drawn


def _config(theme: Mapping[str, str]) -> dict[str, Any]:
    """The defaults of every chart; what a chart's own `config` says wins."""
    ink, muted, rule = theme["ink"], theme["muted"], theme["rule"]
    series = [theme[f"series-{n}"] for n in range(1, 7)]
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
        "axisXDiscrete": {"labelAngle": 0},
        "axisXQuantitative": {"labelFlush": False, "tickCount": 6},
        # Titles lie flat above their axis: at the side they are as tall as a chart of two bars.
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
        "range": {"category": series, "ramp": {"scheme": [theme["accent-soft"], theme["accent"]]}},
        "mark": {"color": series[0]},
        "axis": {
            "labelColor": ink,
            "titleColor": muted,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "gridColor": rule,
            "gridWidth": 0.5,
            "domainColor": muted,
            "tickColor": muted,
        },
        "legend": {"labelColor": ink, "titleColor": muted, "labelFontSize": 11, "titleFontSize": 11},
        "title": {"color": ink, "fontSize": 13, "fontWeight": 600, "anchor": "start"},
    }
