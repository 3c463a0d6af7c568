"""The paper toolchain: chapters in git to a checked, dated, printed strategy paper.

The Python interface: a `Project` loads, checks, measures and builds a paper; a `BuildRequest` describes a document.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nioc_paper.app.build import BuildableProject as Project
    from nioc_paper.app.build import build
    from nioc_paper.app.build_request import BuildRequest
    from nioc_paper.app.errors import AppError, BlockedError, RequestError

__all__ = ["AppError", "BlockedError", "BuildRequest", "Project", "RequestError", "build"]
__version__ = "0.2.0"
# On a full disk Python would write compiled modules that end too soon, and fail at them later.
if hasattr(os, "statvfs") and (_disk := os.statvfs(__path__[0])).f_bavail * _disk.f_frsize < 2**20:
    sys.dont_write_bytecode = True
_PUBLIC_NAMES = {
    "AppError": ("nioc_paper.app.errors", "AppError"),
    "BlockedError": ("nioc_paper.app.errors", "BlockedError"),
    "BuildRequest": ("nioc_paper.app.build_request", "BuildRequest"),
    "Project": ("nioc_paper.app.build", "BuildableProject"),
    "RequestError": ("nioc_paper.app.errors", "RequestError"),
    "build": ("nioc_paper.app.build", "build"),
}
"""Module of each public name, and its name there; imported on demand, for every worker process imports `nioc_paper`."""


if not TYPE_CHECKING:  # for type checkers an unknown name is an error

    def __getattr__(name: str) -> object:
        if name in _PUBLIC_NAMES:
            module, own_name = _PUBLIC_NAMES[name]
            return getattr(import_module(module), own_name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
