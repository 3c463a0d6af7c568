"""Layouts of projects: Quarto, bookdown, mdBook and GitBook, and the Markdown files of any other folder."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import unquote

from msgspec.structs import replace

from nioc_paper.extensions import load_extensions
from nioc_paper.load.foreign.project import (
    OTHER_LANGUAGES,
    ForeignChapter,
    ForeignProject,
    ProjectFiles,
    as_list,
    as_mapping,
    as_text,
    split_front_matter,
    suffix_of,
    without_markup,
)
from nioc_paper.model import Place

PANDOC_MARKDOWN = (
    "markdown-yaml_metadata_block-pandoc_title_block-latex_macros-implicit_figures"
    "+lists_without_preceding_blankline+alerts"
)
"""Markdown of tools on pandoc."""
_FORMULA_MARKDOWN = "commonmark_x-yaml_metadata_block-subscript-superscript-emoji-fancy_lists+alerts"
PLAIN_MARKDOWN = f"{_FORMULA_MARKDOWN}-tex_math_dollars"
"""Markdown of tools in which a dollar sign is no formula."""
_READ_AS_PLAIN = (
    ("myst.yml", "MyST", ".", _FORMULA_MARKDOWN),
    ("_toc.yml", "Jupyter Book", ".", _FORMULA_MARKDOWN),
    ("content/metadata.yaml", "Manubot", "content", PANDOC_MARKDOWN),
    ("mkdocs.yml", "MkDocs", "docs", PLAIN_MARKDOWN),
)
"""File of settings, name, folder and format of tools whose text is read as plain Markdown."""
_PANDOC_CITATION = re.compile(
    r"\[(?:[^\[\]\n]*[ ;-])?@[A-Za-z][\w:.-]*[^\[\]\n]*\](?!\()|(?<![\w@/.])@(?:fig|tbl|sec|eq)[-:]\w[\w-]*"
)
"""Citation or reference of pandoc, which plain Markdown does not know."""
PART_HEADING = r"^#[ \t]+\((?P<kind>PART|APPENDIX)(?:\\?\*)?\)(?P<title>[^\n{]*).*$"
"""Heading of bookdown that opens a part; it belongs to no chapter."""
_ENTRY = re.compile(r"^(?P<item>[ \t]*[-*+][ \t]+)?\[(?P<title>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<path>[^)\s]+)[^)]*\)")
_HEADING = re.compile(r"^#{1,6}[ \t]+(?P<title>.*?)[ \t]*#*$")
_CHAPTER = re.compile(
    r"(?i:(?:^|/)(?!(?:licen[cs]e|contributing|code_of_conduct|changelog|security|summary|news)\.)[^/]+\.(?:md|markdown)$)"
)
"""File of Markdown that is not about the project itself."""


_Reader = Callable[[ProjectFiles], ForeignProject | None]


def read_project(files: ProjectFiles) -> ForeignProject | None:
    """Return the project in a folder; None if it holds none. Chapters that cannot be found are reported.

    It has no chapters if its text is in another language than Markdown.
    """
    installed: Iterable[_Reader] = (module.read_project for _, module in load_extensions("importers"))
    readers = (*installed, _read_quarto, _read_bookdown, _read_mdbook, _read_folder)
    project = next((project for read in readers if (project := read(files))), None)
    if project is None:
        return None
    chapters: dict[str, ForeignChapter] = {}
    for chapter in project.chapters:
        if files.exists(chapter.path):
            chapters.setdefault(chapter.path, chapter)
        else:
            files.report_loss(Place(chapter.path[:200]), "the project lists it, and it is not in the folder", "add it")
    return replace(project, chapters=[*chapters.values()])


def _find_sources(files: ProjectFiles, *named: object) -> Sequence[str]:
    """Return the bibliographies that the settings name; all .bib files if they name none."""
    paths = [str(path) for value in named for path in as_list(value)]
    return paths or [path for path in files.walk() if suffix_of(path) == ".bib"]


def _read_quarto(files: ProjectFiles) -> ForeignProject | None:
    """Return the project in a folder with _quarto.yml: a book's chapters, or all texts of another project."""
    if (path := files.find("_quarto.yml", "_quarto.yaml")) is None:
        return None
    settings = files.read_yaml(path)
    book = next(filter(None, (as_mapping(settings.get(name)) for name in ("book", "website", "manuscript"))), {})
    chapters = [*_list_chapters(files, as_list(book.get("chapters")), "", "main")]
    chapters += _list_chapters(files, as_list(book.get("appendices")), "Appendices", "back")
    chapters = chapters or [ForeignChapter(path) for path in files.walk() if _is_text(path)]
    title = as_text(book.get("title")) or as_text(settings.get("title"))
    sources = _find_sources(files, settings.get("bibliography"), book.get("bibliography"))
    return ForeignProject("Quarto", PANDOC_MARKDOWN, chapters, title, as_text(settings.get("lang")), sources)


def _is_text(path: str) -> bool:
    return suffix_of(path) in (".qmd", ".rmd") and not posixpath.basename(path).startswith("_")


def _list_chapters(files: ProjectFiles, entries: Sequence[object], part: str, matter: str) -> Iterator[ForeignChapter]:
    """Yield the chapters in a list of chapters and parts of Quarto; `part` is the title of those beside parts."""
    for entry in entries:
        name, below = as_text(as_mapping(entry).get("part")), as_list(as_mapping(entry).get("chapters"))
        is_file = suffix_of(name) in (".qmd", ".rmd", ".md") and files.exists(name)  # introduction of a part
        for one in [*[name] * is_file, *below] if name else [entry]:
            path = as_text(as_mapping(one).get("file") or as_mapping(one).get("href") or one)
            yield ForeignChapter(path, part if is_file else name or part, matter)


