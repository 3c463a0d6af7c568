"""Layouts of plain Markdown: SUMMARY.md as mdBook and GitBook have it, mkdocs.yml, or files alone."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from nioc_paper.load.foreign.project import (
    ForeignPart,
    ForeignProject,
    ProjectFiles,
    as_list,
    as_mapping,
    as_text,
    without_markup,
)

_ENTRY = re.compile(
    r"^(?P<indent>[ \t]*)(?:[-*+][ \t]+)?\[(?P<title>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<path>[^)\s]*)[^)]*\)"
)
_HEADING = re.compile(r"^#{1,6}[ \t]+(?P<title>.*?)[ \t]*#*$")
_NOT_CHAPTERS = frozenset(
    ("license", "licence", "contributing", "code_of_conduct", "changelog", "security", "summary", "news", "support")
)
_MARKDOWN = (".md", ".markdown")
_PANDOC_CITATION = re.compile(
    r"\[(?:[^\[\]\n]*[ ;-])?@[A-Za-z][\w:.-]*[^\[\]\n]*\](?!\()|(?<![\w@/.])@(?:fig|tbl|sec|eq)[-:]\w"
)
"""Citation or reference of pandoc, which no other Markdown knows."""


def read(files: ProjectFiles) -> ForeignProject | None:
    """Return the project in a folder with SUMMARY.md, mkdocs.yml, or Markdown files. Returns None without any."""
    settings = _read_book_toml(files)
    folder = settings.get("src", "src" if files.exists("src/SUMMARY.md") else ".")
    if summary := files.find(f"{folder}/SUMMARY.md", "SUMMARY.md", "docs/SUMMARY.md"):
        return _read_summary(files, summary, settings)
    if files.find("mkdocs.yml", "mkdocs.yaml"):
        return _read_mkdocs(files)
    texts = tuple(path for path in files.walk() if _is_chapter(path))
    title = posixpath.basename(str(files.root.resolve()))
    if not texts:
        return None
    if any(_PANDOC_CITATION.search(files.read_text(path) or "") for path in texts):
        sources = files.find_bibliographies()
        return ForeignProject("Pandoc", "pandoc", (ForeignPart("", texts),), title, bibliographies=sources)
    return ForeignProject("Markdown", "markdown", (ForeignPart("", texts),), title)


def _is_chapter(path: str) -> bool:
    stem, suffix = posixpath.splitext(posixpath.basename(path))
    return suffix.lower() in _MARKDOWN and stem.lower() not in _NOT_CHAPTERS


def _read_book_toml(files: ProjectFiles) -> Mapping[str, str]:
    """Return title, language and folder of texts from book.toml."""
    import tomllib  # late: only mdBook has TOML

    text = files.read_text("book.toml") if files.exists("book.toml") else None
    try:
        book = as_mapping(as_mapping(tomllib.loads(text or "")).get("book"))
    except tomllib.TOMLDecodeError:
        return {}
    return {key: value for key, value in book.items() if isinstance(value, str)}


def _read_summary(files: ProjectFiles, summary: str, settings: Mapping[str, str]) -> ForeignProject:
    """Return the project of a SUMMARY.md: prefix chapters, numbered ones in parts, suffix chapters."""
    folder, text = posixpath.dirname(summary), files.read_text(summary) or ""
    parts: list[tuple[str, str, list[str]]] = [("", "front", [])]
    titles: dict[str, str] = {}
    is_first_heading = True
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            if not is_first_heading or parts[-1][2]:
                parts.append((without_markup(heading["title"]), "main", []))
            is_first_heading = False
        elif (entry := _ENTRY.match(line)) and entry["path"] and "://" not in entry["path"]:
            is_item = entry[0].lstrip()[0] in "-*+"
            matter = "main" if is_item else "front" if parts[-1][1] == "front" else "back"
            if matter != parts[-1][1] and (parts[-1][2] or matter == "back"):
                parts.append(("", matter, []))
            elif matter != parts[-1][1]:
                parts[-1] = (parts[-1][0], matter, parts[-1][2])
            path = posixpath.normpath(posixpath.join(folder, unquote(entry["path"]).partition("#")[0]))
            parts[-1][2].append(path)
            titles[path] = without_markup(entry["title"])
    return ForeignProject(
        tool="mdBook",
        syntax="markdown",
        parts=tuple(ForeignPart(title, tuple(dict.fromkeys(paths)), matter) for title, matter, paths in parts if paths),
        title=settings.get("title", "") or posixpath.basename(str(files.root.resolve())),
        language=settings.get("language", ""),
        titles=titles,
    )


def _read_mkdocs(files: ProjectFiles) -> ForeignProject:
    settings = files.read_yaml(files.find("mkdocs.yml", "mkdocs.yaml") or "")
    folder = as_text(settings.get("docs_dir")) or "docs"
    titles: dict[str, str] = {}
    parts: list[ForeignPart] = []
    for entry in as_list(settings.get("nav")):
        paths = [*_walk_nav(folder, entry, titles)]
        is_part = isinstance(entry, Mapping) and any(isinstance(below, list) for below in entry.values())
        if is_part or not parts or parts[-1].title:
            parts.append(ForeignPart(str(next(iter(entry))) if is_part else "", tuple(paths)))
        else:
            parts[-1] = ForeignPart("", (*parts[-1].files, *paths))
    texts = tuple(path for path in files.walk(folder) if _is_chapter(path))
    parts = parts or [ForeignPart("", texts)]
    return ForeignProject(
        "MkDocs",
        "markdown",
        tuple(part for part in parts if part.files),
        as_text(settings.get("site_name")),
        titles=titles,
    )


def _walk_nav(folder: str, entry: object, titles: dict[str, str], title: str = "") -> Iterator[str]:
    """Yield the files of an entry of mkdocs.yml, and note their titles."""
    if isinstance(entry, str) and "://" not in entry:
        path = posixpath.normpath(f"{folder}/{entry}")
        if title:
            titles[path] = title
        yield path
    elif isinstance(entry, Mapping):
        for name, below in entry.items():
            yield from _walk_nav(folder, below, titles, str(name))
    elif isinstance(entry, Sequence) and not isinstance(entry, str):
        for below in entry:
            yield from _walk_nav(folder, below, titles)
