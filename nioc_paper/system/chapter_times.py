"""Whether a chapter's file was changed since the last command that read the paper, by the times of the files."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from nioc_paper.system.cache import Cache, cache_key

CHAPTER_FOLDERS = ("chapters", "paper/front", "paper/back")


def has_newer_chapter(root: Path, cache: Cache) -> bool:
    """Return whether the newest chapter is another one, or has another time, than at the last reading."""
    return cache.get(_key(root)) != _newest_time(root)


def store_newest_time(root: Path, cache: Cache) -> None:
    """Store the time of the newest chapter. Call before the chapters are read: a later change counts as one."""
    newest_time = _newest_time(root)
    if cache.get(_key(root)) != newest_time:
        cache.put(_key(root), newest_time)


def _key(root: Path) -> str:
    return cache_key("newest chapter", str(root.resolve()))


def _newest_time(root: Path) -> bytes:
    return str(max((time for folder in CHAPTER_FOLDERS for time in _times(root / folder)), default=0)).encode()


def _times(folder: Path) -> Iterator[int]:
    with contextlib.suppress(OSError), os.scandir(folder) as files:
        for file in files:
            with contextlib.suppress(OSError):  # it may have been removed meanwhile
                yield file.stat(follow_symlinks=False).st_mtime_ns
