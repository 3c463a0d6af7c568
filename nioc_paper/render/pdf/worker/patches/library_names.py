"""Skip the search for WeasyPrint's libraries, as the loader finds them: 50 processes of `gcc` and `ldconfig` less."""

from __future__ import annotations

import sys
from collections.abc import Callable

from nioc_paper.render.pdf.worker.patches.state import PatchState

_Search = Callable[[str], str | None]


def wrap(original: _Search, _: PatchState) -> _Search:
    """Return the replacement of `find_library`: on Linux it finds nothing."""
    return (lambda _: None) if sys.platform == "linux" else original
