"""Undo note: what a command has changed in a paper so far, so that it can be rolled back unless the command ends well.

The note is an entry of the cache, signed with the user's secret and named by the place of the paper: no folder brings
one. Each change is noted before it is made.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.scratch import remove_leftovers

_open_notes: list[UndoNote] = []
"""Note of the command that is under way; none for commands that change no paper."""


class UndoNote:
    """Changes of one command: files, the lock of git's index, commits."""

    def __init__(self, root: Path) -> None:
        self.root, self.cache = Path(os.path.realpath(root)), Cache.for_paper(root)
        self.key = cache_key("undo", str(self.root))
        self.entries: dict[str, Any] = json.loads(self.cache.get(self.key) or b"{}")

    def begin(self) -> None:
        """Note from now on what this process changes."""
        _open_notes.append(self)

    def close(self) -> None:
        """Forget the changes: they are complete, or rolled back."""
        _open_notes.clear()
        if self.entries and self.cache.directory:
            (self.cache.directory / self.key).unlink(missing_ok=True)
        self.entries = {}

    def add(self, **values: Any) -> None:
        """Note some values."""
        self.entries |= values
        self.cache.put(self.key, json.dumps(self.entries).encode())

    def restore_files(self) -> None:
        """Write the files as they were before, unless somebody has changed them since."""
        for name, (before, after) in self.entries.get("files", {}).items():
            file = Path(name)
            if Path(os.path.realpath(file)) != file:  # a link has come between
                continue
            if _hash(file.read_bytes() if file.is_file() else None) not in after:
                continue
            if before is None:
                file.unlink(missing_ok=True)
                with contextlib.suppress(OSError):
                    file.parent.rmdir()  # if it is empty
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                replacement = file.with_name(f".{file.name}.restored.tmp")
                replacement.write_bytes(b64decode(before))
                replacement.replace(file)
        for name in self.entries.get("files", {}):
            remove_leftovers(Path(name).parent)


def note_file(target: Path, data: bytes | None) -> None:
    """Note that a file is about to be replaced by these bytes, or removed if they are None."""
    for note in _open_notes:
        file = Path(os.path.realpath(target.parent)) / target.name
        if file.is_relative_to(note.root) and not target.is_symlink():
            note.add(files=_with_file(note, file, data))


def _with_file(note: UndoNote, file: Path, data: bytes | None) -> dict[str, Any]:
    """Return the noted files with one that is about to have these bytes: each as it was first, and all later hashes."""
    files: dict[str, Any] = note.entries.get("files", {})
    before = b64encode(file.read_bytes()).decode() if str(file) not in files and file.exists() else None
    first, hashes = files.get(str(file), (before, []))
    return files | {str(file): (first, [*hashes, _hash(data)])}


def note_lock(lock: Path, inode: int | None) -> None:
    """Note that the lock of git's index is about to be a file with this inode; None: that it is not ours."""
    for note in _open_notes:
        note.add(lock=[str(lock), inode])


def note_index(index: Path, data: bytes) -> None:
    """Note that git's index is about to be replaced by these bytes; the repository may be around the paper."""
    for note in _open_notes:
        note.add(files=_with_file(note, index, data))


def note_commit(old: str, commit: str, index: Path) -> None:
    """Note that a branch is about to move to a commit, and git's index as git has completed it."""
    for note in _open_notes:
        if str(index) in note.entries.get("files", {}):
            note_index(index, index.read_bytes())
        commits = [*note.entries.get("commits", []), commit]
        note.add(parent=note.entries.get("parent", old), commits=commits)


def _hash(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()
