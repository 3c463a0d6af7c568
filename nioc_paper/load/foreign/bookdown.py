"""Layout of bookdown: _bookdown.yml and index.Rmd."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nioc_paper.load.foreign.front_matter import read_front_matter
from nioc_paper.load.foreign.project import (
    ForeignPart,
    ForeignProject,
    ProjectFiles,
    as_list,
    as_mapping,
    as_text,
    without_markup,
)

_INDEX = ("index.Rmd", "index.rmd")
_PART = re.compile(r"^#[ \t]+\((PART|APPENDIX)(?:\\?\*)?\)[ \t]+(.*?)(?:[ \t]*\{[^}]*\})?[ \t]*$", re.MULTILINE)
"""Heading that opens a part; it belongs to no chapter."""


def read(files: ProjectFiles) -> ForeignProject | None:
    """Return the project in a folder with _bookdown.yml, or with an index.Rmd whose site is bookdown's."""
    index = files.find(*_INDEX)
    settings = files.read_yaml("_bookdown.yml")
    front = read_front_matter(files, index)[0] if index else {}
    if not settings and "bookdown" not in f"{front.get('site', '')} {front.get('output', '')}":
        return None
    listed = settings.get("rmd_files")
    listed = as_mapping(listed).get("html") or as_mapping(listed).get("latex") or listed
    paths = [str(path) for path in as_list(listed)] or [
        *_find_chapters(files, index, as_list(settings.get("rmd_subdir")))
    ]
    return ForeignProject(
        tool="bookdown",
        syntax="bookdown",
        parts=tuple(_split_parts(files, paths)),
        title=as_text(front.get("title")) or as_text(settings.get("book_filename")),
        language=as_text(front.get("lang")),
        bibliographies=tuple(dict.fromkeys(map(str, as_list(front.get("bibliography")))))
        or files.find_bibliographies(),
    )


def _find_chapters(files: ProjectFiles, index: str | None, folders: Sequence[object]) -> Iterator[str]:
    """Yield the chapters as bookdown finds them: index.Rmd, then by name, without names that begin with _."""
    if index:
        yield index
    for folder in (
        ".",
        *(str(folder) for folder in folders if isinstance(folder, str) and folder not in ("true", "no")),
    ):
        for path in files.list_folder(folder):
            if path != index and path.lower().endswith(".rmd") and not path.rpartition("/")[2].startswith("_"):
                yield path


def _split_parts(files: ProjectFiles, paths: Sequence[str]) -> Iterator[ForeignPart]:
    """Yield parts: a chapter whose file begins with the heading of a part opens it."""
    title, matter, chapters = "", "main", list[str]()
    for path in paths:
        text = files.read_text(path) if files.exists(path) else None
        if match := _PART.search(text or ""):
            if chapters:
                yield ForeignPart(title, tuple(chapters), matter)
            title, matter, chapters = without_markup(match[2]), "back" if match[1] == "APPENDIX" else "main", []
        chapters.append(path)
    if chapters:
        yield ForeignPart(title, tuple(chapters), matter)
