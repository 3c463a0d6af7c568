"""Stands for all that a laid-out page depends on besides what it is made of: engines, typefaces, our own code."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nioc_paper.cache import key
from nioc_paper.files import code
from nioc_paper.packages import release
from nioc_paper.render import fonts

_PACKAGES = ("weasyprint", "pydyf", "fonttools", "pikepdf", "pillow", "tinycss2", "cssselect2", "tinyhtml5", "pyphen")
_LIBRARIES = {"libpango-1.0.so.0": "pango_version_string", "libharfbuzz.so.0": "hb_version_string"}
"""Libraries of the system, and what each says its version with."""


def state(*faces: str) -> str:
    """One text for all of them, and for files of typefaces that are not ours.

    They are as they were when they were first asked for: a process runs what it has read.
    """
    return "\n".join((*_parts(), *(f"{face} {key(Path(face).read_bytes())}" for face in faces)))


@cache
def _parts() -> tuple[str, ...]:
    return tuple(_told())


def _told() -> Iterator[str]:
    yield from (f"{name} {release(name)}" for name in _PACKAGES)
    for name, asked in _LIBRARIES.items():
        with contextlib.suppress(OSError, AttributeError):
            said = getattr(ctypes.CDLL(name), asked)
            said.restype = ctypes.c_char_p
            yield f"{name} {said().decode()}"
    yield fonts.known()
    yield code()
