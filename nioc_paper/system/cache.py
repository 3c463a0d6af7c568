"""Derived bytes by the hash of what they were derived from. A damaged entry is a miss, never a wrong answer.

A cache can come with a stranger's folder. Each entry is signed with a secret of the user, so that a forged one is a
miss too; no link is followed, and nothing is removed but files with names of entries.
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
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path
from typing import Self

from nioc_paper.system import confined

FOLDER_VARIABLE = "NIOC_CACHE_DIR"
"""Several papers may share a folder: an entry is named for its content."""
_MAX_ENTRIES, _MAX_BYTES = 4000, 600 * 2**20
"""Entries that are kept, those used last, and how much they may weigh together."""
_ENTRY_NAME = re.compile(r"[0-9a-f]{64}(\.[a-z]+)?|\.nioc-[a-z0-9_]{8}")
_TEMPORARY_PREFIX = ".nioc-"
_SECRET_NAME, _SECRET_BYTES = "cache-secret", 32
_TRIM_INTERVAL = 64
"""Entries are counted and weighed once for so many that are put in: looking at all of them takes a while."""


@dataclass(frozen=True, slots=True)
class Cache:
    """Entries in a directory; None keeps nothing. Each entry carries its own hash."""

    directory: Path | None = None

    @classmethod
    def for_paper(cls, root: Path) -> Self:
        """The cache of the paper in a folder: `.cache/nioc` in it, or the folder that NIOC_CACHE_DIR names."""
        if folder := os.environ.get(FOLDER_VARIABLE):
            return cls(Path(folder))
        path = root / ".cache" / "nioc"
        return cls(None if path.is_symlink() or path.parent.is_symlink() else path)

    def get(self, key: str) -> bytes | None:
        """The bytes kept under a key, or None."""
        if self.directory is None:
            return None
        try:
            entry = confined.read_unaudited(self.directory, key, _MAX_BYTES)
            os.utime(self.directory / key, follow_symlinks=False)
        except OSError:
            return None
        digest, _, data = entry.partition(b"\n")
        return data if hmac.compare_digest(_sign(key, data), digest) else None

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes under a key; a cache that cannot be written is no error."""
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
            except OSError:  # on a full disk what there is of it would only take room
                _remove_entry(Path(name))
                return
            # By chance, as it were: most processes put in a few entries only.
            if int(digest[:8], 16) % _TRIM_INTERVAL == 0:
                self._trim()

    def get_or_create(self, key: str, create: Callable[[], bytes]) -> bytes:
        """The bytes kept under a key; what `make` gives, which is kept from then on, where there are none."""
        data = self.get(key)
        if data is None:
            data = create()
            self.put(key, data)
        return data

    def clear(self) -> int:
        """Forget everything; how many bytes that were."""
        return sum(size for entry, size in self._entries() if _remove_entry(entry))

    def _trim(self) -> None:
        weight = 0
        for number, (entry, size) in enumerate(self._entries()):
            weight += size
            if number >= _MAX_ENTRIES or weight > _MAX_BYTES:
                _remove_entry(entry)

    def _entries(self) -> list[tuple[Path, int]]:
        """The entries with their sizes, those used last first."""
        if self.directory is None or not self.directory.is_dir():
            return []
        entries = []
        for entry in self.directory.iterdir():
            with contextlib.suppress(OSError):  # another process may have taken it
                state = entry.lstat()
                if _ENTRY_NAME.fullmatch(entry.name) and stat.S_ISREG(state.st_mode):
                    entries.append((entry, state))
        return [(entry, stat.st_size) for entry, stat in sorted(entries, key=lambda pair: -pair[1].st_mtime_ns)]


NO_CACHE = Cache()


def _remove_entry(entry: Path) -> bool:
    """Remove an entry; False for what is none, such as a folder, and for what cannot be removed."""
    try:
        entry.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _sign(key: str, data: bytes) -> bytes:
    """The signature that an entry begins with: this user has kept these bytes, under no other key."""
    digest = hmac.new(_user_secret(), key.encode() + b"\n", "sha256")
    digest.update(data)
    return digest.hexdigest().encode()


@once
def _user_secret() -> bytes:
    """Return the user's secret, made when it is first needed; one of this process if no folder can hold it."""
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    for folder in (Path(state).expanduser() / "nioc_paper", Path(tempfile.gettempdir(), f"nioc-state-{os.geteuid()}")):
        with contextlib.suppress(OSError, RuntimeError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = folder.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022:
                return _load_or_create_secret(folder)
    return os.urandom(_SECRET_BYTES)


def _load_or_create_secret(folder: Path) -> bytes:
    """Return the secret in a folder of the user's. Of two processes that make it, both get that of the first."""
    with contextlib.suppress(OSError):
        if len(secret := confined.read_unaudited(folder, _SECRET_NAME, 1000)) == _SECRET_BYTES:
            return secret
    handle, name = tempfile.mkstemp(dir=folder, prefix=_TEMPORARY_PREFIX)
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(_SECRET_BYTES))
    with contextlib.suppress(FileExistsError):
        os.link(name, folder / _SECRET_NAME)
    Path(name).unlink()
    return confined.read_unaudited(folder, _SECRET_NAME, 1000)


def cache_key(*parts: str | bytes) -> str:
    """A name for what is derived from these parts."""
    digest = hashlib.sha256()
    for part in parts:
        # Names of files need not be UTF-8: what is not is a lone surrogate in Python.
        data = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
