"""Modules for typefaces that WeasyPrint imports, read only when something is asked of them.

HarfBuzz cuts our typefaces down, and none of them is variable. 0.08 s of 0.30 s of a start.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from nioc_paper.render.pdf.worker.patches.speed import is_supported


def install_lazy_modules() -> None:
    """Have them read so; to be called before WeasyPrint is imported."""
    if is_supported():
        for module, *names in (
            ("fontTools.subset", "Options", "Subsetter"),
            ("fontTools.varLib.instancer", "instantiateVariableFont"),
        ):
            placeholder = sys.modules[module] = ModuleType(module)
            for name in names:
                setattr(placeholder, name, _lazy_function(placeholder, name))


def _lazy_function(placeholder: ModuleType, name: str) -> Callable[..., Any]:
    def import_and_call(*args: Any, **kwargs: Any) -> Any:
        if sys.modules.get(placeholder.__name__) is placeholder:
            del sys.modules[placeholder.__name__]
        return getattr(import_module(placeholder.__name__), name)(*args, **kwargs)

    return import_and_call
