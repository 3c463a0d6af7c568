"""Read files below a folder: regular ones of limited size, reached through no link.

A folder may come from a stranger. A link could lead to any file of the reader, a named pipe never ends, and /dev/zero
has no end. Each file is opened once, step by step from the folder, so that nobody can exchange it between a check and
the reading. The folder itself may be a link.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
MAX_FILES = 10_000
"""Maximum number of files listed below a folder."""


class ConfinedError(OSError):
    """File that may not be read; the message gives the reason, as the end of a sentence about it."""


def read(root: Path, path: str, limit: int) -> bytes:
    """Return the bytes of the file at `path` below `root`. Raises ConfinedError."""
    with _open_regular(root, path, limit) as file, open(file, "rb", closefd=False) as stream:
        data = stream.read(min(limit, os.fstat(file).st_size) + 1)  # memory is allocated for the whole size asked for
    if len(data) > limit:
        raise ConfinedError(f"has more than {limit} bytes")
    return data


def read_given(root: Path, file: Path, limit: int) -> bytes:
    """Return the bytes of a file that the user names, which may be anywhere. Raises ConfinedError.

    Below `root` it is read as any other file there; elsewhere links are the user's own.
    """
    path = Path(os.path.relpath(file, root))
    if path.parts[:1] != (os.pardir,):
        return read(root, path.as_posix(), limit)
    real = Path(os.path.realpath(file))
    return read(real.parent, real.name, limit)


def require_readable(root: Path, path: str, limit: int) -> None:
    """Raise ConfinedError if `read` would."""
    with _open_regular(root, path, limit):
        pass


@contextlib.contextmanager
def _open_regular(root: Path, path: str, limit: int) -> Iterator[int]:
    try:
        with _open_below(root, path, _FILE_FLAGS) as file:
            _require_regular(os.fstat(file), limit)
            yield file
    except ConfinedError:
        raise
    except (OSError, ValueError) as error:
        raise _to_confined_error(error) from error


def _require_regular(state: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise ConfinedError("is not a regular file")
    if state.st_size > limit:
        raise ConfinedError(f"has {state.st_size} bytes; {limit} are allowed")


def hash_file(root: Path, path: str, limit: int) -> str:
    """Return the SHA-256 hash of the file at `path` below `root`. Raises ConfinedError."""
    with _open_regular(root, path, limit) as file, open(file, "rb", closefd=False) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_state(root: Path, path: str, limit: int) -> tuple[int, ...]:
    """Return size, times and inode of a file, which change with its content. Raises ConfinedError."""
    with _open_regular(root, path, limit) as file:
        state = os.fstat(file)
        return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino, state.st_dev


def walk_files(root: Path, folder: str) -> Iterator[str]:
    """Yield the paths of all files below a folder of `root`, at most MAX_FILES, by name. A link counts as a file."""
    pending, count = [folder], 0
    while pending:
        current = pending.pop(0)
        for name, is_folder in list_folder(root, current):
            path = f"{current}/{name}"
            if is_folder:
                pending.append(path)
            elif (count := count + 1) <= MAX_FILES:
                yield path


def list_folder(root: Path, folder: str) -> list[tuple[str, bool]]:
    """Return the sorted names in a folder, each with whether it is a folder; none if it is unreadable or a link."""
    with (
        contextlib.suppress(OSError, ValueError),
        _open_below(root, folder, _FOLDER_FLAGS) as opened,
        os.scandir(opened) as scanned,
    ):
        return sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in scanned)
    return []


@contextlib.contextmanager
def _open_below(root: Path, path: str, flags: int) -> Iterator[int]:
    """Open a file or folder below `root`, step by step."""
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or parts[0] == "/":
        raise ConfinedError("is outside the paper")
    if "\0" in path:
        raise ConfinedError("has a name that no disk can hold")
    current = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for number, part in enumerate(parts, 1):
            below = os.open(part, flags if number == len(parts) else _FOLDER_FLAGS, dir_fd=current)
            current, above = below, current
            os.close(above)  # last: an interrupt behind it would close it again, or a file of another thread
        yield current
    finally:
        os.close(current)


def _to_confined_error(error: OSError | ValueError) -> ConfinedError:
    code = getattr(error, "errno", None)
    if code in {errno.ELOOP, errno.EMLINK}:
        return ConfinedError("is reached through a symbolic link")
    if code in (errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP):  # a socket, or a device without a driver
        return ConfinedError("is not a regular file")
    return ConfinedError(f"cannot be read: {getattr(error, 'strerror', None) or error}")
