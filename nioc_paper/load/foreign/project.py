"""Project of another tool: what its layout says, and guarded access to its texts, pictures and sources."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from msgspec import Struct

from nioc_paper.load import source_text
from nioc_paper.load.assets import MAX_IMAGE_BYTES
from nioc_paper.load.bibliography import KINDS, MAX_BYTES, read_bibliography
from nioc_paper.load.image_vetting import image_problem
from nioc_paper.load.load_context import LoadContext, PaperFiles
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Diagnostic, Place, Reporter, Severity, free_name, short_slug
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS
from nioc_paper.system import safe_read
from nioc_paper.system.cache import NO_CACHE
from nioc_paper.system.concurrency import noop
from nioc_paper.system.safe_read import ConfinedError

_LEFT_OUT = frozenset(("_book", "_site", "_build", "_freeze", "node_modules", "output", "renv", "public"))
"""Folders with what a tool made."""
OTHER_LANGUAGES: Mapping[str, str] = {
    **dict.fromkeys((".adoc", ".asciidoc", ".asc"), "AsciiDoc"),
    **dict.fromkeys((".rst", ".rest"), "reStructuredText"),
    **dict.fromkeys((".tex", ".ltx"), "LaTeX"),
    **dict.fromkeys((".html", ".htm"), "HTML"),
    ".ipynb": "notebooks of Jupyter",
    ".org": "Org",
    ".typ": "Typst",
}
"""Names of languages that are not imported, by the suffix of their files."""
_MAX_PICTURE_BYTES = 500 * 2**20
"""Size in bytes of all pictures."""


class ForeignChapter(NamedTuple):
    """File of a chapter, from the root of the project, with the title and the matter of its part."""

    path: str
    part: str = ""
    matter: str = "main"


class ForeignProject(Struct, frozen=True):
    """A project of another tool, as its settings describe it."""

    tool: str
    """Name of the tool, or of the language of a text that cannot be imported, for messages."""
    reader: str
    """Pandoc's format for its text."""
    chapters: Sequence[ForeignChapter]
    title: str = ""
    language: str = ""
    bibliographies: Sequence[str] = ()
    """Files with sources."""


