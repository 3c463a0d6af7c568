"""Commits, trees and files in git's store of objects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from nioc_paper.model import COPIES_FOLDER
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.git.git_answers import REFUSAL_REASONS, answer_or_none, ask, run_bytes

_MAX_FILE_BYTES = 16 * 2**20
"""Size of the largest file that a paper may have, of sources; kept copies aside."""
LINK_MODE, SUBMODULE_MODE = "120000", "160000"


REGULAR_MODES: Final = ("100644", "100755")


class GitEntry(NamedTuple):
    """File in a tree."""

    mode: str
    hash: str

    def hash_content(self, data: bytes) -> str:
        """Return the hash of a file with this content, by the algorithm of the repository."""
        algorithm = "sha256" if len(self.hash) == 64 else "sha1"
        return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def resolve_commit(root: Path, revision: str = "HEAD", cache: Cache = NO_CACHE) -> str | None:
    """Return the full name of a commit; None if there is none."""
    # `--` and the type keep a name from being an option or another object.
    return ask(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", cache=cache)


def list_tree(
    root: Path, commit: str, paths: Sequence[str] = (".",), cache: Cache = NO_CACHE
) -> Mapping[str, GitEntry] | None:
    """Return the files of the paper in a commit by path; None if git cannot tell."""
    output = ask(root, "ls-tree", "-r", "-z", commit, "--", *paths, cache=cache)
    return None if output is None else _parse_tree(output)


@lru_cache(maxsize=1)  # a command asks up to three times
def _parse_tree(output: str) -> Mapping[str, GitEntry]:
    return {path: GitEntry(mode, name) for (mode, _, name), path in split_entries(output)}


def split_entries(output: str) -> Iterator[tuple[list[str], str]]:
    """Yield the facts on each entry of a list with NUL characters, and its path."""
    for line in filter(None, output.split("\0")):
        facts, _, path = line.partition("\t")
        yield facts.split(), path


def read_files_at(root: Path, commit: str) -> dict[str, bytes] | None:
    """Return the files of the paper in a commit by path; None if git cannot tell.

    Left out are links, kept copies, and files that are too large for a paper: a gigabyte of zeros is a small object.
    """
    output = ask(root, "ls-tree", "-r", "-l", "-z", commit, "--", ".")
    if output is None:
        return None
    files = {
        path: name
        for (mode, _, name, size), path in split_entries(output)
        if not (
            mode in (LINK_MODE, SUBMODULE_MODE)
            or path.startswith(f"{COPIES_FOLDER}/")
            or (size.isdecimal() and int(size) > _MAX_FILE_BYTES)  # BAD: git lacks the file
        )
    }
    blobs = read_blobs(root, list(files.values()))
    try:
        return None if blobs is None else {path: blobs[name] for path, name in files.items()}
    except KeyError:
        REFUSAL_REASONS.setdefault(root, f"the repository lacks files of the commit {commit[:10]}")
        return None


def read_blobs(root: Path, names: Sequence[str]) -> dict[str, bytes] | None:
    """Return the contents of files by their hashes, without those that are missing; None if git cannot tell."""
    # Raw blobs: `git archive` would run filters named in the repository.
    data = "".join(f"{name}\n" for name in names).encode()
    batch = answer_or_none(root, lambda: run_bytes(root, ["cat-file", "--batch"], data)) if names else b""
    return None if batch is None else dict(_split_blobs(batch))


def _split_blobs(batch: bytes) -> Iterator[tuple[str, bytes]]:
    """Split the output of `cat-file --batch`: a line with the hash and the size, the bytes, a line end, and so on."""
    pos = 0
    while pos < len(batch):
        end = batch.index(b"\n", pos)
        name, _, size = batch[pos:end].decode("ascii").partition(" ")
        if size == "missing":
            pos = end + 1
        else:
            pos = end + 2 + int(size.rsplit(" ", 1)[1])
            yield name, batch[end + 1 : pos - 1]
