"""All pictures of a document: its vetted files, and its charts as SVG."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nioc_paper.model import Document, Reporter
from nioc_paper.render.common import charts, fonts
from nioc_paper.render.common.images import Picture
from nioc_paper.system.cache import NO_CACHE, Cache


def asset_pictures(document: Document) -> dict[str, Picture]:
    """Return the vetted files by target, without the charts."""
    return {target: (asset.mime, asset.data) for target, asset in document.assets.items()}


def collect_pictures(
    document: Document, theme: Mapping[str, str], report: Reporter, cache: Cache = NO_CACHE
) -> dict[str, Picture]:
    """Return all pictures by target: vetted files as they are, charts as SVG."""
    pictures_by_target = asset_pictures(document)
    for target, data in charts.draw_charts(document, lambda chart: charts.draw_svg(chart, theme, cache), report):
        pictures_by_target[target] = ("image/svg+xml", data)
    return pictures_by_target


def pictures_with_fonts(
    document: Document, theme: Mapping[str, str], report: Reporter, cache: Cache = NO_CACHE
) -> dict[str, Picture]:
    """Return all pictures; charts have embedded fonts, for outputs whose fonts do not reach into pictures."""
    pictures_by_target = collect_pictures(document, theme, report, cache)
    drawn = {target: data.decode() for target, (_, data) in pictures_by_target.items() if target in document.charts}
    letters = re.sub(r"<[^>]*>", "", "".join(drawn.values()))
    style = f"<style>{fonts.font_face_css(letters, for_pictures=True, cache=cache)}</style>"
    with_style = {target: svg.replace(">", f">{style}", 1).encode() for target, svg in drawn.items()}
    return pictures_by_target | {target: ("image/svg+xml", data) for target, data in with_style.items()}
