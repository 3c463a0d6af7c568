"""A project of another tool: the one data type that all readers of projects return, and guarded access to its files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from nioc_paper.load.paper_files import PaperFiles
from nioc_paper.load.source_text import MAX_TEXT_BYTES
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Diagnostic, Place, Reporter, Severity
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS
from nioc_paper.system import confined
from nioc_paper.system.confined import ConfinedError

MAX_CHAPTERS = 500
_LEFT_OUT = frozenset(("_book", "_site", "_build", "_freeze", "node_modules", "output", "renv", "public", "docs/book"))
"""Folders with what a tool made."""


class ForeignPart(Struct, frozen=True):
    """Chapters under one heading: paths of files from the root of the project."""

    title: str
    files: tuple[str, ...]
    matter: str = "main"


class ForeignProject(Struct, frozen=True):
    """A project of another tool, as its settings describe it."""

    tool: str
    """Name of the tool for messages."""
    syntax: str
    """Syntax of its text: `quarto`, `bookdown`, `myst`, `manubot`, `pandoc` or `markdown`."""
    parts: tuple[ForeignPart, ...]
    title: str = ""
    language: str = ""
    bibliographies: tuple[str, ...] = ()
    """Files with sources."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Titles of chapters that the table of contents gives, by file."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Values that the text names."""

    @property
    def files(self) -> tuple[str, ...]:
        """Files of all chapters, in their order."""
        return tuple(dict.fromkeys(file for part in self.parts for file in part.files))


class ProjectFiles:
    """Files below the folder of a project. Links, pipes and huge files are reported, never followed or read."""

    def __init__(self, root: Path, report: Reporter) -> None:
        self._files = PaperFiles(root)
        self.root, self.report = root, report

    def read_bytes(self, path: str, limit: int, named_at: Place | None = None) -> bytes | None:
        """Return the bytes of a file. Returns None if it may not be read, which is reported where it is named."""
        try:
            return self._files.read(path, limit)
        except ConfinedError as error:
            message = f"'{path}' {str(error).replace('outside the paper', 'outside the folder')}"
            self.report_loss(named_at or Place(path), message, "put a regular file in its place, and import again")
            return None

    def read_text(self, path: str, named_at: Place | None = None) -> str | None:
        """Return the text of a file, with Unix line ends. Returns None if it may not be read, which is reported."""
        data = self.read_bytes(path, MAX_TEXT_BYTES, named_at)
        if data is None:
            return None
        text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
        return FORBIDDEN_CHARACTERS.sub("\ufffd", text)

    def read_yaml(self, path: str) -> Mapping[str, object]:
        """Return the keys of a YAML file; none if there is no such file or it is broken, which is reported."""
        if not self.exists(path) or (text := self.read_text(path)) is None:
            return {}
        return as_mapping(read_yaml(re.sub(r"![A-Za-z]\w*(?= )", "", text), path, self.report).value)

    def exists(self, path: str) -> bool:
        """Whether a file or link has this path below the folder."""
        return ".." not in path.split("/") and not path.startswith("/") and self._files.has_file(path)

    def find(self, *paths: str) -> str | None:
        """Return the first of these paths that exists."""
        return next((path for path in paths if path and self.exists(path)), None)

    def list_folder(self, folder: str) -> list[str]:
        """Return the files in a folder, by name."""
        above, prefix = self._above()
        names = confined.list_folder(above, posixpath.normpath(f"{prefix}/{folder}"))
        return [posixpath.normpath(f"{folder}/{name}") for name, is_folder in names if not is_folder]

    def walk(self, folder: str = ".") -> Iterator[str]:
        """Yield the files below a folder, by name, without hidden ones and those that a tool made."""
        above, prefix = self._above()
        for path in confined.walk_files(above, posixpath.normpath(f"{prefix}/{folder}")):
            below = path.removeprefix(f"{prefix}/")
            if not any(part.startswith(".") or part in _LEFT_OUT for part in below.split("/")):
                yield below

    def _above(self) -> tuple[Path, str]:
        """Return the folder above, and the name of ours in it: files are listed below a folder with a name."""
        root = self.root.resolve()
        return root.parent, root.name

    def find_bibliographies(self) -> tuple[str, ...]:
        """Return the .bib files of a project that names none."""
        return tuple(path for path in self.walk() if path.lower().endswith(".bib"))

    def report_loss(self, place: Place, message: str, hint: str = "") -> None:
        """Report something that is not in the result."""
        self.report(Diagnostic(place, "not-imported", message, Severity.WARNING, hint))


def as_mapping(value: object) -> Mapping[str, object]:
    """Return a value of YAML if it has keys, and no keys otherwise."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> Sequence[Any]:
    """Return a value of YAML as a list: one value is a list of one."""
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def as_text(value: object) -> str:
    """Return a value of YAML as a line of text; empty if it is none."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def without_markup(text: str) -> str:
    """Return a title without emphasis, code and links."""
    return re.sub(r"!?\[([^\]]*)\]\([^)]*\)|[*`]+|\{[^}]*\}", r"\1", text).strip()


ReadProject = Callable[[ProjectFiles], ForeignProject | None]
"""Reader of the layout of one tool. Returns None if the folder is not a project of the tool."""
