"""A paper as an editor has it: read and checked with the texts that are not saved yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nioc_paper import check
from nioc_paper.load import SETTINGS_PATH, load, toolchain_hash
from nioc_paper.model import Diagnostic, Paper
from nioc_paper.system.cache import Cache

Clock = Callable[[Paper], date]
_MAX_ENTRIES = 1024


@dataclass(frozen=True, slots=True, eq=False)
class MemoryCache(Cache):
    """A cache that writes nothing: one keystroke's text is worth nothing after the next."""

    entries: dict[str, bytes] = field(default_factory=dict)

    def get(self, key: str) -> bytes | None:
        """The bytes kept under a key, here or on disk."""
        data = self.entries.pop(key, None) or Cache.get(self, key)
        if data is not None:
            self.entries[key] = data
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes, and forget what was asked for the longest ago."""
        self.entries[key] = data
        for old in list(self.entries)[:-_MAX_ENTRIES]:
            self.entries.pop(old, None)


@dataclass(frozen=True, slots=True)
class CheckedPaper:
    """The paper at a moment, what was wrong with it, and the texts that stood for files."""

    paper: Paper
    findings: tuple[Diagnostic, ...]
    buffers: Mapping[str, str]


def find_file_root(file: Path) -> Path | None:
    """The paper that a file is in."""
    return next((folder for folder in file.parents if (folder / SETTINGS_PATH).is_file()), None)


def check_with_buffers(root: Path, buffers: Mapping[str, str], cache: Cache, clock: Clock) -> CheckedPaper:
    """Read and check a paper."""
    findings: list[Diagnostic] = []
    paper = load(root, findings.append, cache, buffers)
    return CheckedPaper(paper, tuple(check.check(paper, clock(paper), findings, cache, toolchain_hash())), buffers)
