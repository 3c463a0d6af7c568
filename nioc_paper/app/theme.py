"""Design of a paper: the tool's templates, or files of its own in templates/."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from nioc_paper.app.own_commits import OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.load.templates import TEMPLATES_FOLDER, read_templates_folder
from nioc_paper.system.files import default_templates, replace_file

DESIGN_FILES = ("theme.css", "pattern.svg")
"""Templates that are made to be changed: colours, type and ornament."""


class FileState(StrEnum):
    """Origin of a template in a paper with some of its own."""

    SAME = "as in the tool"
    CHANGED = "of this paper"
    ADDED = "of this paper only"
    MISSING = "of the tool"


class ThemeFile(NamedTuple):
    """A template by its name in templates/."""

    name: str
    state: FileState


def has_own_theme(project: Project) -> bool:
    """Return whether the paper has a folder of templates; without one it gets the tool's."""
    return (project.root / TEMPLATES_FOLDER).is_dir()


def list_theme(project: Project) -> Iterator[ThemeFile]:
    """Yield the templates of the tool and of the paper with their states."""
    own, shipped = read_templates_folder(project.root), default_templates().files
    for name in sorted({*own, *shipped}):
        if name not in shipped:
            state = FileState.ADDED
        elif name not in own:
            state = FileState.MISSING
        else:
            state = FileState.SAME if own[name] == shipped[name] else FileState.CHANGED
        yield ThemeFile(name, state)


def format_theme(project: Project) -> str:
    """Return the templates, a line each: with their states if some are the paper's own."""
    files = list(list_theme(project))
    width = max(len(file.name) for file in files)
    is_own = has_own_theme(project)
    return "\n".join(f"{file.name:{width}}  {file.state}" if is_own else file.name for file in files)


def eject_theme(project: Project) -> int:
    """Write the tool's templates that the paper lacks into its folder, and return their number."""
    commits, written = OwnCommits(project), []
    for name, data in default_templates().files.items():
        path = f"{TEMPLATES_FOLDER}/{name}"
        file = project.writable_path(path)
        if not file.exists():
            replace_file(file, data)
            written.append(path)
    commits.save(written, "Copy the templates of the tool")
    return len(written)
