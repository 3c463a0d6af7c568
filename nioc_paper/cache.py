"""Derived bytes by the hash of what they were derived from. A damaged entry is a miss, never a wrong answer."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_LIMIT = 2000
"""Entries kept, the newest."""


@dataclass(frozen=True, slots=True)
class Cache:
    """Entries in a directory; None keeps nothing. Each entry carries its own hash."""

    directory: Path | None = None

    @classmethod
    def of(cls, root: Path) -> Self:
        """The cache of the paper in a folder."""
        return cls(root / ".cache" / "nioc")

    def get(self, key: str) -> bytes | None:
        """The bytes kept under a key, or None."""
        if self.directory is None:
            return None
        try:
            digest, _, data = (self.directory / key).read_bytes().partition(b"\n")
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest().encode() == digest else None

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes under a key; a cache that cannot be written is no error."""
        if self.directory is None:
            return
        with contextlib.suppress(OSError):
            self.directory.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.directory, prefix=".")
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
            Path(name).replace(self.directory / key)
            self._trim()

    def _trim(self) -> None:
        assert self.directory is not None
        entries = sorted(self.directory.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)
        for entry in entries[_LIMIT:]:
            entry.unlink(missing_ok=True)


def key(*parts: str | bytes) -> str:
    """A name for what is derived from these parts."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
