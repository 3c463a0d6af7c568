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

from nioc_paper.system.cache import cache_key
from nioc_paper.system.scratch import REPLACED_FOLDER_NAME, ScratchFolder, new_file_beside, remove_leftovers

if TYPE_CHECKING:
    from nioc_paper.model import Templates

_PACKAGE_ROOT = Path(__file__).parents[1]
_SOURCE_FOLDERS: Mapping[str, Path] = {
    "starter": _PACKAGE_ROOT / "starter",
    "templates": _PACKAGE_ROOT.parent / "templates",
    "rules": _PACKAGE_ROOT.parent / "tests" / "rules",
}
"""Where the folders are in the source tree."""
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "~/Library/Fonts")
"""Where machines keep theirs."""


def package_folder(name: str) -> Path:
    """The tool's own `starter`, `templates` or `rules`: in a wheel (setup.py) beside the code, else in the source."""
    bundled = _PACKAGE_ROOT / name
    return bundled if bundled.is_dir() else _SOURCE_FOLDERS[name]


@cache
def default_templates() -> Templates:
    """Return the tool's own templates."""
    from nioc_paper.model import Templates  # late: a command that is replayed needs no records

    folder = package_folder("templates")
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return Templates({file.relative_to(folder).as_posix(): file.read_bytes() for file in files})


def find_root(folder: Path) -> Path | None:
    """The paper that a folder is in, if it is in one."""
    return next((f for f in (folder, *folder.parents) if (f / "paper" / "paper.yaml").exists()), None)


def replace_file(target: Path, data: bytes) -> None:
    """Put bytes in a file's place: whoever looks sees the old file or the new one, never a part."""
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
    with new_file_beside(target) as (handle, name):
        with os.fdopen(handle, "wb", closefd=False) as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        name.chmod(mode)
        name.replace(target)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a new folder, or an empty one, hold these files by their paths. Raises FileExistsError for any other."""
    is_new = not folder.exists()
    remove_leftovers(folder)
    if not is_new and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with ScratchFolder("files", folder) as scratch:
            for path, data in files.items():
                file = scratch / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
            for entry in list(scratch.iterdir()):
                entry.rename(folder / entry.name)
    except BaseException:
        if is_new:
            shutil.rmtree(folder)
        raise


def replace_folder(target: Path, files: Mapping[str, bytes], complete: Callable[[Path], None]) -> None:
    """Put a folder with these files in the place of another, once it is whole; `finish` may add to it before."""
    with ScratchFolder("folder", target.parent) as scratch:
        replacement, backup = scratch / "new", scratch / REPLACED_FOLDER_NAME / target.name
        write_folder(replacement, files)
        complete(replacement)
        if target.exists():
            backup.parent.mkdir()
            target.rename(backup)
        replacement.rename(target)


# Both are as they were when they were first asked for: a process runs what it has read.
@cache
def source_hash() -> str:
    """Stands for our code and its data: part of the name under which is kept what they made."""
    return cache_key(*sorted(_file_stamps(_PACKAGE_ROOT, (".py", ".txt"))))


@cache
def system_fonts_hash() -> str:
    """Stands for the typefaces of this machine."""
    return cache_key(
        *sorted(file for folder in FONT_FOLDERS for file in _file_stamps(Path(folder).expanduser(), ("",)))
    )


def _file_stamps(folder: Path | str, suffixes: tuple[str, ...]) -> Iterator[str]:
    """The files below a folder whose names end so, each with its size and when it was written."""
    # Every command does this for our code: a Path for each file would take as long as the rest.
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _file_stamps(entry.path, suffixes)
            elif entry.name.endswith(suffixes):
                with contextlib.suppress(OSError):  # a link that leads nowhere
                    status = entry.stat()
                    yield f"{entry.path}:{status.st_size}:{status.st_mtime_ns}"