class ProjectFiles:
    """Files below the folder of a project. Links, pipes and huge files are reported, never followed or read."""

    def __init__(self, root: Path, report: Reporter) -> None:
        self._files = PaperFiles(root)
        self.root, self.report = root, report
        self.pictures: dict[str, bytes] = {}
        """Pictures that the text shows, by their paths in the result."""
        self._picture_results: dict[str, tuple[str, str]] = {}

    def read_bytes(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a file. Returns None if it may not be read, which is reported."""
        try:
            return self._files.read(path, limit)
        except ConfinedError as error:
            message = f"'{path[:200]}' {str(error).replace('outside the paper', 'outside the folder')}"
            self.report_loss(Place(path[:200]), message, "put a regular file in its place, and import again")
            return None

    def read_text(self, path: str) -> str | None:
        """Return the text of a file, with Unix line ends. Returns None if it may not be read, which is reported."""
        if (data := self.read_bytes(path, source_text.MAX_TEXT_BYTES)) is None:
            return None
        text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
        return FORBIDDEN_CHARACTERS.sub("\ufffd", text)

    def read_yaml(self, path: str) -> Mapping[str, object]:
        """Return the keys of a YAML file; none if there is no such file or it is broken, which is reported."""
        text = self.read_text(path) if self.exists(path) else None
        return as_mapping(read_yaml(re.sub(r"![A-Za-z]\w*(?= )", "", text or ""), path, self.report).value)

    def read_keys(self, path: str) -> set[str]:
        """Return the keys of the sources in a bibliography file; `check` of the result reports its faults."""
        file = read_bibliography(LoadContext(self._files, NO_CACHE, noop), path)
        return {source.id for source in file.references}

    def exists(self, path: str) -> bool:
        """Whether a file or link has this path below the folder."""
        return ".." not in path.split("/") and not path.startswith("/") and self._files.has_file(path)

    def find(self, *paths: str) -> str | None:
        """Return the first of these paths that exists."""
        return next((path for path in paths if path and self.exists(path)), None)

    def walk(self, folder: str = ".") -> Iterator[str]:
        """Yield the files below a folder, by name, without hidden ones and those that a tool made."""
        root = self.root.resolve()  # files are listed below a folder with a name
        for path in safe_read.walk_files(root.parent, posixpath.normpath(f"{root.name}/{folder}")):
            below = path.removeprefix(f"{root.name}/")
            if not any(part.startswith(".") or part in _LEFT_OUT for part in below.split("/")):
                yield below

    def add_picture(self, target: str, named_in: str) -> tuple[str, str]:
        """Return the path in the result of a picture that a file names, and why there is none: one of them is empty."""
        name = unquote(target)
        folders = ("",) if name.startswith("/") else (posixpath.dirname(named_in), "")
        candidates = [posixpath.normpath(posixpath.join(folder, name.lstrip("/"))) for folder in folders]
        if (path := self.find(*candidates)) is None:
            return "", "is outside the folder" if candidates[0].startswith("..") else "is not in the folder"
        if path not in self._picture_results:
            self._picture_results[path] = self._read_picture(path)
        return self._picture_results[path]

    def _read_picture(self, path: str) -> tuple[str, str]:
        suffix = suffix_of(path)
        if suffix not in (".png", ".jpg", ".jpeg", ".svg"):
            return "", "is no PNG, JPEG or SVG file"
        try:
            data = self._files.read(path, MAX_IMAGE_BYTES)
        except ConfinedError as error:
            return "", str(error)
        if problem := image_problem(data, suffix):
            return "", problem
        if sum(map(len, self.pictures.values())) + len(data) > _MAX_PICTURE_BYTES:
            return "", "is left out: there are too many bytes of pictures"
        new = free_name(f"paper/figures/{short_slug(posixpath.basename(path)[: -len(suffix)])}", self.pictures, suffix)
        self.pictures[new] = data
        return new, ""

    def is_in_other_language(self, path: str) -> bool:
        """Whether a file is in a language that is not imported, which is reported."""
        if language := OTHER_LANGUAGES.get(suffix_of(path), ""):
            self.report_loss(Place(path), f"text in {language} is not imported", "convert it to Markdown first")
        return bool(language)

    def report_loss(self, place: Place, message: str, hint: str = "") -> None:
        """Report something that is not in the result."""
        self.report(Diagnostic(place, "not-imported", message, Severity.WARNING, hint))


def read_sources(files: ProjectFiles, paths: Iterable[str]) -> tuple[dict[str, bytes], set[str]]:
    """Return bibliography files by their paths in the result, and the keys in them."""
    contents: dict[str, bytes] = {}
    keys: set[str] = set()
    for path in dict.fromkeys(map(posixpath.normpath, paths)):
        suffix = suffix_of(path)
        if suffix not in KINDS or not files.exists(path):
            message = "this bibliography is no file of BibTeX, RIS, CSL-JSON or YAML in the folder"
            files.report_loss(Place(path[:200]), message, "export it as one")
        elif (data := files.read_bytes(path, MAX_BYTES)) is not None:
            keys |= files.read_keys(path)
            stem = short_slug(posixpath.basename(path)[: -len(suffix)])
            stem = stem if suffix in (".bib", ".ris") or stem.startswith("references") else f"references-{stem}"
            contents[free_name(f"paper/{stem}", contents, suffix)] = data
    return contents, keys


def suffix_of(path: str) -> str:
    """Return the end of a file's name in lower case, with its dot."""
    return posixpath.splitext(path)[1].lower()


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


def split_front_matter(text: str, path: str, report: Reporter) -> tuple[Mapping[str, object], str]:
    """Return the keys of a text's front matter, and the text with blank lines for it."""
    head, body, _ = source_text.split_front_matter(text, path, noop)
    return as_mapping(read_yaml(re.sub(r"(?<=: )!(?:expr|r) (.*)", r"'\1'", head), path, report).value), body
