"""Temporary folders that a later run removes if their process was killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from types import TracebackType

_OURS = re.compile(r"nioc-[a-z]+\.[a-z0-9_]{8}")


class ScratchFolder:
    """A temporary folder, locked as long as its process lives; the lock goes with the process, however it ends."""

    def __init__(self, purpose: str) -> None:
        _remove_leftovers(tempfile.gettempdir())
        self._lock: int | None = None
        while self._lock is None:
            self._folder = tempfile.TemporaryDirectory(prefix=f"nioc-{purpose}.", ignore_cleanup_errors=True)
            self._lock = _locked(self._folder.name)
            if self._lock is None:  # another process took it for a leftover
                self._folder.cleanup()
        self.path = Path(self._folder.name)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove the folder. Files that cannot be removed stay."""
        self._folder.cleanup()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


@cache
def _remove_leftovers(temporary: str) -> None:
    """Remove our folders whose processes have ended; once for each process of ours."""
    with contextlib.suppress(OSError), os.scandir(temporary) as entries:
        for entry in entries:
            if _OURS.fullmatch(entry.name) and (lock := _locked(entry.path)) is not None:
                shutil.rmtree(entry.path, ignore_errors=True)
                os.close(lock)


def _locked(folder: str) -> int | None:
    """Lock a folder of ours. Returns None if it is in use, gone, a link, or somebody else's."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        state = os.stat(folder, follow_symlinks=False)  # noqa: PTH116 - compared with the lock's own
        if state.st_uid == os.geteuid() and os.path.samestat(state, os.fstat(lock)):
            return lock
    except OSError:
        pass
    os.close(lock)
    return None
