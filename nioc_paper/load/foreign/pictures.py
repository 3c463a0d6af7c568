"""Pictures of a foreign project: those that a paper may show, under new names."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote

from msgspec import Struct, field

from nioc_paper.load.assets import MAX_IMAGE_BYTES
from nioc_paper.load.foreign.project import ProjectFiles
from nioc_paper.load.image_vetting import image_problem
from nioc_paper.model import short_slug
from nioc_paper.system.confined import ConfinedError, read

_SUFFIXES = (".png", ".jpg", ".jpeg", ".svg")
MAX_PICTURE_BYTES = 500 * 2**20
"""Maximum size in bytes of all pictures."""


class Pictures(Struct, dict=True):
    """Pictures that were imported, and those that were refused."""

    files: ProjectFiles
    contents: dict[str, bytes] = field(default_factory=dict)
    """Imported files by their paths in the result."""
    paths: dict[str, str] = field(default_factory=dict)
    """Paths in the result by those in the project."""
    problems: dict[str, str] = field(default_factory=dict)
    """Reasons why a picture was refused, by its path in the project."""

    def add(self, target: str, named_in: str) -> tuple[str, str]:
        """Return the path in the result of a picture that a file names, and why there is none: one of them is empty."""
        name = unquote(target)
        folders = ("",) if name.startswith("/") else (posixpath.dirname(named_in), "")
        candidates = [posixpath.normpath(posixpath.join(folder, name.lstrip("/"))) for folder in folders]
        path = self.files.find(*candidates)
        if path is None:
            is_outside = any(candidate.startswith("..") for candidate in candidates[:1])
            return "", "is outside the folder" if is_outside else "is not in the folder"
        if path not in self.paths and path not in self.problems:
            self._read(path)
        return self.paths.get(path, ""), self.problems.get(path, "")

    def is_shown(self, target: str, named_in: str) -> bool:
        """Return whether a picture that a file names is imported."""
        return "://" not in target and bool(self.add(target, named_in)[0])

    def _read(self, path: str) -> None:
        suffix = posixpath.splitext(path)[1].lower()
        if suffix not in _SUFFIXES:
            self.problems[path] = "is no PNG, JPEG or SVG file"
            return
        try:
            data = read(self.files.root, path, MAX_IMAGE_BYTES)
        except ConfinedError as error:
            self.problems[path] = str(error)
            return
        if problem := image_problem(data, suffix):
            self.problems[path] = problem
        elif sum(map(len, self.contents.values())) + len(data) > MAX_PICTURE_BYTES:
            self.problems[path] = "is left out: there are too many bytes of pictures"
        else:
            stem = short_slug(posixpath.splitext(posixpath.basename(path))[0]) or "picture"
            number, new = 1, f"paper/figures/{stem}{suffix}"
            while new in self.contents:
                number += 1
                new = f"paper/figures/{stem}-{number}{suffix}"
            self.contents[new] = data
            self.paths[path] = new
