"""Files that differ from the last commit, found without `git status`, which runs filters named in the repository."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from functools import lru_cache
from pathlib import Path

from nioc_paper.system import confined
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.system.git import worktree
from nioc_paper.system.git.objects import HEAD_ARGS, list_tree, resolve_commit, split_entries
from nioc_paper.system.git.runner import ask
from nioc_paper.system.git.worktree import GitEntry


def list_uncommitted(
    root: Path, paths: Sequence[str] = (".",), *, tracked: bool = False, cache: Cache = NO_CACHE
) -> list[str] | None:
    """Return the files under some paths that differ from the last commit; None if git cannot tell.

    Includes ignored and untracked files, unless `tracked`. With a cache, files are read again only if their size or
    times have changed.
    """
    commit = ask(root, *HEAD_ARGS, cache=cache)
    tree = list_tree(root, commit, paths, cache) if commit else None
    return None if tree is None else compare_with_commit(root, tree, paths, tracked=tracked, cache=cache)


def compare_with_commit(
    root: Path, committed: Mapping[str, GitEntry], paths: Sequence[str], *, tracked: bool, cache: Cache = NO_CACHE
) -> list[str] | None:
    """Return the files under some paths that differ from the last commit, given its entries."""
    staged = _list_index(root, paths, cache)
    if staged is None:
        return None
    git_paths = committed.keys() | staged.keys()
    states = worktree.read_states(root, git_paths)
    with _known_states(root, git_paths, cache) as known:
        changed_files = {
            path
            for path in git_paths
            if not _is_committed_as_is(root, path, committed.get(path), staged.get(path), states.get(path), known)
        }
    untracked_files = set() if tracked else set(_walk_untracked(root, git_paths, paths))
    return sorted(untracked_files | changed_files)


def _walk_untracked(root: Path, git_paths: Collection[str], paths: Sequence[str]) -> Iterator[str]:
    """Yield the files under some paths that are not among those of git."""
    folders = {folder for path in git_paths for folder in parent_folders(path)}
    for path in worktree.walk_files(root, lambda folder: folder in folders or _is_under(folder, paths)):
        if path not in git_paths and _is_under(path, paths):
            yield path


@contextlib.contextmanager
def _known_states(root: Path, paths: Collection[str], cache: Cache) -> Iterator[dict[str, str]]:
    """Yield the states of unchanged files as earlier runs left them in the cache; new ones are added there.

    The cache keeps the states of files with these paths alone: it would grow with every file that git ever had.
    """
    key = cache_key("unchanged files", source_hash(), str(root))
    data = cache.get(key)
    known: dict[str, str] = json.loads(data) if data else {}
    before = dict(known)
    yield known
    current = {path: state for path, state in known.items() if path in paths}
    if current != before:
        cache.put(key, json.dumps(current).encode())


def _is_committed_as_is(
    root: Path,
    path: str,
    committed: GitEntry | None,
    staged: GitEntry | None,
    state: os.stat_result | None,
    known: MutableMapping[str, str],
) -> bool:
    """Return whether a file is the same in the last commit, in the index and on disk; without `state` it is absent."""
    if committed is None or staged is None or staged[:2] != committed[:2]:
        return False
    if committed.mode == worktree.SUBMODULE_MODE:  # a repository of its own
        is_inside = any(name == ".git" for name, _ in confined.list_folder(root, path))
        return resolve_commit(root / path) == committed.hash if is_inside else state is None
    if state is None:  # a sparse checkout leaves files out
        return staged.is_sparse
    return worktree.is_unchanged(root, path, state, committed.hash, known)


def _is_under(path: str, paths: Sequence[str]) -> bool:
    """Return whether a path is one of these, or below one."""
    return any(name in (".", path) or path.startswith(f"{name}/") for name in paths)


def parent_folders(path: str) -> Iterator[str]:
    """Yield the folders around a path of git, the nearest first."""
    while path := path.rpartition("/")[0]:
        yield path


def _list_index(root: Path, paths: Sequence[str], cache: Cache) -> Mapping[str, GitEntry] | None:
    """Return the files of the paper in the index by path; None if git cannot tell. One in a conflict has no hash."""
    output = ask(root, "ls-files", "-v", "--stage", "-z", "--", *paths, cache=cache)
    return None if output is None else _parse_index(output)


@lru_cache(maxsize=1)  # a command asks up to three times
def _parse_index(output: str) -> Mapping[str, GitEntry]:
    return {
        path: GitEntry(mode, name if stage == "0" else "", is_sparse=tag in "Ss")
        for (tag, mode, name, stage), path in split_entries(output)
    }
