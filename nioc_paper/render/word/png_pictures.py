"""Pictures for Word as PNG, that behind the cover too: not every version of Word shows SVG."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator, Mapping

from nioc_paper.model import Diagnostic, Document, Place, Reporter, Templates
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, parse_element, qn
from nioc_paper.render.common import charts
from nioc_paper.render.common.image_embedding import Picture
from nioc_paper.render.common.theme import Theme, resolve_variables
from nioc_paper.render.word.page_setup import to_twips
from nioc_paper.system.cache import Cache

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LABEL = slice(33, 33 + 12 + 64)
"""Bytes of the label in a drawn PNG: behind its header."""
_SCALE = 2.5
"""Pixels of a chart in a CSS pixel: sharp in print at its printed size."""


def draw_pictures(document: Document, theme: Theme, report: Reporter, cache: Cache) -> dict[str, Picture]:
    """Return every picture by its target in the tree, a drawn one with a label of its target.

    One that cannot be drawn is reported and dropped.
    """
    drawn: dict[str, Picture] = {}
    for target, asset in document.assets.items():
        try:
            is_svg = asset.mime == "image/svg+xml"
            data = _label(charts.rasterize_svg(asset.data, _SCALE, cache), target) if is_svg else asset.data
            drawn[target] = ("image/png" if is_svg else asset.mime, data)
        except ValueError as error:
            message = f"the picture cannot be drawn: {error}"
            report(Diagnostic(Place(asset.path), "render-failed", message, hint=charts.DRAWING_HINT))
    pngs = charts.draw_charts(document, lambda chart: charts.draw_png(chart, theme, _SCALE, cache), report)
    return drawn | {target: ("image/png", _label(data, target)) for target, data in pngs}


def stand_in_pictures(document: Document) -> dict[str, Picture]:
    """Return every picture by its target; for what would be drawn, an empty one of the same identity."""
    svgs = [target for target, asset in document.assets.items() if asset.mime == "image/svg+xml"]
    drawn = {target: ("image/png", _label(one_colour_png(1, 1), target)) for target in (*document.charts, *svgs)}
    return charts.asset_pictures(document) | drawn


def _label(picture: bytes, target: str) -> bytes:
    return _with_label(picture, hashlib.sha256(target.encode()).digest())


def _with_label(picture: bytes, name: bytes) -> bytes:
    """Return a PNG with a chunk behind its header: the name of what it shows, and a hash of both."""
    label = _chunk(b"idOf", name + hashlib.sha256(name + picture).digest())
    return picture[: _LABEL.start] + label + picture[_LABEL.start :]


def picture_identity(picture: bytes) -> str:
    """Return a text that is equal for equal pictures, and for drawings of one target that nobody has changed."""
    name, rest = picture[_LABEL][8:40], picture[: _LABEL.start] + picture[_LABEL.stop :]
    return (name if _with_label(rest, name) == picture else hashlib.sha256(picture).digest()).hex()[:12]


def chart_widths(document: Document, drawn: Mapping[str, Picture], max_width: float) -> dict[str, str]:
    """Return the designed width of each chart in points, at most `max_width`."""
    widths = {target: _png_size(drawn[target][1])[0] for target in document.charts.keys() & drawn.keys()}
    return {target: f"{min(width / _SCALE * 0.75, max_width):.1f}pt" for target, width in widths.items()}


def blank_png(picture: bytes) -> bytes:
    """Return a one-colour PNG of the same size and density: pandoc decodes a picture slower than it writes a chapter.

    Each picture gets a different one.
    """
    density = [chunk for chunk in _chunks(picture) if chunk[4:8] == b"pHYs"]
    return one_colour_png(
        *_png_size(picture), *density, _chunk(b"tEXt", b"of\0" + hashlib.sha256(picture).hexdigest().encode())
    )


def one_colour_png(width: int, height: int, *chunks: bytes) -> bytes:
    """Return a PNG of one colour, with some chunks before its rows."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = _chunk(b"IDAT", zlib.compress((b"\0" * (1 + (width + 7) // 8)) * height))
    return b"".join((_PNG_SIGNATURE, header, *chunks, rows, _chunk(b"IEND", b"")))


