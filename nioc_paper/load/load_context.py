"""Files of a paper, and shared state of the functions that read one text of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper.model import Fact, OwnWords, Paper, Reporter
from nioc_paper.model.register_files import REGISTERS_FOLDER
from nioc_paper.system import safe_read
from nioc_paper.system.cache import Cache
from nioc_paper.wording import Wording, wording_for


class PaperFiles(Struct, frozen=True):
    """Files below the folder of a paper. Records every path that is read or looked for, also if it does not exist."""

    root: Path
    buffers: Mapping[str, str] = field(default_factory=dict)
    """Texts that an editor has not saved yet, by path: they replace the files when a text is read."""
    requested: set[str] = field(default_factory=set)
    """Paths from the root. Threads may add to it: one addition is atomic."""

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes of a regular file, at most `limit`. Raises ConfinedError."""
        self.requested.add(path)
        return safe_read.read(self.root, path, limit)

    def require_readable(self, path: str, limit: int) -> None:
        """Raise ConfinedError if `read` would."""
        self.requested.add(path)
        safe_read.require_readable(self.root, path, limit)

    def has_file(self, path: str) -> bool:
        """Whether a file or a link has this path."""
        self.requested.add(path)
        file = self.root / path
        try:
            return file.is_file() or file.is_symlink()
        except OSError:  # a name that no disk can hold
            return False

    def exists(self, path: str) -> bool:
        """Whether anything has this path, including a link that leads nowhere."""
        self.requested.add(path)
        return os.path.lexists(self.root / path)

    def list_folder(self, folder: str) -> list[str]:
        """Return the paths of the files in a folder, not below it, by name. A link counts as a file."""
        return [f"{folder}/{name}" for name, is_folder in safe_read.list_folder(self.root, folder) if not is_folder]

    def record_paths(self, register: str) -> list[str]:
        """Return the paths of the files in a register's folder, by name."""
        folder = f"{REGISTERS_FOLDER}/{register}"
        names = (path for path in self.list_folder(folder) if path.endswith((".yaml", ".yml")))
        return [path for path in names if not path.startswith(f"{folder}/.")]

    def walk(self, folder: str) -> Iterator[str]:
        """Yield the paths of all files below a folder, by name. A link counts as a file."""
        return safe_read.walk_files(self.root, folder)


class LoadContext(Struct, frozen=True):
    """Files and facts of the paper, cache, and receiver of the findings."""

    files: PaperFiles
    cache: Cache
    report: Reporter
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """Register of facts by id: charts, data files and alternative texts refer to them."""
    language: str = "en"
    """Language of the paper as a tag."""
    own_words: OwnWords = OwnWords()

    @property
    def words(self) -> Wording:
        """Words and signs in which the paper prints numbers and dates."""
        return wording_for(self.language, self.own_words)

    def for_paper(self, paper: Paper) -> LoadContext:
        """Return this context with the facts and the language of a paper that was read."""
        settings = paper.settings
        return replace(self, facts=paper.facts, language=settings.language, own_words=settings.own_words)

    def reporting_to(self, report: Reporter) -> LoadContext:
        """Return this context with another receiver of the findings."""
        return replace(self, report=report)
