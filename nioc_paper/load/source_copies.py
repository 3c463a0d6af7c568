"""Kept copies of sources, in paper/sources/: they are hashed, and no output has them."""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath

from nioc_paper.load.load_context import LoadContext
from nioc_paper.model import COPIES_FOLDER, References, SourceCopy
from nioc_paper.system import confined
from nioc_paper.system.cache import cache_key
from nioc_paper.system.confined import ConfinedError

MAX_COPY_BYTES = 256 * 2**20
"""Size of the largest kept copy."""


def read_copies(context: LoadContext, references: References) -> dict[str, SourceCopy]:
    """Return the copies in the folder, and those that sources name, by path."""
    paths = [path for path in context.files.walk(COPIES_FOLDER) if not PurePosixPath(path).name.startswith(".")]
    named = [reference.copy for reference in references.references if reference.copy]
    return {path: _read_copy(context, path) for path in dict.fromkeys([*paths, *named])}


def _read_copy(context: LoadContext, path: str) -> SourceCopy:
    if not is_kept_copy(path):
        return SourceCopy(problem=f"is not in {COPIES_FOLDER}/")
    if not context.files.exists(path):
        return SourceCopy(problem="does not exist")
    try:
        state = confined.read_state(context.files.root, path, MAX_COPY_BYTES)
        # A hash takes as long as reading the file: it is made again if size, times or inode change.
        name = cache_key("source copy", path, *map(str, state))
        return SourceCopy(context.cache.get_or_create(name, partial(_hash_copy, context, path)).decode())
    except ConfinedError as error:
        return SourceCopy(problem=str(error))


def _hash_copy(context: LoadContext, path: str) -> bytes:
    return confined.hash_file(context.files.root, path, MAX_COPY_BYTES).encode()


def is_kept_copy(path: str) -> bool:
    """Whether a path is below the folder of copies."""
    pure = PurePosixPath(path.casefold())  # some disks take other capitals for the same name
    return ".." not in pure.parts and pure.is_relative_to(COPIES_FOLDER) and pure != PurePosixPath(COPIES_FOLDER)
