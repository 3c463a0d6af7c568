"""Extensions: rules, formats and importers of other packages, which name them in entry points `nioc_paper.KIND`.

A package is read if it lies where pip installs: never in the folder of a paper, nor in one of `PYTHONPATH`.
"""

from __future__ import annotations

import site
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType


class ExtensionError(Exception):
    """An extension cannot be loaded."""


@cache
def extension_files() -> tuple[Path, ...]:
    """Return the files of installed packages with entry points of ours.

    They are searched for words first: importing importlib.metadata takes 30 ms, and few machines have an extension.
    """
    folders = [*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else ())]
    files = sorted(path for folder in folders for path in Path(folder).glob("*.dist-info/entry_points.txt"))
    return tuple(path for path in files if b"[nioc_paper." in path.read_bytes())


def extension_modules(kind: str) -> Mapping[str, str]:
    """Return the names of the modules that extend a kind (rules, formats, importers), by the name of each extension."""
    if not extension_files():
        return {}
    from importlib.metadata import PathDistribution

    entry_points = (point for path in extension_files() for point in PathDistribution(path.parent).entry_points)
    return {point.name: point.module for point in entry_points if point.group == f"nioc_paper.{kind}"}


@cache
def extensions_by_package(*kinds: str) -> Mapping[str, str]:
    """Return the names of the extensions of some kinds by the package or the module in which their entry points are."""
    return {m.partition(".")[0]: name for kind in kinds for name, m in extension_modules(kind).items()}


def load_extensions(kind: str) -> Iterator[tuple[str, ModuleType]]:
    """Yield the extensions of a kind, each with its name. Raises ExtensionError."""
    for name, module in extension_modules(kind).items():
        try:
            yield name, import_module(module)
        except Exception as error:  # a module can raise anything when it is imported
            message = f"the extension '{name}' cannot be loaded: {type(error).__name__}: {error}"
            raise ExtensionError(f"{message}; correct it, or uninstall it") from error
