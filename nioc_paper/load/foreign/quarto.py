"""Layout of Quarto: _quarto.yml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nioc_paper.load.foreign.project import ForeignPart, ForeignProject, ProjectFiles, as_list, as_mapping, as_text

_SETTINGS = ("_quarto.yml", "_quarto.yaml")
_SUFFIXES = (".qmd", ".rmd", ".md", ".ipynb")


def read(files: ProjectFiles) -> ForeignProject | None:
    """Return the project in a folder with _quarto.yml: a book's chapters, or all texts of another project."""
    if (path := files.find(*_SETTINGS)) is None:
        return None
    settings = files.read_yaml(path)
    book = (
        as_mapping(settings.get("book"))
        or as_mapping(settings.get("website"))
        or as_mapping(settings.get("manuscript"))
    )
    parts = [*_read_parts(files, as_list(book.get("chapters")), "main")]
    parts += [
        ForeignPart(part.title or "Appendices", part.files, "back")
        for part in _read_parts(files, as_list(book.get("appendices")), "back")
    ]
    if not any(part.files for part in parts):
        parts = [ForeignPart("", tuple(path for path in files.walk() if _is_text(path)))]
    sources = [*as_list(settings.get("bibliography")), *as_list(book.get("bibliography"))]
    return ForeignProject(
        tool="Quarto",
        syntax="quarto",
        parts=tuple(parts),
        title=as_text(book.get("title")) or as_text(settings.get("title")),
        language=as_text(settings.get("lang")),
        bibliographies=tuple(dict.fromkeys(map(str, sources))) or files.find_bibliographies(),
        variables=dict(_flatten(files.read_yaml("_variables.yml"))),
    )


def _is_text(path: str) -> bool:
    name = path.rpartition("/")[2]
    return path.lower().endswith((".qmd", ".rmd")) and not name.startswith("_")


def _read_parts(files: ProjectFiles, entries: Sequence[object], matter: str) -> Iterator[ForeignPart]:
    """Yield the parts of a list of chapters; those before the first part have no title."""
    loose: list[str] = []
    for entry in entries:
        if not isinstance(entry, Mapping):
            loose.append(str(entry))
        elif "part" in entry:
            yield from _as_part("", loose, matter)
            loose = []
            name, chapters = as_text(entry["part"]), [_path(c) for c in as_list(entry.get("chapters"))]
            # A part may be named by the file of its introduction.
            introduction = name if name.lower().endswith(_SUFFIXES) and files.exists(name) else ""
            yield from _as_part("" if introduction else name, [introduction, *chapters], matter)
        else:
            loose.append(_path(entry))
    yield from _as_part("", loose, matter)


def _as_part(title: str, paths: Sequence[str], matter: str) -> Iterator[ForeignPart]:
    chapters = tuple(path for path in paths if path)
    if chapters:
        yield ForeignPart(title, chapters, matter)


def _path(entry: object) -> str:
    mapping = as_mapping(entry)
    return as_text(mapping.get("file") or mapping.get("href")) if mapping else str(entry)


def _flatten(values: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the values of nested keys, with dots between the keys."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, str):
            yield f"{prefix}{key}", value