def _read_bookdown(files: ProjectFiles) -> ForeignProject | None:
    """Return the project in a folder with _bookdown.yml, or with an index.Rmd whose site is bookdown's."""
    index = files.find("index.Rmd", "index.rmd") or ""
    settings = files.read_yaml("_bookdown.yml")
    front = split_front_matter(files.read_text(index) or "", index, lambda _: None)[0] if index else {}
    if not settings and "bookdown" not in f"{front.get('site', '')} {front.get('output', '')}":
        return None
    listed = settings.get("rmd_files")
    paths = [str(path) for path in as_list(as_mapping(listed).get("html") or as_mapping(listed).get("latex") or listed)]
    folders = {"", *map(as_text, as_list(settings.get("rmd_subdir")))}
    paths = paths or [index, *(p for p in files.walk() if _is_text(p) and posixpath.dirname(p) in folders)]
    title = as_text(front.get("title")) or as_text(settings.get("book_filename"))
    sources = _find_sources(files, front.get("bibliography"))
    chapters = [*_with_parts(files, filter(None, paths))]
    return ForeignProject("bookdown", PANDOC_MARKDOWN, chapters, title, as_text(front.get("lang")), sources)


def _with_parts(files: ProjectFiles, paths: Iterable[str]) -> Iterator[ForeignChapter]:
    """Yield chapters, each in the part whose heading is in it or in the nearest one before."""
    part, matter = "", "main"
    for path in paths:
        text = files.read_text(path) if files.exists(path) else None
        if match := re.search(PART_HEADING, text or "", re.MULTILINE):
            part, matter = without_markup(match["title"]), "back" if match["kind"] == "APPENDIX" else "main"
        yield ForeignChapter(path, part, matter)


def _read_mdbook(files: ProjectFiles) -> ForeignProject | None:
    """Return the project of a SUMMARY.md, as mdBook and GitBook have it."""
    try:
        text = files.read_text("book.toml") if files.exists("book.toml") else None
        settings = as_mapping(as_mapping(tomllib.loads(text or "")).get("book"))
    except (tomllib.TOMLDecodeError, RecursionError):
        settings = {}
    source = as_text(settings.get("src")) or "src"
    path = files.find(f"{source}/SUMMARY.md", "SUMMARY.md", "docs/SUMMARY.md")
    if path is None:
        return None
    chapters = [*_read_summary(files.read_text(path) or "", posixpath.dirname(path))]
    title = as_text(settings.get("title")) or files.root.resolve().name
    return ForeignProject("mdBook", PLAIN_MARKDOWN, chapters, title, as_text(settings.get("language")))


def _read_summary(text: str, folder: str) -> Iterator[ForeignChapter]:
    """Yield the chapters of a SUMMARY.md: prefix chapters, numbered ones in parts, suffix chapters."""
    part, matter = "", "front"
    is_first_heading = True
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            part, matter = (part, matter) if is_first_heading else (without_markup(heading["title"]), "main")
            is_first_heading = False
        elif (entry := _ENTRY.match(line)) and "://" not in entry["path"]:
            if entry["item"]:
                matter = "main"
            else:
                part, matter = "", "front" if matter == "front" else "back"
            path = posixpath.join(folder, unquote(entry["path"]).partition("#")[0])
            yield ForeignChapter(posixpath.normpath(path), part, matter)


def _read_folder(files: ProjectFiles) -> ForeignProject | None:
    """Return all Markdown files of a folder as a project; files in other languages are reported.

    Without settings of a tool, it has no chapters if more of its text is in another language.
    """
    default = "", "Markdown", ".", PLAIN_MARKDOWN
    marker, tool, folder, reader = next((row for row in _READ_AS_PLAIN if files.exists(row[0])), default)
    paths = [*files.walk(folder)] or [*files.walk()]
    texts = {path: files.read_text(path) or "" for path in paths if _CHAPTER.search(path)}
    others = {path: OTHER_LANGUAGES[suffix_of(path)] for path in paths if suffix_of(path) in OTHER_LANGUAGES}
    sizes: Counter[str] = Counter()
    for path, language in others.items() if not marker else ():
        if suffix_of(path) not in (".ipynb", ".html", ".htm"):  # beside the text of any project
            sizes[language] += len(files.read_text(path) or "")
    if sizes.total() > sum(map(len, texts.values())):
        return ForeignProject(sizes.most_common(1)[0][0], reader, ())
    if not texts:
        return None
    if marker:
        message = f"settings of {tool} are not read: its text is taken for plain Markdown, in the order of the files"
        files.report_loss(Place(marker), message, "set the title and the order of the chapters in paper/paper.yaml")
    for path in others:
        files.is_in_other_language(path)
    sources = _find_sources(files)
    if sources and tool != "MkDocs" and any(map(_PANDOC_CITATION.search, texts.values())):
        tool, reader = tool if marker else "Pandoc", PANDOC_MARKDOWN
    sources = sources if reader == PANDOC_MARKDOWN else ()
    return ForeignProject(tool, reader, [*map(ForeignChapter, texts)], files.root.resolve().name, "", sources)
