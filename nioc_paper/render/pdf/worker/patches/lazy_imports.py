"""Defer WeasyPrint's imports of fontTools until they are used.

HarfBuzz subsets our fonts, and none of them is variable: 77 ms of a start of 300 ms.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from nioc_paper.render.pdf.worker.patches.state import PatchState


def install(module: str, *names: str) -> Callable[[PatchState], None]:
    """Return a function that puts a placeholder in the place of a module, with these functions."""

    def install_placeholder(_: PatchState) -> None:
        placeholder = sys.modules[module] = ModuleType(module)
        for name in names:
            setattr(placeholder, name, _lazy_function(placeholder, name))

    return install_placeholder


def _lazy_function(placeholder: ModuleType, name: str) -> Callable[..., Any]:
    def import_and_call(*args: Any, **kwargs: Any) -> Any:
        if sys.modules.get(placeholder.__name__) is placeholder:
            del sys.modules[placeholder.__name__]
        return getattr(import_module(placeholder.__name__), name)(*args, **kwargs)

    return import_and_call
