"""Defer WeasyPrint's imports of fontTools until they are used.

HarfBuzz subsets our fonts, and none of them is variable: 77 ms of a start of 300 ms.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from types import ModuleType


def install_placeholder(module: str, names: Iterable[str]) -> None:
    """Put a placeholder in the place of a module, with these functions."""
    placeholder = sys.modules[module] = ModuleType(module)
    for name in names:
        setattr(placeholder, name, _lazy_function(placeholder, name))


def _lazy_function(placeholder: ModuleType, name: str) -> Callable[..., object]:
    def import_and_call(*args: object, **kwargs: object) -> object:
        if sys.modules.get(placeholder.__name__) is placeholder:
            del sys.modules[placeholder.__name__]
        return getattr(import_module(placeholder.__name__), name)(*args, **kwargs)

    return import_and_call
