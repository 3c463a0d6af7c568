"""A paper that somebody is editing: read and checked with unsaved buffers, and with a cache in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nioc_paper.app.project import CheckedPaper, LoadedPaper, Project
from nioc_paper.check import check
from nioc_paper.load import load, toolchain_hash
from nioc_paper.model import Diagnostic
from nioc_paper.system.cache import Cache

_MAX_ENTRIES = 1024


class MemoryCache(Cache):
    """A cache that reads from disk and writes to memory only: the text of one keystroke is soon outdated."""

    def __init__(self, directory: Path | None = None) -> None:
        super().__init__(directory)
        self.entries: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, from memory or from disk; None if there are none."""
        data = self.entries.pop(key, None) or Cache.get(self, key)
        if data is not None:
            self.entries[key] = data
        return data

    def put(self, key: str, data: bytes) -> None:
        """Put bytes under a key, and drop the least recently used ones."""
        self.entries[key] = data
        for old in list(self.entries)[:-_MAX_ENTRIES]:
            self.entries.pop(old, None)


def with_memory_cache(project: Project) -> Project:
    """Return the project with a cache of its own in memory."""
    return Project(project.root, today=project.fixed_today, cache=MemoryCache.for_paper(project.root))


def load_with_buffers(project: Project, buffers: Mapping[str, str] = {}) -> LoadedPaper:
    """Read the paper, with buffers in place of files. Approvals are not looked up in git: that takes too long."""
    findings: list[Diagnostic] = []
    paper = load(project.root, findings.append, project.cache, buffers)
    return LoadedPaper(paper, tuple(findings))


def check_loaded(project: Project, loaded: LoadedPaper) -> tuple[Diagnostic, ...]:
    """Check a paper without asking git."""
    return tuple(check(loaded.paper, project.today(loaded.paper), loaded.findings, project.cache, toolchain_hash()))


def check_with_buffers(project: Project, buffers: Mapping[str, str]) -> CheckedPaper:
    """Read and check the paper, with buffers in place of files."""
    loaded = load_with_buffers(project, buffers)
    return CheckedPaper(loaded.paper, check_loaded(project, loaded), buffers)
