"""Take the declarations of C functions from a module: cffi parses the same 16,000 characters in every process."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from nioc_paper.render.pdf.worker.patches import declared_functions
from nioc_paper.render.pdf.worker.patches.state import PatchState

_Ffi = Any  # cffi ships no types


class DeclaredFfi:
    """Replacement of `cffi.FFI`: its methods are those of the compiled declarations, once their source is known.

    It parses the source of other declarations, as cffi does.
    """

    def __init__(self, original: Callable[[], _Ffi]) -> None:
        self._original = original

    def cdef(self, source: str) -> None:
        """Declare the functions of a source."""
        ffi = declared_functions.ffi
        if hashlib.sha256(source.encode()).hexdigest() != declared_functions.SOURCE_HASH:
            ffi = self._original()
            ffi.cdef(source)
        for name in (name for name in dir(ffi) if not name.startswith("_")):
            setattr(self, name, getattr(ffi, name))


def wrap(original: Callable[[], _Ffi], _: PatchState) -> Callable[[], _Ffi]:
    """Return the replacement of `cffi.FFI`: on Linux only, since on other systems cffi searches for libraries."""
    return partial(DeclaredFfi, original) if sys.platform == "linux" else original
