"""Cache of derived bytes by content hash. A damaged entry is a miss, never a wrong answer.

A cache can come with a stranger's folder. Each entry is signed with a secret of the user, so that a forged one is a
miss too; no link is followed, and only files named like entries are removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import stat
import tempfile
from collections.abc import Callable
from functools import cache as once
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from nioc_paper.system import safe_read

if TYPE_CHECKING:
    from msgspec import msgpack

FOLDER_VARIABLE = "NIOC_CACHE_DIR"
"""Environment variable for a folder that several papers may share: entries are named by content."""
_MAX_ENTRIES, _MAX_BYTES = 20_000, 600 * 2**20
"""Limits of all entries together; the least recently used go first."""
_ENTRY_NAME = re.compile(r"[0-9a-f]{64}(\.[a-z]+)?|\.nioc-[a-z0-9_]{8}")
KEPT_SUFFIX = ".undo"
"""End of the names of entries that are removed by name only."""
_TEMPORARY_PREFIX = ".nioc-"
_SECRET_NAME, _SECRET_BYTES = "cache-secret", 32
_TRIM_INTERVAL, _TRIM_BYTES = 512, 32 * 2**20
"""Entries, and bytes, that are put between two trims: looking at 4,000 entries takes as long as putting 400."""


class Cache:
    """Entries in a directory; None stores nothing. Each entry carries its own hash."""

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory

    @classmethod
    def for_paper(cls, root: Path) -> Self:
        """Return the cache of a paper: `.cache/nioc` in its folder, or the folder in NIOC_CACHE_DIR."""
        if folder := os.environ.get(FOLDER_VARIABLE):
            return cls(Path(folder))
        path = root / ".cache" / "nioc"
        return cls(None if path.is_symlink() or path.parent.is_symlink() else path)

    def get(self, key: str) -> bytes | None:
        """Return the bytes under a key, or None."""
        if self.directory is None:
            return None
        try:
            entry = safe_read.read(self.directory, key, _MAX_BYTES)
            os.utime(self.directory / key, follow_symlinks=False)
        except OSError:
            return None
        digest, _, data = entry.partition(b"\n")
        return data if hmac.compare_digest(_sign(key, data), digest) else None

    def has(self, key: str) -> bool:
        """Return whether there is an entry under a key; only `get` tells whether it is whole."""
        return self.directory is not None and (self.directory / key).is_file()

    def put(self, key: str, data: bytes) -> None:
        """Store bytes under a key; failure to write is not an error."""
        if self.directory is None:
            return
        with contextlib.suppress(OSError):
            self.directory.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.directory, prefix=_TEMPORARY_PREFIX)
            digest = _sign(key, data)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(digest + b"\n" + data)
                Path(name).replace(self.directory / key)
            except OSError:  # on a full disk a partial entry would only take room
                _remove_entry(Path(name))
                return
            # Random, because most processes put only a few entries.
            if int(digest[:8], 16) / 2**32 < 1 / _TRIM_INTERVAL + len(data) / _TRIM_BYTES:
                weight = 0
                for number, (entry, size) in enumerate(self._entries()):
                    weight += size
                    if number >= _MAX_ENTRIES or weight > _MAX_BYTES:
                        _remove_entry(Path(entry))

    def get_or_create(self, key: str, create: Callable[[], bytes]) -> bytes:
        """Return the bytes under a key; if there are none, those of `make`, which are stored."""
        if (data := self.get(key)) is None:
            data = create()
            self.put(key, data)
        return data

    def get_or_make(self, key: str, make: Callable[[], object], kind: Any = Any) -> Any:
        """Return the value of this type under a key; if there is none, that of `make`, which is stored."""
        from msgspec import msgpack  # late: it delays the start of a program that may need no entry

        if (data := self.get(key)) is None:
            value = make()
            try:
                data = msgpack.encode(value)
            except UnicodeEncodeError:  # a name of a file that is no text
                return value
            self.put(key, data)
        return decoder(kind).decode(data)

    def remove(self, key: str) -> None:
        """Remove the entry under a key, if there is one."""
        if self.directory is not None:
            _remove_entry(self.directory / key)

    def clear(self) -> int:
        """Remove all entries; returns the number of bytes freed."""
        return sum(size for entry, size in self._entries() if _remove_entry(Path(entry)))

    def _entries(self) -> list[tuple[str, int]]:
        """Return the paths of the entries with their sizes, most recently used first."""
        if self.directory is None:
            return []
        entries = list[tuple[int, str, int]]()
        with contextlib.suppress(OSError), os.scandir(self.directory) as files:
            for file in files:
                with contextlib.suppress(OSError):  # another process may have removed it
                    is_entry = _ENTRY_NAME.fullmatch(file.name) and not file.name.endswith(KEPT_SUFFIX)
                    if is_entry and file.is_file(follow_symlinks=False):
                        state = file.stat(follow_symlinks=False)
                        entries.append((state.st_mtime_ns, file.path, state.st_size))
        return [(path, size) for _, path, size in sorted(entries, reverse=True)]


NO_CACHE = Cache()
_decoder_lock = Lock()


@once
def decoder(kind: Any) -> msgpack.Decoder[Any]:
    """Return the decoder of a type. Two threads that make those of the same records at once would crash."""
    from msgspec import msgpack

    with _decoder_lock:
        return msgpack.Decoder(kind)


def _remove_entry(entry: Path) -> bool:
    """Remove an entry. Returns False if it is not a file, or cannot be removed."""
    try:
        entry.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _sign(key: str, data: bytes) -> bytes:
    """Return the signature at the start of an entry: this user stored these bytes, under this key only."""
    digest = hmac.new(_user_secret(), key.encode() + b"\n", "sha256")
    digest.update(data)
    return digest.hexdigest().encode()


@once
def _user_secret() -> bytes:
    """Return the user's secret, created on first use; one of this process if no folder can hold it."""
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    for folder in (Path(state).expanduser() / "nioc_paper", Path(tempfile.gettempdir(), f"nioc-state-{os.geteuid()}")):
        with contextlib.suppress(OSError, RuntimeError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = folder.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022:
                return _load_or_create_secret(folder)
    return os.urandom(_SECRET_BYTES)


def _load_or_create_secret(folder: Path) -> bytes:
    """Return the secret in a folder of the user's. If two processes create it, both get the first one."""
    with contextlib.suppress(OSError):
        if len(secret := safe_read.read(folder, _SECRET_NAME, 1000)) == _SECRET_BYTES:
            return secret
    handle, name = tempfile.mkstemp(dir=folder, prefix=_TEMPORARY_PREFIX)
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(_SECRET_BYTES))
    with contextlib.suppress(FileExistsError):
        os.link(name, folder / _SECRET_NAME)
    Path(name).unlink()
    return safe_read.read(folder, _SECRET_NAME, 1000)


def cache_key(*parts: str | bytes) -> str:
    """Return a key for what is derived from these parts."""
    digest = hashlib.sha256()
    for part in parts:
        # File names need not be UTF-8: other bytes are lone surrogates in Python.
        data = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
