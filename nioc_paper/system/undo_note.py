"""Undo note: what a command has changed in a paper so far, so that it can be rolled back unless the command ends well.

The note is an entry of the cache, signed with the user's secret and named by the place of the paper: no folder brings
one. Each change is noted before it is made.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nioc_paper.system.cache import KEPT_SUFFIX, Cache, cache_key
from nioc_paper.system.scratch import link_locked, name_beside, remove_leftovers

_open_notes: list[UndoNote] = []
"""Note of the command that is under way; none for commands that change no paper."""


class UndoNote:
    """Changes of one command: files, the lock of git's index, commits.

    A file that is replaced keeps a second name beside it until the command is over: it comes back on a full disk, too.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.cache = Path(os.path.realpath(root)), Cache.for_paper(root)
        self.key = f"{cache_key('undo', str(self.root))}{KEPT_SUFFIX}"
        self.entries: dict[str, Any] = json.loads(self.cache.get(self.key) or b"{}")
        self._handles: list[int] = []

    def begin(self) -> None:
        """Note from now on what this process changes."""
        _open_notes.append(self)

    def close(self) -> None:
        """Forget the changes: they are complete, or rolled back."""
        _open_notes.clear()
        if self.entries:
            self.add(is_over=True)
            for _, (backup, _) in self._files():
                Path(backup).unlink(missing_ok=True) if backup else None
            self.cache.remove(self.key)
        while self._handles:
            os.close(self._handles.pop())
        self.entries = {}

    def add(self, **values: Any) -> None:
        """Note some values."""
        self.entries |= values
        self.cache.put(self.key, json.dumps(self.entries).encode())

    def add_file(self, file: Path, data: bytes | None) -> None:
        """Note that a file is about to have these bytes, or to be removed if they are None."""
        files = self.entries.get("files", {})
        is_first = str(file) not in files
        backup, hashes = files.get(str(file), (str(name_beside(file)) if file.exists() else "", []))
        self.add(files=files | {str(file): (backup, [*hashes, _hash(data)])})
        if is_first and backup:
            self._handles.append(link_locked(file, Path(backup)))

    def restore_files(self) -> None:
        """Give the files their old content, unless somebody has changed them since."""
        for file, (backup, hashes) in self._files():
            if _hash(file.read_bytes() if file.is_file() else None) not in hashes:
                continue
            if not backup:
                file.unlink(missing_ok=True)
            elif Path(backup).is_file():
                Path(backup).replace(file)
        for file, _ in self._files():
            remove_leftovers(file.parent)
            with contextlib.suppress(OSError):  # it is not empty
                for folder in file.parents:
                    folder.rmdir()

    def _files(self) -> Iterator[tuple[Path, tuple[str, Sequence[str]]]]:
        """Yield the noted files, without those that a link leads to by now."""
        for name, (backup, hashes) in self.entries.get("files", {}).items():
            if os.path.realpath(name) == name and (not backup or os.path.realpath(backup) == backup):
                yield Path(name), (backup, hashes)


def note_file(target: Path, data: bytes | None) -> None:
    """Note that a file is about to be replaced by these bytes, or removed if they are None."""
    for note in _open_notes:
        file = Path(os.path.realpath(target.parent)) / target.name
        if file.is_relative_to(note.root) and not target.is_symlink():
            note.add_file(file, data)


def note_lock(lock: Path, inode: int | None) -> None:
    """Note that the lock of git's index is about to be a file with this inode; None: that it is not ours."""
    for note in _open_notes:
        note.add(lock=[str(lock), inode])


def note_index(index: Path, data: bytes) -> None:
    """Note that git's index is about to be replaced by these bytes; the repository may be around the paper."""
    for note in _open_notes:
        note.add_file(index, data)


def note_commit(old: str, commit: str, index: Path) -> None:
    """Note that a branch is about to move to a commit, and git's index as git has completed it."""
    for note in _open_notes:
        if str(index) in note.entries.get("files", {}):
            note_index(index, index.read_bytes())
        commits = [*note.entries.get("commits", []), commit]
        note.add(parent=note.entries.get("parent", old), commits=commits)


def _hash(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()
