"""Compare files of a work tree with the blobs of a commit, without git, which would run the repository's filters.

A file is unchanged if its blob is one of three: its bytes; its Git LFS pointer; its text with line feeds, for a
repository that converts line ends.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from nioc_paper.system import confined

_MAX_BYTES = 2**30
"""A larger file counts as changed: reading it would take too long."""
_READ_AT_ONCE_BYTES = 2**20
_MAX_TEXT_BYTES = 64 * 2**20
"""A larger file is not a text whose line ends a repository converts."""
_LFS_POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"
_TEXT_SAMPLE_BYTES = 8000
"""Bytes in which git looks for a NUL, which a text does not have."""
_FRESH_NS = 2_000_000_000
"""Age up to which a file may change again without a new time: some disks count whole seconds."""
LINK_MODE, SUBMODULE_MODE = "120000", "160000"


class GitEntry(NamedTuple):
    """File in a tree or in the index."""

    mode: str
    hash: str
    is_sparse: bool = False
    """Whether a sparse checkout leaves it out of the work tree."""


class BlobContent(NamedTuple):
    """File as stored in a commit."""

    mode: str
    data: bytes


def walk_files(root: Path, should_enter: Callable[[str], bool]) -> Iterator[str]:
    """Yield the files below a folder by path, links too.

    Enters folders for which `should_enter` is true, never links.
    """
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    path = folder + entry.name
                    if not entry.is_dir(follow_symlinks=False):
                        yield path
                    elif entry.name != ".git" and should_enter(path):
                        pending.append(f"{path}/")
        except OSError:  # gone, or not ours to read: its files count as gone
            continue


def read_states(root: Path, paths: Iterable[str]) -> dict[str, os.stat_result]:
    """Return the states of files and links by path. Left out are folders, and everything below a link."""
    states: dict[str, os.stat_result] = {}
    folders = {"": True}

    def is_folder(path: str) -> bool:
        if path not in folders:
            state = _read_state(f"{root}/{path}") if is_folder(path.rpartition("/")[0]) else None
            folders[path] = state is not None and stat.S_ISDIR(state.st_mode)
        return folders[path]

    for path in paths:
        state = _read_state(f"{root}/{path}") if is_folder(path.rpartition("/")[0]) else None
        if state is not None and not stat.S_ISDIR(state.st_mode):
            states[path] = state
    return states


def _read_state(file: str) -> os.stat_result | None:
    try:
        return os.lstat(file)
    except OSError:
        return None


def is_unchanged(root: Path, path: str, state: os.stat_result, blob: str, known: MutableMapping[str, str]) -> bool:
    """Return whether a file or link in this state has the content of a commit's blob, given by its hash.

    `known` has the state of files that had it when they were read. It gets those read now, unless they were written a
    moment ago: then a second change might leave the same times.
    """
    stamp = f"{blob} {state.st_ino} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}"
    if known.get(path) == stamp:
        return True
    if not _has_blob(root / path, stamp):
        return False
    if is_settled(state.st_ctime_ns):
        known[path] = stamp
    return True


def is_settled(changed_ns: int) -> bool:
    """Return whether a file that last changed at this time would get another time with the next change."""
    return abs(time.time_ns() - changed_ns) > _FRESH_NS


@lru_cache(maxsize=10_000)  # a command asks up to three times
def _has_blob(file: Path, stamp: str) -> bool:
    blob = stamp.partition(" ")[0]
    return blob in _possible_blobs(file, "sha256" if len(blob) == 64 else "sha1")


def read_mode_and_content(root: Path, path: str) -> BlobContent | None:
    """Return mode and bytes of a file or link as a commit stores them; None if there is none. Raises ConfinedError."""
    file = root / path
    try:
        mode = file.lstat().st_mode
        if stat.S_ISLNK(mode):
            return BlobContent(LINK_MODE, os.fsencode(file.readlink()))
    except OSError:
        return None
    return BlobContent("100755" if mode & stat.S_IXUSR else "100644", confined.read(root, path, _MAX_BYTES))


def with_line_feeds(data: bytes) -> bytes:
    """Return a text with only line feeds at the ends of its lines; binary data as it is."""
    return data if b"\0" in data[:_TEXT_SAMPLE_BYTES] else data.replace(b"\r\n", b"\n")


def _possible_blobs(file: Path, algorithm: str) -> Iterator[str]:
    """Yield the hashes of the blobs that a commit may have for a file."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        with contextlib.suppress(OSError):  # no link, or gone
            yield _blob_hash(algorithm, os.fsencode(file.readlink()))
        return
    with os.fdopen(handle, "rb") as opened:
        state = os.fstat(handle)
        if stat.S_ISREG(state.st_mode) and state.st_size <= _MAX_BYTES:
            yield from _blobs_of_regular_file(opened, state.st_size, algorithm)


def _blobs_of_regular_file(opened: io.BufferedReader, size: int, algorithm: str) -> Iterator[str]:
    if size <= _READ_AT_ONCE_BYTES:
        yield _blob_hash(algorithm, opened.read())
    else:
        yield hashlib.file_digest(opened, lambda: _start_blob_hash(algorithm, size)).hexdigest()
    opened.seek(0)
    pointer = _LFS_POINTER.format(hashlib.file_digest(opened, "sha256").hexdigest(), size)
    yield _blob_hash(algorithm, pointer.encode())
    if size > _MAX_TEXT_BYTES:
        return
    opened.seek(0)
    data = opened.read()
    if (text := with_line_feeds(data)) != data:
        yield _blob_hash(algorithm, text)


def _blob_hash(algorithm: str, data: bytes) -> str:
    hasher = _start_blob_hash(algorithm, len(data))
    hasher.update(data)
    return hasher.hexdigest()


def _start_blob_hash(algorithm: str, size: int) -> hashlib._Hash:
    """Start the hash of a blob of this size."""
    return hashlib.new(algorithm, f"blob {size}\0".encode(), usedforsecurity=False)
