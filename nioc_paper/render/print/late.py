"""Modules for typefaces that WeasyPrint imports, read only when something is asked of them.

HarfBuzz cuts our typefaces down, and none of them is variable. 0.08 s of 0.30 s of a start.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from nioc_paper.render.print.quicker import is_measured


def import_late() -> None:
    """Have them read so; to be called before WeasyPrint is imported."""
    if is_measured():
        for module, *names in (
            ("fontTools.subset", "Options", "Subsetter"),
            ("fontTools.varLib.instancer", "instantiateVariableFont"),
        ):
            later = sys.modules[module] = ModuleType(module)
            for name in names:
                setattr(later, name, _asked(later, name))


def _asked(later: ModuleType, name: str) -> Callable[..., Any]:
    def ask(*args: Any, **given: Any) -> Any:
        if sys.modules.get(later.__name__) is later:
            del sys.modules[later.__name__]
        return getattr(import_module(later.__name__), name)(*args, **given)

    return ask
