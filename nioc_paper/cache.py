"""Derived bytes by the hash of what they were derived from. A damaged entry is a miss, never a wrong answer."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

FOLDER_VARIABLE = "NIOC_CACHE_DIR"
"""Several papers may share a folder: an entry is named for its content."""
_MOST, _BYTES = 4000, 600 * 2**20
"""Entries that are kept, those used last, and how much they may weigh together."""
_EVERY = 64
"""Entries are counted and weighed once for so many that are put in: looking at all of them takes a while."""


@dataclass(frozen=True, slots=True)
class Cache:
    """Entries in a directory; None keeps nothing. Each entry carries its own hash."""

    directory: Path | None = None

    @classmethod
    def of(cls, root: Path) -> Self:
        """The cache of the paper in a folder: `.cache/nioc` in it, or the folder that NIOC_CACHE_DIR names."""
        folder = os.environ.get(FOLDER_VARIABLE)
        return cls(Path(folder) if folder else root / ".cache" / "nioc")

    def get(self, key: str) -> bytes | None:
        """The bytes kept under a key, or None."""
        if self.directory is None:
            return None
        try:
            file = self.directory / key
            with file.open("rb") as entry:
                digest, data = entry.readline(), entry.read()
            os.utime(file)
        except OSError:
            return None
        return data if _digest(key, data) == digest[:-1] else None

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes under a key; a cache that cannot be written is no error."""
        if self.directory is None:
            return
        with contextlib.suppress(OSError):
            self.directory.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.directory, prefix=".")
            digest = _digest(key, data)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(digest + b"\n" + data)
                Path(name).replace(self.directory / key)
            except OSError:  # on a full disk what there is of it would only take room
                _gone(Path(name))
                return
            # By chance, as it were: most processes put in a few entries only.
            if int(digest[:8], 16) % _EVERY == 0:
                self._trim()

    def made(self, key: str, make: Callable[[], bytes]) -> bytes:
        """The bytes kept under a key; what `make` gives, which is kept from then on, where there are none."""
        data = self.get(key)
        if data is None:
            data = make()
            self.put(key, data)
        return data

    def clear(self) -> int:
        """Forget everything; how many bytes that were."""
        return sum(size for entry, size in self._entries() if _gone(entry))

    def _trim(self) -> None:
        weight = 0
        for number, (entry, size) in enumerate(self._entries()):
            weight += size
            if number >= _MOST or weight > _BYTES:
                _gone(entry)

    def _entries(self) -> list[tuple[Path, int]]:
        """The entries with their sizes, those used last first."""
        if self.directory is None or not self.directory.is_dir():
            return []
        told = []
        for entry in self.directory.iterdir():
            with contextlib.suppress(OSError):  # another process may have taken it
                told.append((entry, entry.lstat()))
        return [(entry, stat.st_size) for entry, stat in sorted(told, key=lambda pair: -pair[1].st_mtime_ns)]


NO_CACHE = Cache()


def _gone(entry: Path) -> bool:
    """Remove an entry; False for what is none, such as a folder, and for what cannot be removed."""
    try:
        entry.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _digest(key: str, data: bytes) -> bytes:
    """What an entry begins with: it is of these bytes, and under no other key."""
    digest = hashlib.sha256(key.encode() + b"\n")
    digest.update(data)
    return digest.hexdigest().encode()


def key(*parts: str | bytes) -> str:
    """A name for what is derived from these parts."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
