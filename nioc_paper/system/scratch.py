"""Temporary folders and files that a later run removes if their process was killed.

Each is locked while its process lives; the lock ends with the process, in every case.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import re
import secrets
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_SCRATCH_NAME = re.compile(r"nioc-[a-z]+\.[a-z0-9_]{8}")
_UNFINISHED_PREFIX = ".unfinished-"
_UNFINISHED_NAME = re.compile(r"\.unfinished-[a-z0-9_]{8}|\..+\.[a-z0-9_]{8}\.tmp", re.DOTALL)
"""Names of temporary folders and files beside the output that they will replace."""
REPLACED_FOLDER_NAME = "old"
"""Folder in an unfinished one for the folder that is being replaced, under its own name."""
_REMOVAL_TRIES = 5
"""Times to remove a folder in which a process that has not ended yet may still write."""
_open_folders: set[ScratchFolder] = set()
_open_lock = threading.Lock()
_exiting = threading.Event()


class ScratchFolder:
    """Temporary folder, below that of the machine or in the folder `beside`."""

    def __init__(self, purpose: str, beside: Path | None = None) -> None:
        if beside is None:
            remove_temporary_folders()
        else:
            remove_leftovers(beside)
        prefix = f"nioc-{purpose}." if beside is None else _UNFINISHED_PREFIX
        self.owner = os.getpid()
        self._lock_handle: int | None = None
        while self._lock_handle is None:
            with _open_lock:
                if _exiting.is_set():  # in a daemon thread: nobody would remove the folder
                    raise SystemExit
                self._folder = tempfile.TemporaryDirectory(prefix=prefix, dir=beside, ignore_cleanup_errors=True)
                self.path = Path(self._folder.name)
                _open_folders.add(self)
            self._lock_handle = _try_lock(self.path)
            if self._lock_handle is None:  # another process took it for a leftover
                self.remove()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove the folder. Files that cannot be removed stay."""
        _restore_replaced(self.path)
        for _ in range(_REMOVAL_TRIES):
            shutil.rmtree(self.path, ignore_errors=True)
            if not self.path.exists():
                break
        self._folder.cleanup()
        _open_folders.discard(self)  # last: a process that ends meanwhile removes it at exit
        lock, self._lock_handle = self._lock_handle, None  # first: two threads may remove it at once
        if lock is not None:
            os.close(lock)


def is_scratch_folder(path: Path) -> bool:
    """Return whether a path is that of a temporary folder of this process."""
    return any(folder.path == path for folder in [*_open_folders])  # threads change it


@atexit.register
def remove_open_folders() -> None:
    """Remove the folders of threads that end with the program, and let them create no more."""
    with _open_lock:
        _exiting.set()
    for folder in [*_open_folders]:
        if folder.owner == os.getpid():  # a copy of the process has its parent's in the list too
            folder.remove()
    with contextlib.suppress(OSError):  # the empty folder in which this process started: its parent may be killed
        if _SCRATCH_NAME.fullmatch(Path.cwd().name):
            Path.cwd().rmdir()


@contextlib.contextmanager
def new_file_beside(target: Path) -> Iterator[tuple[int, Path]]:
    """Open a new file beside another, locked; it is removed at the end if it still has its name."""
    remove_leftovers(target.parent)
    while True:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:  # otherwise another process took it for a leftover
            break
        os.close(handle)
    try:
        yield handle, Path(name)
    finally:
        os.close(handle)
        Path(name).unlink(missing_ok=True)


def name_beside(target: Path) -> Path:
    """Return a new name of a temporary file beside another."""
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")


def link_locked(target: Path, name: Path) -> int:
    """Give a file a second name, locked until the returned handle is closed. It takes no room on the disk."""
    try:
        name.hardlink_to(target)
    except OSError:  # a drive without links
        shutil.copy2(target, name)
    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def remove_leftovers(folder: Path) -> None:
    """Remove our temporary files and folders in a folder if their processes have ended."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        names = [entry.path for entry in entries if _UNFINISHED_NAME.fullmatch(entry.name)]
        for name in names:
            _remove_leftover(Path(name))


@cache
def remove_temporary_folders() -> None:
    """Remove our temporary folders if their processes have ended; once per process of ours."""
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if _SCRATCH_NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                _remove_leftover(Path(entry.path))


def _remove_leftover(path: Path) -> None:
    """Remove a file or folder of ours unless it is in use. A folder that was being replaced goes back first."""
    if (lock := _try_lock(path)) is None:
        return
    try:
        if stat.S_ISREG(os.fstat(lock).st_mode):
            path.unlink(missing_ok=True)
        elif stat.S_ISDIR(os.fstat(lock).st_mode):
            _restore_replaced(path)
            shutil.rmtree(path, ignore_errors=True)
    except OSError:
        pass
    finally:
        os.close(lock)


def _restore_replaced(folder: Path) -> None:
    """Put the replaced folder of an unfinished one back in its place, if nothing is there."""
    old = folder / REPLACED_FOLDER_NAME
    if not folder.name.startswith(_UNFINISHED_PREFIX) or old.is_symlink() or not old.is_dir():
        return
    for entry in old.iterdir():
        if not os.path.lexists(folder.parent / entry.name):
            entry.rename(folder.parent / entry.name)


def _try_lock(path: Path | str) -> int | None:
    """Lock a file or folder of ours. Returns None if it is in use, gone, a link, or somebody else's."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        state = os.stat(path, follow_symlinks=False)  # noqa: PTH116 - compared with the lock's own
        if state.st_uid == os.geteuid() and os.path.samestat(state, os.fstat(lock)):
            return lock
    except OSError:
        pass
    os.close(lock)
    return None
