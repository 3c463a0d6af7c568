"""Sources of a paper: where they are cited, and new ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import AppError, BlockedError, RequestError, require_none
from nioc_paper.app.new_records import SOURCE, write_records
from nioc_paper.app.preconditions import validate_chapter_option
from nioc_paper.app.project import LoadedPaper, Project
from nioc_paper.check.shared_causes import is_unread_list_of_sources
from nioc_paper.domain.sources import authors_and_year, citing_chapters
from nioc_paper.load.bibliography import KINDS, MAX_BYTES, MAX_COPY_BYTES, read_bibliography
from nioc_paper.load.load_context import LoadContext, PaperFiles
from nioc_paper.model import COPIES_FOLDER, Chapter, Diagnostic, Reference
from nioc_paper.report.terminal_escaping import printable_line
from nioc_paper.system.cache import NO_CACHE
from nioc_paper.system.files import replace_file


def list_sources(
    project: Project, words: Sequence[str], chapter: str | None, *, uncited: bool, unverified: bool
) -> list[str]:
    """Return a line for each source that matches, by key: its place, its authors and the chapters that cite it.

    It matches if its line has all words, in any case, and if the chapter cites it. Raises BlockedError if a file of
    sources cannot be read.
    """
    loaded = project.load()
    unread = [d for d in loaded.errors() if is_unread_list_of_sources(d)]
    require_none(unread, "the list is not complete: correct the errors above first")
    validate_chapter_option(loaded.paper, chapter)
    chapters, lines = citing_chapters(loaded.paper), list[str]()
    for reference in sorted(loaded.paper.references.values(), key=lambda reference: reference.id.casefold()):
        citing = chapters.get(reference.id, [])
        is_cited_there = chapter is None or chapter in {each.id for each in citing}
        if is_cited_there and not (uncited and citing) and (reference.verify or not unverified):
            lines.append(_format_source(reference, citing))
    return [line for line in lines if all(word.casefold() in line.casefold() for word in words)]


def _format_source(reference: Reference, chapters: Sequence[Chapter]) -> str:
    words = ": ".join(part for part in (authors_and_year(reference), reference.title) if part)
    citations = f"cited in {', '.join(chapter.id for chapter in chapters)}" if chapters else "not cited"
    state = "; not checked" if reference.verify else ""
    return printable_line(f"{reference.place('id')}: {reference.id}: {words} ({citations}{state})")


# --- new sources ------------------------------------------------------------------------------------------------------


_REGISTER_PATH = "paper/references.yaml"
_ADDRESS = re.compile(r"(?i)doi:|https?://|10\.\d{4,}/")
"""Beginning of a DOI or an address."""
_ADDED_KEYS = ("short", "copy", "copy-sha256", "copied")
"""Our own keys that a new source may have."""


def add_sources(project: Project, references: Sequence[Reference], copy: Path | None) -> Iterator[str]:
    """Add new sources to the paper, with a copy of the only one, and yield lines on them.

    Raises AppError if one cannot be added, BlockedError if the paper's list of sources has errors.
    """
    loaded = project.load()
    require_none(loaded.errors(_REGISTER_PATH))
    _require_new_keys(loaded, references)
    commits = OwnCommits(project)
    if copy:
        references = [_keep_copy(project, loaded, _require_one(references, "--copy"), copy)]
    settings = loaded.paper.settings
    main = next((path for path in settings.bibliography if path.endswith((".yaml", ".yml"))), "")
    records = [_to_record(reference) for reference in references]
    paths = write_records(project, settings, SOURCE._replace(path=main), records)
    keys = ", ".join(f"'{reference.id}'" for reference in references)
    noun = "source" if len(references) == 1 else "sources"
    copies = [reference.copy for reference in references if reference.copy]
    commits.save([*paths, *copies], f"Add the {noun} {keys}")
    # One file has them all, or each has a file.
    for path, reference in zip(paths if len(paths) > 1 else paths * len(references), references, strict=True):
        yield f"{path}: '{reference.id}' is added; cite it with [@{reference.id}]"
    for path in copies:
        yield f"{path}: the copy is kept; outputs do not contain it"


def _read_file(project: Project, file: str) -> bytes:
    """Return the bytes of a file of sources. Raises AppError for an address: nothing is fetched."""
    if _ADDRESS.match(file) and not Path(file).exists():
        raise AppError(
            f"'{file}' is a DOI or an address, and nothing is fetched: save its entry as BibTeX, RIS or CSL-JSON"
            " in your browser, and give that file, or paste the entry"
        )
    return project.read_given(Path(file), MAX_BYTES)


def read_new_sources(project: Project, file: str, stdin: TextIO, key: str | None) -> list[Reference]:
    """Return the sources in a file of BibTeX, RIS or CSL-JSON, or in standard input if it is called '-'.

    Raises AppError if they cannot be read.
    """
    data, name = (stdin.buffer.read(MAX_BYTES), "") if file == "-" else (_read_file(project, file), Path(file).name)
    return _parse_sources(project, data.decode("utf-8", "replace"), name, key)


def _parse_sources(project: Project, text: str, name: str, key: str | None) -> list[Reference]:
    """Return the sources in a text. Raises AppError for one that cannot be read."""
    suffix = _detect_suffix(text, name)
    path, diagnostics = f"{name or 'standard input'}{'' if name.endswith(suffix) else suffix}", list[Diagnostic]()
    file = read_bibliography(LoadContext(PaperFiles(project.root, {path: text}), NO_CACHE, diagnostics.append), path)
    if diagnostics:
        raise BlockedError(diagnostics, "nothing was added: correct the errors above first")
    if not file.references:
        raise AppError(f"{path} has no source; nothing was added")
    return list(file.references) if key is None else [_require_one(file.references, "--key").replace(id=key)]


def _require_one(references: Sequence[Reference], option: str) -> Reference:
    """Return the only source. Raises RequestError if there are more."""
    if len(references) > 1:
        raise RequestError(f"{option} names one source, and there are {len(references)}")
    return references[0]


def _detect_suffix(text: str, name: str) -> str:
    """Return the kind of a text as the end of a file name."""
    suffix = next((end for end in KINDS if name.lower().endswith(end)), "")
    start = text.lstrip("\ufeff \t\r\n")
    signs = {".json": ("[", "{"), ".ris": ("TY ", "FN ", "PT "), ".bib": ("@", "%")}
    suffix = suffix or next((end for end, starts in signs.items() if start.startswith(starts)), "")
    if not suffix:
        raise RequestError("this is not BibTeX, RIS or CSL-JSON; export the source in one of them")
    return suffix


def _require_new_keys(loaded: LoadedPaper, references: Sequence[Reference]) -> None:
    """Raise AppError if the paper has a source with the key of a new one."""
    for known in filter(None, (loaded.paper.references.get(reference.id) for reference in references)):
        raise AppError(f"the key '{known.id}' is there already: {known.place('id')}; give another with --key")


def _keep_copy(project: Project, loaded: LoadedPaper, reference: Reference, file: Path) -> Reference:
    """Copy a file into the folder of kept copies; return the source with its path, hash and day.

    Raises AppError if it cannot be read or written, or another file has the name.
    """
    name = re.sub(r"[^\w.-]+", "-", reference.id).strip(".-") or "source"
    data = project.read_given(file, MAX_COPY_BYTES)
    digest = hashlib.sha256(data).hexdigest()
    name += f"-{digest[:8]}" if loaded.paper.settings.record_files else ""
    path = f"{COPIES_FOLDER}/{name}{file.suffix.lower()}"
    if project.read_for_edit(path) not in (None, data):
        raise AppError(f"{path} is there already, with other content; nothing was added")
    replace_file(project.writable_path(path), data)
    return reference.replace(copy=path, copy_sha256=digest, copied=project.today(loaded.paper).isoformat())


def _to_record(reference: Reference) -> dict[str, object]:
    """Return a source as YAML has it: texts, and lists of names."""
    head = {"id": reference.id, "type": reference.type or "document", "title": reference.title}
    own = {key: value for key, value in reference.items() if key in _ADDED_KEYS and value}
    values = head | reference.written_csl() | own
    return {key: text for key, value in values.items() if (text := _to_yaml_value(value))}


def _to_yaml_value(value: object) -> object:
    if isinstance(value, Mapping):
        return str(value.get("literal", ""))
    if isinstance(value, list):
        return [{str(key): str(part) for key, part in name.items()} for name in value if isinstance(name, Mapping)]
    return str(value)
