"""Files written whole or not at all, and the folders that come with the tool."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

_PACKAGE = Path(__file__).parent
_SOURCES: Mapping[str, Path] = {
    "starter": _PACKAGE / "starter",
    "templates": _PACKAGE.parent / "templates",
    "rules": _PACKAGE.parent / "tests" / "rules",
}
"""Where the folders are in the source tree."""


def shipped(name: str) -> Path:
    """The tool's own `starter`, `templates` or `rules`: in a wheel (setup.py) beside the code, else in the source."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _SOURCES[name]


def replace_file(target: Path, data: bytes) -> None:
    """Put bytes in a file's place: whoever looks sees the old file or the new one, never a part."""
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
