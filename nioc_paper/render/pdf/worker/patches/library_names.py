"""Let the loader find the libraries of WeasyPrint by itself: no 50 processes of `gcc` and `ldconfig`."""

from __future__ import annotations

import ctypes.util
import sys

from nioc_paper.render.pdf.worker.patches.state import PatchState


def install(_: PatchState) -> None:
    """Replace the search by one that finds nothing. On Linux only."""
    if sys.platform == "linux":
        ctypes.util.find_library = lambda name: None  # noqa: ARG005
