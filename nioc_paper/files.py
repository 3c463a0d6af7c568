"""Files written whole or not at all, and where folders are: those that come with the tool, and the paper's."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Mapping
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


def paper_around(folder: Path) -> Path | None:
    """The paper that a folder is in, if it is in one."""
    return next((f for f in (folder, *folder.parents) if (f / "paper" / "paper.yaml").exists()), None)


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


def fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a new folder, or an empty one, hold these files by their paths. Raises FileExistsError for any other."""
    made = not folder.exists()
    if not made and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as name:
            for path, data in files.items():
                file = Path(name, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
            for entry in list(Path(name).iterdir()):
                entry.rename(folder / entry.name)
    except BaseException:
        if made:
            shutil.rmtree(folder)
        raise


def exchange(target: Path, files: Mapping[str, bytes], finish: Callable[[Path], None]) -> None:
    """Put a folder with these files in the place of another, once it is whole; `finish` may add to it before."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unfinished-") as name:
        fresh, old = Path(name, "new"), Path(name, "old")
        fill(fresh, files)
        finish(fresh)
        if target.exists():
            target.rename(old)
        fresh.rename(target)


def fingerprint(folder: Path) -> str:
    """Stands for the code and data of a folder as they are now."""
    files = sorted(f for f in folder.rglob("*") if f.suffix in (".py", ".txt"))
    return " ".join(f"{f.name}:{f.stat().st_size}:{f.stat().st_mtime_ns}" for f in files)
