"""Files written whole or not at all, where folders are, and what stands for the files in them."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from nioc_paper.cache import key
from nioc_paper.system.scratch import OLD, ScratchFolder, file_beside, remove_leftovers

if TYPE_CHECKING:
    from nioc_paper.model import Templates

_PACKAGE = Path(__file__).parent
_SOURCES: Mapping[str, Path] = {
    "starter": _PACKAGE / "starter",
    "templates": _PACKAGE.parent / "templates",
    "rules": _PACKAGE.parent / "tests" / "rules",
}
"""Where the folders are in the source tree."""
TYPEFACES = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "~/Library/Fonts")
"""Where machines keep theirs."""


def shipped(name: str) -> Path:
    """The tool's own `starter`, `templates` or `rules`: in a wheel (setup.py) beside the code, else in the source."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _SOURCES[name]


@cache
def shipped_templates() -> Templates:
    """Return the tool's own templates."""
    from nioc_paper.model import Templates  # late: a command that is replayed needs no records

    folder = shipped("templates")
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return Templates({file.relative_to(folder).as_posix(): file.read_bytes() for file in files})


def paper_around(folder: Path) -> Path | None:
    """The paper that a folder is in, if it is in one."""
    return next((f for f in (folder, *folder.parents) if (f / "paper" / "paper.yaml").exists()), None)


def replace_file(target: Path, data: bytes) -> None:
    """Put bytes in a file's place: whoever looks sees the old file or the new one, never a part."""
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
    with file_beside(target) as (handle, name):
        with os.fdopen(handle, "wb", closefd=False) as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        name.chmod(mode)
        name.replace(target)


def fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a new folder, or an empty one, hold these files by their paths. Raises FileExistsError for any other."""
    made = not folder.exists()
    remove_leftovers(folder)
    if not made and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with ScratchFolder("files", folder) as name:
            for path, data in files.items():
                file = name / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
            for entry in list(name.iterdir()):
                entry.rename(folder / entry.name)
    except BaseException:
        if made:
            shutil.rmtree(folder)
        raise


def exchange(target: Path, files: Mapping[str, bytes], finish: Callable[[Path], None]) -> None:
    """Put a folder with these files in the place of another, once it is whole; `finish` may add to it before."""
    with ScratchFolder("folder", target.parent) as name:
        fresh, old = name / "new", name / OLD / target.name
        fill(fresh, files)
        finish(fresh)
        if target.exists():
            old.parent.mkdir()
            target.rename(old)
        fresh.rename(target)


# Both are as they were when they were first asked for: a process runs what it has read.
@cache
def code() -> str:
    """Stands for our code and its data: part of the name under which is kept what they made."""
    return key(*sorted(_seen(_PACKAGE, (".py", ".txt"))))


@cache
def typefaces() -> str:
    """Stands for the typefaces of this machine."""
    return key(*sorted(file for folder in TYPEFACES for file in _seen(Path(folder).expanduser(), ("",))))


def _seen(folder: Path | str, ends: tuple[str, ...]) -> Iterator[str]:
    """The files below a folder whose names end so, each with its size and when it was written."""
    # Every command does this for our code: a Path for each file would take as long as the rest.
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _seen(entry.path, ends)
            elif entry.name.endswith(ends):
                with contextlib.suppress(OSError):  # a link that leads nowhere
                    told = entry.stat()
                    yield f"{entry.path}:{told.st_size}:{told.st_mtime_ns}"
