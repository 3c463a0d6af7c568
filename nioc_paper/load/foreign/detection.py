"""Find the tool of a project: ask the readers of all tools in their order."""

from __future__ import annotations

from msgspec.structs import replace

from nioc_paper.load.foreign import bookdown, manubot, markdown_layouts, myst, quarto
from nioc_paper.load.foreign.project import MAX_CHAPTERS, ForeignPart, ForeignProject, ProjectFiles, ReadProject
from nioc_paper.model import Place

_READERS: tuple[ReadProject, ...] = (quarto.read, bookdown.read, myst.read, manubot.read, markdown_layouts.read)
"""A folder of Markdown is a project too, so it comes last."""


def read_project(files: ProjectFiles) -> ForeignProject | None:
    """Return the project in a folder; None if it holds none. Chapters that cannot be found are reported."""
    project = next((project for read in _READERS if (project := read(files))), None)
    if project is None:
        return None
    parts: list[ForeignPart] = []
    chapters: set[str] = set()
    for part in project.parts:
        paths = [path for path in dict.fromkeys(part.files) if path not in chapters and _is_there(files, path)]
        chapters.update(paths)
        if paths:
            parts.append(replace(part, files=tuple(paths[: max(0, MAX_CHAPTERS - len(chapters) + len(paths))])))
    if len(chapters) > MAX_CHAPTERS:
        message = f"the project has {len(chapters)} chapters; the first {MAX_CHAPTERS} are read"
        files.report_loss(Place("."), message, "import it in pieces")
    return replace(project, parts=tuple(part for part in parts if part.files))


def _is_there(files: ProjectFiles, path: str) -> bool:
    if files.exists(path):
        return True
    files.report_loss(Place(path[:200]), "the project lists this file, and it is not in the folder", "add it by hand")
    return False
