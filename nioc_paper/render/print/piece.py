"""A piece of a paper as it is kept: its pages without typefaces, and what is needed to join it to the others.

Runs where WeasyPrint does. Every piece asks for the same typefaces; they are put in once, when the pieces are joined.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nioc_paper.render.print.tagging import AWAY, Blank

_POINT = 0.75
"""Points in a pixel of the engine."""


def taken(document: Any, blanks: Sequence[Blank], file: Path, name: str, *, sheet: bool) -> dict[str, Any]:
    """What is to be known of a piece; its typefaces are taken out of the file, and its structure is mended."""
    import pikepdf

    from nioc_paper.render.print import read
    from nioc_paper.render.print.finish import font_names, restructure, smooth_nothing

    faces: dict[str, dict[str, Any]] = {}
    for font in document.fonts.values():
        _add(faces.setdefault(font.hash, {"own": _own_name(font), "widths": {}, "letters": {}}), font)
    kept = {font.hash for font in document.fonts.values() if font.missing or font.bitmap}
    faces = {key: face for key, face in faces.items() if key not in kept}
    with pikepdf.open(file, allow_overwriting_input=True) as pdf:
        if not sheet:
            restructure(pdf, name)
            _lead_away(pdf)
        smooth_nothing(pdf)
        names = font_names(pdf)
        for page in pdf.pages:
            page.contents_coalesce()
        finished = io.BytesIO()
        pdf.save(finished, compress_streams=False)
        inside = pdf.pages[0].Resources.Font
        for key in faces:
            font = inside[f"/{key}"]
            below = font.DescendantFonts[0]
            del font.ToUnicode, below.W
            for program in ("/FontFile2", "/FontFile3"):
                if program in below.FontDescriptor:
                    del below.FontDescriptor[program]
        pdf.save(file, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return {
        "sizes": [[page.width * _POINT, page.height * _POINT] for page in document.pages],
        "anchors": [
            [key, n, *_point(page, place)]
            for n, page in enumerate(document.pages)
            for key, place in page.anchors.items()
        ],
        "bookmarks": _bookmarks(document.make_bookmark_tree(_POINT, transform_pages=True)),
        "blanks": [list(blank) for blank in blanks],
        "faces": faces,
        "fonts": names,
        "held": {} if sheet else {kind: list(texts) for kind, texts in read.pdf(finished.getvalue()).items()},
    }


def _lead_away(pdf: Any) -> None:
    """Links into other pieces lead to a name, as those within a piece do."""
    import pikepdf

    for page in pdf.pages:
        for link in page.obj.get("/Annots", ()):
            address = str(link.get("/A", {}).get("/URI", ""))
            if address.startswith(AWAY):
                del link["/A"]
                link.Dest = pikepdf.String(unquote(address.removeprefix(AWAY)))


def _point(page: Any, place: Sequence[float]) -> tuple[float, float]:
    """The upper left corner of an anchor as the file counts: in points from the bottom."""
    return round(place[0] * _POINT, 3), round((page.height - place[1]) * _POINT, 3)


def _bookmarks(tree: Iterable[Any]) -> list[Any]:
    return [[title, list(place), _bookmarks(below), state] for title, place, below, state in tree]


def _own_name(font: Any) -> str:
    """What a typeface calls itself."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # it ships none

    with TTFont(io.BytesIO(font.file_content), lazy=True) as opened:
        return str(opened["name"].getDebugName(6))


def _add(face: dict[str, Any], font: Any) -> None:
    """Add what the pages use of a typeface: glyphs with their widths and the letters that they stand for."""
    face["widths"] |= {str(glyph): width for glyph, width in font.widths.items()}
    face["letters"] |= {str(glyph): text for glyph, text in font.to_unicode.items()}
