"""The paper toolchain: chapters in git to a checked, dated, printed strategy paper.

The Python interface: `Project` reads, checks and measures a paper; `build` writes the document of a `BuildRequest`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nioc_paper.app.errors import AppError, BlockedError, RequestError
    from nioc_paper.app.outputs import BuildRequest, build
    from nioc_paper.app.project import Project

__all__ = ["AppError", "BlockedError", "BuildRequest", "Project", "RequestError", "build"]
__version__ = "0.2.0"
_MODULES = {
    "AppError": "nioc_paper.app.errors",
    "BlockedError": "nioc_paper.app.errors",
    "BuildRequest": "nioc_paper.app.outputs",
    "Project": "nioc_paper.app.project",
    "RequestError": "nioc_paper.app.errors",
    "build": "nioc_paper.app.outputs",
}
"""Modules of the public names, imported on demand: `nioc_paper` is imported by every worker process."""


if not TYPE_CHECKING:  # for type checkers an unknown name is an error

    def __getattr__(name: str) -> object:
        if name in _MODULES:
            return getattr(import_module(_MODULES[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