def _png_size(picture: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def _chunks(picture: bytes) -> Iterator[bytes]:
    """Yield the chunks of a PNG before its rows."""
    start = 8
    while picture[start + 4 : start + 8] not in (b"IDAT", b""):
        end = start + 12 + int.from_bytes(picture[start : start + 4], "big")
        yield picture[start:end]
        start = end


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


COVER_NAME = "Cover"
_MESH_MM = 30
"""Millimetres of one mesh of the lattice; templates/print.css has the same number."""
_FADE_END = 0.43
"""Share of the sheet where the lattice ends: the background of the title would cut it."""
_BLEED = 20
"""Bleed in twentieths of a point, against a white hairline at the edge."""
_EMU_PER_TWIP = 635
"""Drawing units (EMU) in a twentieth of a point."""


def draw_cover_background(templates: Templates, theme: Theme, cache: Cache) -> bytes:
    """Return the background as a PNG. Raises ValueError if the lattice cannot be drawn."""
    return charts.reduce_colours(charts.rasterize_svg(_cover_svg(templates, theme).encode(), 2, cache), cache)


def add_cover_background(package: Package, picture: bytes, theme: Theme) -> None:
    """Add the background to the first page.

    It is in the text, not in a header: Word shows headers pale while the text is edited.
    """
    relation = package.add_related_part("word/media/cover.png", "image", picture, content="image/png")
    first = next(package.body.iterchildren(qn("w:p")))
    first.insert(0 if first.find(qn("w:pPr")) is None else 1, _anchored_picture(relation, theme))


def _cover_svg(templates: Templates, theme: Theme) -> str:
    width, height = (to_twips(theme[name]) / 1440 * 96 for name in ("page-width", "page-height"))
    lattice = resolve_variables(templates.text("pattern.svg"), theme)
    inner = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", lattice, flags=re.DOTALL)
    mesh, cover, whole = _MESH_MM / 25.4 * 96, theme["cover"], f'width="{width:.2f}" height="{height:.2f}"'
    top = f'width="{width:.2f}" height="{_FADE_END:%}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {whole}><defs>'
        f'<pattern id="lattice" width="{mesh:.3f}" height="{mesh:.3f}" patternUnits="userSpaceOnUse" '
        f'viewBox="0 0 100 100">{inner}</pattern><linearGradient id="fading" x1="0" y1="0" x2="0" y2="1">'
        f'<stop offset="0" stop-color="{cover}" stop-opacity="0"/><stop offset="{_FADE_END}" stop-color="{cover}"/>'
        f'</linearGradient></defs><rect {whole} fill="{cover}"/><rect {top} fill="url(#lattice)"/>'
        f'<rect {whole} fill="url(#fading)"/></svg>'
    )


def _anchored_picture(relation: str, theme: Theme) -> Element:
    """Return a run with the picture: behind the text, at the corner of the sheet, decorative for screen readers."""
    width, height = ((to_twips(theme[name]) + 2 * _BLEED) * _EMU_PER_TWIP for name in ("page-width", "page-height"))
    size = f'cx="{width}" cy="{height}"'
    corner = "".join(
        f'<wp:position{way} relativeFrom="page">'
        f"<wp:posOffset>{-_BLEED * _EMU_PER_TWIP}</wp:posOffset></wp:position{way}>"
        for way in "HV"
    )
    return parse_element(
        '<w:r><w:drawing><wp:anchor behindDoc="1" distT="0" distB="0" distL="0" distR="0" simplePos="0" '
        'relativeHeight="0" locked="1" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        f"{corner}<wp:extent {size}/><wp:wrapNone/>"
        f'<wp:docPr id="1" name="{COVER_NAME}" descr="">{_DECORATIVE}</wp:docPr>'
        '<wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        '<pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="Cover"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        f'<a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
        f'<a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>"
    )


_DECORATIVE = (
    '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative val="1" '
    'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative"/></a:ext></a:extLst>'
)
