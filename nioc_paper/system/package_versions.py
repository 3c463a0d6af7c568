"""Installed package versions, for cache keys."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from functools import cache


def installed_version(package: str) -> str:
    """Return the version of a package; empty if it is not installed."""
    return _installed_versions().get(normalize_name(package), "")


@cache
def _installed_versions() -> Mapping[str, str]:
    """Return versions from the names of pip's metadata folders: importing importlib.metadata takes 30 ms."""
    versions: dict[str, str] = {}
    for folder in reversed(sys.path):  # the first one is imported
        with contextlib.suppress(OSError):  # an archive, or a missing folder
            for entry in os.scandir(folder or "."):
                base, dot, kind = entry.name.rpartition(".")
                if dot and kind in ("dist-info", "egg-info"):
                    package, _, version = base.partition("-")
                    versions[normalize_name(package)] = version
    return versions


def normalize_name(name: str) -> str:
    """Return the name by which a package is known, however it is spelled."""
    return name.lower().replace("-", "_").replace(".", "_")
