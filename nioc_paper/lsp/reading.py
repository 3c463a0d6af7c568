"""A paper as an editor has it: read and checked with the texts that are not saved yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nioc_paper import check
from nioc_paper.cache import Cache
from nioc_paper.load import SETTINGS, load, means
from nioc_paper.model import Diagnostic, Paper

Today = Callable[[Paper], date]
_KEPT = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Memory(Cache):
    """A cache that writes nothing: one keystroke's text is worth nothing after the next."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def get(self, key: str) -> bytes | None:
        """The bytes kept under a key, here or on disk."""
        found = self.kept.pop(key, None) or Cache.get(self, key)
        if found is not None:
            self.kept[key] = found
        return found

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes, and forget what was asked for the longest ago."""
        self.kept[key] = data
        for old in list(self.kept)[:-_KEPT]:
            self.kept.pop(old, None)


@dataclass(frozen=True, slots=True)
class Reading:
    """The paper at a moment, what was wrong with it, and the texts that stood for files."""

    paper: Paper
    findings: tuple[Diagnostic, ...]
    texts: Mapping[str, str]


def root_of(file: Path) -> Path | None:
    """The paper that a file is in."""
    return next((folder for folder in file.parents if (folder / SETTINGS).is_file()), None)


def read(root: Path, texts: Mapping[str, str], cache: Cache, today: Today) -> Reading:
    """Read and check a paper."""
    found: list[Diagnostic] = []
    paper = load(root, found.append, cache, texts)
    return Reading(paper, tuple(check.check(paper, today(paper), found, cache, means())), texts)
