"""Pictures of an imported Word file, saved among the figures of the paper."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from nioc_paper import tree
from nioc_paper.app.errors import AppError
from nioc_paper.app.project import Project
from nioc_paper.load.image_vetting import image_problem
from nioc_paper.model import Node, format_count
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.part_copy import main_part_name
from nioc_paper.system.files import replace_file

_FOLDER = "paper/figures"
_SUFFIXES = (".png", ".jpg", ".jpeg")


class ImportedPictures(NamedTuple):
    """Pictures of a Word file: those that a chapter can show, and the names of the others."""

    files: Mapping[str, bytes]
    """Contents by path from the root of the paper."""
    targets: Mapping[str, str]
    """Targets from the chapter by pandoc's names."""
    unusable: Sequence[str]

    @property
    def losses(self) -> list[str]:
        """Lines on what became of the pictures."""
        saved, lost = len(self.files), len(self.unusable)
        lines = [f"{format_count(saved, 'picture')}: saved to {_FOLDER}/; give each an alt text"] if saved else []
        names = ", ".join(self.unusable)
        return lines + (
            [f"{format_count(lost, 'picture')}: neither PNG nor JPEG, so their names remain: {names}"] if lost else []
        )


def extract_pictures(
    project: Project, package: Package, blocks: Sequence[Node], chapter: str, path: str
) -> ImportedPictures:
    """Return the pictures that blocks show; `path` is the file of the new chapter."""
    names = dict.fromkeys(str(n["c"][2][0]) for n in tree.walk(list(blocks)) if n["t"] == "Image")
    folder, free = posixpath.dirname(main_part_name(package)), _free_names(project, chapter)
    files: dict[str, bytes] = {}
    targets: dict[str, str] = {}
    for name in names:
        part, suffix = posixpath.join(folder, name), PurePosixPath(name).suffix.lower()
        if suffix in _SUFFIXES and part in package and not image_problem(package.part_bytes(part), suffix):
            file = f"{next(free)}{suffix}"
            files[file] = package.part_bytes(part)
            targets[name] = posixpath.relpath(file, posixpath.dirname(path))
    return ImportedPictures(files, targets, [name for name in names if name not in targets])


def write_pictures(project: Project, files: Mapping[str, bytes]) -> None:
    """Write pictures to the paper. Raises AppError if one cannot be written."""
    for path, data in files.items():
        file = project.writable_path(path)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            replace_file(file, data)
        except OSError as error:
            raise AppError(f"cannot write {path}: {error.strerror}") from error


def _free_names(project: Project, chapter: str) -> Iterator[str]:
    """Yield names of figures that no file has yet, without suffix."""
    folder = project.root / _FOLDER
    used = {file.stem for file in folder.iterdir()} if folder.is_dir() else set()
    number = 1
    while True:
        if (name := f"{chapter}-{number}") not in used:
            yield f"{_FOLDER}/{name}"
        number += 1
