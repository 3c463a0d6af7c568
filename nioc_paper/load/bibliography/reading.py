"""Read one bibliography file; sources and faults are cached by its content."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from msgspec import Struct

from nioc_paper.load.bibliography.cached_entry import CachedEntry
from nioc_paper.load.load_context import LoadContext
from nioc_paper.model import Diagnostic, Place, Reference, Severity, SourceFault
from nioc_paper.system import pandoc
from nioc_paper.system.cache import cache_key
from nioc_paper.system.confined import ConfinedError
from nioc_paper.system.files import source_hash
from nioc_paper.system.versions import installed_version

KINDS: Mapping[str, str] = {".bib": "bib", ".ris": "ris", ".json": "json", ".yaml": "yaml", ".yml": "yaml"}
"""Kinds of bibliography files, by the end of their names."""
MAX_BYTES = 16 * 2**20
"""Size of the largest file that is read: some 20,000 sources with abstracts."""


class BibliographyFile(Struct, frozen=True):
    """Sources of a file, with their faults."""

    path: str
    hash: str
    """Hash of the content and the tools that read it."""
    references: Sequence[Reference]
    extensions: Sequence[Reference]
    """Entries of a YAML file that add this tool's own keys to a source of another file."""
    faults: Sequence[SourceFault]


def read_bibliography(context: LoadContext, path: str) -> BibliographyFile | None:
    """Read a bibliography file. Returns None if it cannot be read, which is reported."""
    data = _read_bytes(context, path)
    if data is None:
        return None
    kind = KINDS[PurePosixPath(path).suffix.lower()]
    versions = source_hash(), pandoc.version(), installed_version("PyYAML")
    key = cache_key("bibliography", kind, *versions, data)
    cached = context.cache.get(key)
    if cached is None:
        # Late: most runs find the file unchanged.
        from nioc_paper.load.bibliography.parsing import parse

        content = parse(data, path, kind, context)
        cached = json.dumps(content).encode()
        if content["complete"]:
            context.cache.put(key, cached)
    return _to_file(json.loads(cached), path, key, context)


def _read_bytes(context: LoadContext, path: str) -> bytes | None:
    if path in context.files.buffers:
        return context.files.buffers[path].encode(errors="replace")
    try:
        return context.files.read(path, MAX_BYTES)
    except ConfinedError as error:
        hint = "put a regular file in its place"
        context.report(Diagnostic(Place(path), "unreadable-file", str(error), hint=hint))
        return None


def _to_file(content: Mapping[str, Any], path: str, key: str, context: LoadContext) -> BibliographyFile:
    for line, column, rule, message, severity, hint, lost in content["diagnostics"]:
        place = Place(path, line, column)
        context.report(Diagnostic(place, rule, message, Severity(severity), hint, lost=tuple(lost)))
    references = [CachedEntry(*entry).to_reference(path) for entry in content["entries"]]
    faults = [
        SourceFault(name, rule, Place(path, line, column), message, hint)
        for name, rule, (line, column), message, hint in content["faults"]
    ]
    can_extend = KINDS[PurePosixPath(path).suffix.lower()] == "yaml"
    extensions = [reference for reference in references if can_extend and reference.is_extension]
    sources = [reference for reference in references if not (can_extend and reference.is_extension)]
    return BibliographyFile(path, key, sources, extensions, faults)
