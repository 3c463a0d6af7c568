"""Font of code: every letter is as wide as the others, so that indentation and columns can be read.

Its package has one file for all weights, which neither a layout engine nor a PDF takes; static faces are made from it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache as once
from importlib import resources
from pathlib import Path

from nioc_paper import tree
from nioc_paper.model import Document
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.scratch import ScratchFolder
from nioc_paper.system.versions import installed_version

CODE_FAMILY = "Source Code Pro"
_PACKAGE, _FILE = "fontpkg_source_code_pro", "SourceCodePro[wght].ttf"
_FACES = {"SourceCodePro-Regular": 400, "SourceCodePro-SemiBold": 600}
"""Weight of each face by its PostScript name."""


def code_font_files(document: Document, cache: Cache) -> Sequence[Path]:
    """Return the files of the faces, named as the faces; empty if the document has no code."""
    has_code = any(node["t"] in ("Code", "CodeBlock") for node in tree.walk(document.blocks))
    return _write_faces(cache) if has_code else ()


@once
def _write_faces(cache: Cache) -> Sequence[Path]:
    """Write the faces into a folder of this process."""
    data = (resources.files(_PACKAGE) / "files" / _FILE).read_bytes()
    folder = ScratchFolder("fonts").path
    files = [folder / f"{name}.ttf" for name in _FACES]
    for file, weight in zip(files, _FACES.values(), strict=True):
        key = cache_key("face of code", installed_version("fonttools"), data, str(weight))
        file.write_bytes(cache.get_or_create(key, lambda weight=weight: _make_face(data, weight)))  # type: ignore[misc] # bound
    return files


def _make_face(data: bytes, weight: int) -> bytes:
    """Return one weight of the font. Takes 0.4 s."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # it ships none
    from fontTools.varLib import instancer  # type: ignore[import-untyped] # it ships none

    out = io.BytesIO()
    with TTFont(io.BytesIO(data), recalcTimestamp=False) as font:
        instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True, updateFontNames=True)
        font.save(out)
    return out.getvalue()
