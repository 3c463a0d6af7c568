"""Layouts of MyST: myst.yml, or _toc.yml and _config.yml of Jupyter Book."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from nioc_paper.load.foreign.project import ForeignPart, ForeignProject, ProjectFiles, as_list, as_mapping, as_text

_SUFFIXES = ("", ".md", ".myst", ".ipynb", ".rst", ".txt")


def read(files: ProjectFiles) -> ForeignProject | None:
    """Return the project in a folder with myst.yml, or with _toc.yml."""
    if path := files.find("myst.yml", "myst.yaml"):
        return _read_myst(files, path)
    if files.exists("_toc.yml"):
        return _read_jupyter_book(files)
    return None


def _read_myst(files: ProjectFiles, path: str) -> ForeignProject:
    project = as_mapping(files.read_yaml(path).get("project"))
    entries = as_list(project.get("toc"))
    parts, titles = _read_entries(files, entries, "file", ("children",), "")
    if not parts:
        parts = [ForeignPart("", tuple(path for path in files.walk() if path.endswith((".md", ".ipynb"))))]
    return ForeignProject(
        tool="MyST",
        syntax="myst",
        parts=tuple(parts),
        title=as_text(project.get("title")),
        language=as_text(project.get("language")),
        bibliographies=tuple(map(str, as_list(project.get("bibliography")))) or files.find_bibliographies(),
        titles=titles,
        variables={k: v for k, v in as_mapping(project.get("substitutions")).items() if isinstance(v, str)},
    )


def _read_jupyter_book(files: ProjectFiles) -> ForeignProject:
    contents, settings = files.read_yaml("_toc.yml"), files.read_yaml("_config.yml")
    folder = as_text(contents.get("root")) and ""
    root = as_text(contents.get("root"))
    top = [{"file": root}] if root else []
    entries = [*top, *as_list(contents.get("chapters")), *as_list(contents.get("sections"))]
    parts, titles = _read_entries(files, entries, "file", ("sections", "chapters", "subtrees", "entries"), folder)
    for part in map(as_mapping, as_list(contents.get("parts"))):
        below, names = _read_entries(
            files, as_list(part.get("chapters")), "file", ("sections", "chapters", "subtrees", "entries"), folder
        )
        parts += [ForeignPart(as_text(part.get("caption")), one.files) for one in below]
        titles |= names
    sphinx = as_mapping(as_mapping(settings.get("sphinx")).get("config"))
    sources = as_list(settings.get("bibtex_bibfiles")) or as_list(sphinx.get("bibtex_bibfiles"))
    return ForeignProject(
        tool="Jupyter Book",
        syntax="myst",
        parts=tuple(parts),
        title=as_text(settings.get("title")),
        language=as_text(sphinx.get("language")),
        bibliographies=tuple(map(str, sources)) or files.find_bibliographies(),
        titles=titles,
    )


def _read_entries(
    files: ProjectFiles, entries: Sequence[object], key: str, below: Sequence[str], folder: str
) -> tuple[list[ForeignPart], dict[str, str]]:
    """Return the parts of a table of contents, and the titles that it gives. An entry without a file opens a part."""
    parts: list[ForeignPart] = []
    titles: dict[str, str] = {}
    loose: list[str] = []
    for entry in map(as_mapping, entries):
        paths = [*_walk_entry(files, entry, key, below, folder, titles)]
        if key in entry or "glob" in entry or "pattern" in entry:
            loose += paths
            continue
        if loose:
            parts.append(ForeignPart("", tuple(loose)))
            loose = []
        if paths:
            parts.append(ForeignPart(as_text(entry.get("title") or entry.get("caption")), tuple(paths)))
    if loose:
        parts.append(ForeignPart("", tuple(loose)))
    return parts, titles


def _walk_entry(
    files: ProjectFiles,
    entry: Mapping[str, object],
    key: str,
    below: Sequence[str],
    folder: str,
    titles: dict[str, str],
) -> Iterator[str]:
    """Yield the files of an entry and of those below it, in order."""
    if name := as_text(entry.get(key)):
        candidates = (posixpath.normpath(posixpath.join(folder, name + suffix)) for suffix in _SUFFIXES)
        path = files.find(*candidates) or name
        if title := as_text(entry.get("title")):
            titles[path] = title
        yield path
    if pattern := as_text(entry.get("glob") or entry.get("pattern")):
        expression = re.compile(
            re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*") + r"(?:\.\w+)?"
        )
        yield from (path for path in files.walk() if path.endswith(_SUFFIXES[1:]) and expression.fullmatch(path))
    for name in below:
        for child in map(as_mapping, as_list(entry.get(name))):
            yield from _walk_entry(files, child, key, below, folder, titles)
