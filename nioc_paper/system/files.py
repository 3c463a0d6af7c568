"""Atomic writes, the root of a paper, folders of the package, and hashes of code and fonts."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from nioc_paper.extensions import extension_files
from nioc_paper.system.cache import cache_key
from nioc_paper.system.scratch import REPLACED_FOLDER_NAME, ScratchFolder, new_file_beside, remove_leftovers
from nioc_paper.system.undo_note import note_file

if TYPE_CHECKING:
    from nioc_paper.model import Templates

_PACKAGE_ROOT = Path(__file__).parents[1]
_SOURCE_FOLDERS: Mapping[str, Path] = {"rules": _PACKAGE_ROOT.parent / "tests" / "rules"}
"""Folders that are elsewhere in the source tree."""
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "~/Library/Fonts")
"""System folders of fonts."""


def package_folder(name: str) -> Path:
    """Return the tool's folder `starter`, `templates` or `rules`: in the package, or where the source tree has it."""
    bundled = _PACKAGE_ROOT / name
    return bundled if bundled.is_dir() else _SOURCE_FOLDERS[name]


@cache
def default_templates() -> Templates:
    """Return the tool's own templates."""
    from nioc_paper.model import Templates  # late: a PDF worker needs no records

    return Templates(read_folder(package_folder("templates")))


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder by their paths in it."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


_MAX_PAPER_DEPTH = 4
_QUIET_TRIES, _TRY_SECONDS = 20, 0.05
"""Times to try to lock a folder before somebody is told, and the time between two of them."""


def find_root(folder: Path) -> Path | None:
    """Return the root of the paper around a folder; None if there is none."""
    return next((f for f in (folder, *folder.parents) if (f / "paper" / "paper.yaml").exists()), None)


def find_roots_below(folder: Path) -> list[Path]:
    """Return the roots of the papers in the folders below a folder, at most four deep; hidden folders are left out."""
    roots: list[Path] = []
    for name, folders, _ in os.walk(folder):
        path = Path(name)
        if (path / "paper" / "paper.yaml").exists():
            roots.append(path)
        is_too_deep = len(path.relative_to(folder).parts) >= _MAX_PAPER_DEPTH
        is_searched = not (is_too_deep or path in roots)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "node_modules") if is_searched else []
    return roots


def _repository_around(folder: Path) -> Path:
    """Return the root of the git repository around a folder; the folder itself without one."""
    return next((f for f in (folder, *folder.parents) if (f / ".git").exists()), folder)


def path_in_repository(folder: Path) -> str:
    """Return the path of a folder in the git repository around it, with '/' at its end; empty for the repository."""
    return "".join(f"{part}/" for part in folder.relative_to(_repository_around(folder)).parts)


@contextlib.contextmanager
def lock_paper(root: Path, report_waiting: Callable[[], None]) -> Iterator[None]:
    """Lock the repository around a paper, or its folder without one, for one command that changes it.

    The kernel locks the folder itself: there is no file of the lock, and it ends with the process. Work trees have a
    lock each. `report_waiting` is called if another command has the lock for a second. On a drive without locks the
    command goes on.
    """
    lock = os.open(_repository_around(root), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for tries in count():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if tries == _QUIET_TRIES:
                    report_waiting()
                time.sleep(_TRY_SECONDS)
            except OSError:  # a drive without locks
                break
            else:
                break
        yield
    finally:
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_UN)  # a copy of this process may still have the folder open
        os.close(lock)


def replace_file(target: Path, data: bytes) -> None:
    """Replace a file atomically: readers see the old file or the new one, never a part."""
    note_file(target, data)
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
    try:
        with new_file_beside(target) as (handle, name):
            with os.fdopen(handle, "wb", closefd=False) as file:
                file.write(data)
                file.flush()
                os.fsync(handle)
            name.chmod(mode)
            name.replace(target)
    except OSError as error:
        error.filename, error.filename2 = str(target), None
        raise


def remove_file(target: Path) -> None:
    """Remove a file; it comes back if the command is undone."""
    note_file(target, None)
    target.unlink()


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Fill a new or empty folder with files by their paths. Raises FileExistsError for any other folder."""
    is_new = not folder.exists()
    remove_leftovers(folder)
    if not is_new and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(str(folder))
    folder.mkdir(parents=True, exist_ok=not is_new)
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
    """Replace a folder once the new one is complete; `complete` may add files to the new one first."""
    with ScratchFolder("folder", target.parent) as scratch:
        replacement, backup = scratch / "new", scratch / REPLACED_FOLDER_NAME / target.name
        write_folder(replacement, files)
        complete(replacement)
        if target.exists():
            backup.parent.mkdir()
            target.rename(backup)
        replacement.rename(target)


# Both hashes are computed once per process: it runs the code that it has loaded.
@cache
def source_hash() -> str:
    """Hash of our code and its data, and of what extends it; part of every cache key."""
    extensions = (stamp for path in extension_files() for stamp in _file_stamps(path.parent, (path.name,)))
    return cache_key(*sorted(_file_stamps(_PACKAGE_ROOT, (".py", ".txt", ".csl"))), *extensions)


@cache
def system_fonts_hash() -> str:
    """Hash of the fonts on this machine."""
    stamps = (stamp for folder in FONT_FOLDERS for stamp in _file_stamps(Path(folder).expanduser(), ("",)))
    return cache_key(*sorted(stamps))


def _file_stamps(folder: Path | str, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Yield the files below a folder with these suffixes, each with its size and time of change."""
    # Every command does this for our code, and a Path per file would double the time.
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _file_stamps(entry.path, suffixes)
            elif entry.name.endswith(suffixes):
                with contextlib.suppress(OSError):  # a link without a target
                    status = entry.stat()
                    yield f"{entry.path}:{status.st_size}:{status.st_mtime_ns}"
