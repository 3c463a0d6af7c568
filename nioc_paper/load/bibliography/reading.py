"""Read one bibliography file; sources and faults are cached by its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import msgspec
from msgspec import Struct

from nioc_paper.load.bibliography.cached_file import CachedFile
from nioc_paper.load.load_context import LoadContext
from nioc_paper.model import Diagnostic, Place, Reference, SourceFault
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
    buffer = context.files.buffers.get(path)
    try:
        data = context.files.read(path, MAX_BYTES) if buffer is None else buffer.encode(errors="replace")
    except ConfinedError as error:
        hint = "put a regular file in its place"
        context.report(Diagnostic(Place(path), "unreadable-file", str(error), hint=hint))
        return None
    kind = KINDS[PurePosixPath(path).suffix.lower()]
    versions = source_hash(), pandoc.version(), installed_version("PyYAML")
    key = cache_key("bibliography", path, *versions, data)
    cached = context.cache.get(key)
    if cached is None:
        # Late: most runs find the file unchanged.
        from nioc_paper.load.bibliography.parsing import parse

        parsed = parse(data, path, kind, context)
        if parsed.is_complete:
            context.cache.put(key, msgspec.json.encode(parsed))
    else:
        parsed = msgspec.json.decode(cached, type=CachedFile)
    for diagnostic in parsed.diagnostics:
        context.report(diagnostic)
    references = [entry.to_reference(path) for entry in parsed.entries]
    extensions = [reference for reference in references if kind == "yaml" and reference.is_extension]
    sources = [reference for reference in references if not (kind == "yaml" and reference.is_extension)]
    return BibliographyFile(path, key, sources, extensions, parsed.faults)
