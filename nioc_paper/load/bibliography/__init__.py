"""Read the bibliography of a paper: BibTeX, BibLaTeX, RIS, CSL-JSON and YAML files. Each fault is a finding."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import PurePosixPath
from typing import NamedTuple

import msgspec
from msgspec import Struct

from nioc_paper.load.load_context import LoadContext
from nioc_paper.model import (
    COPIES_FOLDER,
    Diagnostic,
    KeyPath,
    Place,
    RecordSource,
    Reference,
    Settings,
    Severity,
    SourceCopy,
    report_all,
    spelling_hint,
)
from nioc_paper.system import pandoc, safe_read
from nioc_paper.system.cache import cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.system.requirements import installed_version
from nioc_paper.system.safe_read import ConfinedError

KINDS: Mapping[str, str] = {".bib": "bib", ".ris": "ris", ".json": "json", ".yaml": "yaml", ".yml": "yaml"}
"""Kinds of bibliography files, by the end of their names."""
MAX_BYTES = 16 * 2**20
"""Size of the largest file that is read: some 20,000 sources with abstracts."""


Position = tuple[int, int]
"""Line and column, from 1."""


class CachedEntry(NamedTuple):
    """An entry as the cache holds it: arguments of `Reference.from_file`, and positions of its key and values."""

    values: dict[str, object]
    extra: dict[str, object]
    formatted: dict[str, str]
    position: Position
    positions: dict[str, Position]

    def to_reference(self, path: str) -> Reference:
        """Return the reference of the entry, in the file with this path."""
        positions: dict[KeyPath, Position] = {(name,): position for name, position in self.positions.items()}
        source = RecordSource(path, {**positions, (): self.position})
        return Reference.from_file(source, self.values, self.extra, self.formatted)


class CachedFile(Struct):
    """Entries of a file, with their faults and all other findings."""

    entries: list[CachedEntry] = []
    faults: list[Diagnostic] = []
    """Each with the key of its source as `lost`."""
    diagnostics: list[Diagnostic] = []
    is_complete: bool = True
    """Whether the next run would find the same."""


class Bibliography(NamedTuple):
    """Sources of files in their order, with their faults."""

    references: tuple[Reference, ...]
    faults: tuple[Diagnostic, ...]
    texts: tuple[str, ...]
    """Path of each file, and the hash of its content and of the tools that read it."""


def read_bibliography(context: LoadContext, *paths: str) -> Bibliography:
    """Read bibliography files. One that cannot be read is reported."""
    files = {path: data for path in paths if (data := _read_file(context, path)) is not None}
    versions = source_hash(), pandoc.version(), installed_version("PyYAML")
    keys = {path: cache_key("bibliography", path, *versions, data) for path, data in files.items()}
    cached = ((path, data) for path, key in keys.items() if (data := context.cache.get(key)))
    parsed = {path: msgspec.json.decode(data, type=CachedFile) for path, data in cached}
    if parsed.keys() != files.keys():
        # Late: most runs find the files unchanged.
        from nioc_paper.load.bibliography.parsing import parse

        new = parse({path: data for path, data in files.items() if path not in parsed})
        for path, file in new.items():
            if file.is_complete:
                context.cache.put(keys[path], msgspec.json.encode(file))
        parsed |= new
    report_all((finding for path in files for finding in parsed[path].diagnostics), context.report)
    references = (entry.to_reference(path) for path in files for entry in parsed[path].entries)
    faults = (fault for path in files for fault in parsed[path].faults)
    return Bibliography(tuple(references), tuple(faults), tuple(chain.from_iterable(keys.items())))


def _read_file(context: LoadContext, path: str) -> bytes | None:
    buffer = context.files.buffers.get(path)
    try:
        return context.files.read(path, MAX_BYTES) if buffer is None else buffer.encode(errors="replace")
    except ConfinedError as error:
        hint = "put a regular file in its place"
        context.report(Diagnostic(Place(path), "unreadable-file", str(error), hint=hint))
        return None


_FOLDER = "paper"
_EXPORT_ENDS = (".bib", ".ris")
"""Ends of files that hold nothing but sources."""


def load_bibliography(context: LoadContext, settings: Settings) -> Bibliography:
    """Read the files that paper.yaml lists, or those in `paper/`, and the files of single sources.

    An entry of a YAML file with own keys only adds them to the source of another file.
    """
    paths = dict.fromkeys([*bibliography_paths(context, settings), *context.files.record_paths("references")])
    files = read_bibliography(context, *paths)
    extensions = [entry for entry in files.references if _is_extension(entry)]
    added = {extension.id: extension for extension in reversed(extensions)}
    sources = [entry for entry in files.references if not _is_extension(entry)]
    extended = tuple(s.with_own_keys(added[s.id]) if s.id in added else s for s in sources)
    report_all(_lonely_extensions(extensions, {source.id for source in sources}), context.report)
    return files._replace(references=extended)


def bibliography_paths(context: LoadContext, settings: Settings) -> list[str]:
    """Return the paths of the bibliography files. Reports those that are not there, and unread files beside them."""
    usual = [path for path in context.files.list_folder(_FOLDER) if _is_usual(path)]
    paths = list(dict.fromkeys(_listed_paths(context, settings, usual))) if settings.bibliography else usual
    beside = sorted(file.name for end in _EXPORT_ENDS for file in context.files.root.glob(f"*{end}"))
    for path in (*usual, *beside):
        if path not in paths:
            message, hint = "this file of sources is not read", "list it under 'bibliography' in paper/paper.yaml"
            hint = hint if "/" in path else f"put it into paper/, or {hint}"
            context.report(Diagnostic(Place(path), "unlisted-file/bibliography", message, Severity.WARNING, hint))
    return paths


def _listed_paths(context: LoadContext, settings: Settings, usual: Sequence[str]) -> Iterator[str]:
    """Yield the files that paper.yaml lists. Reports those that cannot be read."""
    for index, path in enumerate(settings.bibliography):
        place = settings.place("bibliography", index)
        message, hint = f"'{path}' is not a file of sources", f"list files that end with {', '.join(KINDS)}"
        if PurePosixPath(path).suffix.lower() in KINDS:
            if path in context.files.buffers or context.files.has_file(path):
                yield path
                continue
            message = f"the file '{path}' does not exist"
            hint = spelling_hint(path, usual) or "correct the path, from the root of the paper; capitals count"
        context.report(Diagnostic(place, "missing-file/bibliography", message, hint=hint))


def _is_usual(path: str) -> bool:
    name = PurePosixPath(path.lower())
    return name.suffix in _EXPORT_ENDS or (name.suffix in (".json", ".yaml") and name.stem.startswith("references"))


def _is_extension(entry: Reference) -> bool:
    """Whether an entry has own keys only, for an entry of another file."""
    return entry.path.endswith((".yaml", ".yml")) and not (entry.type or entry.title or entry.extra)


def _lonely_extensions(extensions: Sequence[Reference], known: Collection[str]) -> Iterator[Diagnostic]:
    """Yield a finding for each entry with own keys only that no other file has, or that is given twice."""
    seen: set[str] = set()
    for extension in extensions:
        if extension.id not in known:
            message = f"'{extension.id}' has neither type nor title here, and no other file has it"
            hint = spelling_hint(extension.id, known)
            hint = hint if hint.startswith("did") else "add 'type: …' and 'title: …'"
            yield Diagnostic(extension.place("id"), "missing-key", message, hint=hint)
        elif extension.id in seen:
            message = f"the keys of '{extension.id}' are given twice"
            yield Diagnostic(extension.place("id"), "duplicate/key", message, hint="keep one of the two")
        seen.add(extension.id)


# --- kept copies of sources, in paper/sources/ ------------------------------------------------------------------------


MAX_COPY_BYTES = 256 * 2**20
"""Size of the largest kept copy."""


def read_copies(context: LoadContext, references: Sequence[Reference]) -> dict[str, SourceCopy]:
    """Return the copies in the folder, and those that sources name, by path."""
    paths = [path for path in context.files.walk(COPIES_FOLDER) if not PurePosixPath(path).name.startswith(".")]
    named = [reference.copy for reference in references if reference.copy]
    return {path: _read_copy(context, path) for path in dict.fromkeys([*paths, *named])}


def _read_copy(context: LoadContext, path: str) -> SourceCopy:
    if not is_kept_copy(path):
        return SourceCopy(problem=f"is not in {COPIES_FOLDER}/")
    if not context.files.exists(path):
        return SourceCopy(problem="does not exist")
    try:
        state = safe_read.read_state(context.files.root, path, MAX_COPY_BYTES)
        # A hash takes as long as reading the file: it is made again if size, times or inode change.
        name = cache_key("source copy", path, *map(str, state))
        root, cache = context.files.root, context.cache
        digest = cache.get_or_create(name, lambda: safe_read.hash_file(root, path, MAX_COPY_BYTES).encode())
        return SourceCopy(digest.decode())
    except ConfinedError as error:
        return SourceCopy(problem=str(error))


def is_kept_copy(path: str) -> bool:
    """Whether a path is below the folder of copies."""
    pure = PurePosixPath(path.casefold())  # some disks take other capitals for the same name
    return ".." not in pure.parts and pure.is_relative_to(COPIES_FOLDER) and pure != PurePosixPath(COPIES_FOLDER)
