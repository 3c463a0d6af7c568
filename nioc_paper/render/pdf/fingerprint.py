"""Fingerprint of engines, fonts and code that affect layout."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nioc_paper.render.common import fonts
from nioc_paper.system.cache import cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.system.versions import installed_version

_PACKAGES = ("weasyprint", "pydyf", "fonttools", "pikepdf", "pillow", "tinycss2", "cssselect2", "tinyhtml5", "pyphen")
_LIBRARIES = {"libpango-1.0.so.0": "pango_version_string", "libharfbuzz.so.0": "hb_version_string"}
"""System libraries and their functions that return the version."""


def layout_fingerprint(*font_files: str) -> str:
    """Return the versions of engines, libraries, fonts and code, with hashes of these font files, one a line.

    The versions are those of the first call: a process runs the code that it has loaded.
    """
    return "\n".join((*_tool_parts(), *(f"{face} {cache_key(Path(face).read_bytes())}" for face in font_files)))


@cache
def _tool_parts() -> tuple[str, ...]:
    return tuple(_tool_versions())


def _tool_versions() -> Iterator[str]:
    yield from (f"{name} {installed_version(name)}" for name in _PACKAGES)
    for name, version_function in _LIBRARIES.items():
        with contextlib.suppress(OSError, AttributeError):
            read_version = getattr(ctypes.CDLL(name), version_function)
            read_version.restype = ctypes.c_char_p
            yield f"{name} {read_version().decode()}"
    yield fonts.bundled_fonts_key()
    yield source_hash()
