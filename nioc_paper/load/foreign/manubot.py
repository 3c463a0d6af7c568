"""Layout of Manubot: content/*.md, metadata.yaml and references by identifier."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nioc_paper.load.foreign.project import ForeignPart, ForeignProject, ProjectFiles, as_text

_CHAPTER = re.compile(r"content/\d[^/]*\.md")
_FRONT = re.compile(r"content/0*\.?front-?matter\.md|content/00\.[^/]*", re.IGNORECASE)


def read(files: ProjectFiles) -> ForeignProject | None:
    """Return the project in a folder with content/metadata.yaml. The order of its chapters is that of their names."""
    if files.find("content/metadata.yaml", "content/metadata.yml") is None:
        return None
    metadata = files.read_yaml("content/metadata.yaml")
    chapters = [path for path in files.list_folder("content") if _CHAPTER.fullmatch(path)]
    front = tuple(path for path in chapters if _FRONT.fullmatch(path))
    parts = [ForeignPart("", front, "front"), ForeignPart("", tuple(path for path in chapters if path not in front))]
    return ForeignProject(
        tool="Manubot",
        syntax="manubot",
        parts=tuple(part for part in parts if part.files),
        title=as_text(metadata.get("title")),
        language=as_text(metadata.get("lang")),
        bibliographies=tuple(_find_bibliographies(files)),
    )


def _find_bibliographies(files: ProjectFiles) -> Iterator[str]:
    """Yield the files with references that somebody wrote by hand."""
    return (
        path
        for path in files.list_folder("content")
        if re.fullmatch(r"content/manual-references[^/]*\.(?:json|ya?ml|bib)", path)
    )
