"""Files that differ from the last commit: `git status` with an index of ours.

The index of a repository may claim that files are unchanged. Ours is made of the commit, so that git reads every file.
The cache keeps it with the sizes and times of the files that git found unchanged.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nioc_paper.system import safe_read
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.system.git import isolated_git
from nioc_paper.system.git.git_answers import answer_or_none, ask, is_settled, run_text
from nioc_paper.system.git.objects import LINK_MODE, SUBMODULE_MODE, GitEntry, list_tree, resolve_commit
from nioc_paper.system.scratch import ScratchFolder

_NO_SUBMODULES = "--ignore-submodules=all"
_DIFF_INDEX = ("diff-index", "--cached", "--name-only", "-z", "--relative", "--ita-visible-in-index", _NO_SUBMODULES)
_STATUS = ("status", "--porcelain", "-z", "--untracked-files=no", _NO_SUBMODULES, "--no-renames")
_MAX_LFS_BYTES = 2**30
"""A larger file of Git LFS counts as changed: reading it would take too long."""
_LFS_POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


def list_uncommitted(root: Path, paths: Sequence[str]) -> list[str] | None:
    """Return the files under some paths that differ from the last commit; None if git cannot tell.

    Includes ignored and untracked files.
    """
    commit, changed = resolve_commit(root), list_changed(root, paths)
    tree = list_tree(root, commit, paths) if commit else None
    if changed is None or tree is None:
        return None
    return sorted({*changed, *(path for path in _walk_files(root, paths) if path not in tree)})


def is_kept_out(root: Path, path: str) -> bool | None:
    """Return whether git ignores a path, and has no file there; None without git or a repository."""
    tracked = ask(root, "ls-files", "--cached", "--", path)
    commit = resolve_commit(root)
    if tracked is None:
        return None
    with ScratchFolder("index") as folder:
        args, env = ("check-ignore", "--no-index", "--", path), {"GIT_LITERAL_PATHSPECS": "0"}
        ignored = answer_or_none(root, lambda: run_text(root, *args, env=env, index=folder / "index"))
    return bool(ignored) and not tracked and not (commit and list_tree(root, commit, [path]))


def list_changed(root: Path, paths: Sequence[str] = (".",), cache: Cache = NO_CACHE) -> list[str] | None:
    """Return the tracked files under some paths that differ from the last commit; None if git cannot tell.

    Submodules are repositories of their own, and not opened. With a cache, files are read again only if their size or
    times have changed.
    """
    commit = resolve_commit(root, cache=cache)
    tree = list_tree(root, commit, paths, cache) if commit else None
    staged = ask(root, *_DIFF_INDEX, commit, "--", *paths, cache=cache) if commit else None
    if commit is None or tree is None or staged is None:
        return None
    files = {path: entry for path, entry in tree.items() if entry.mode != SUBMODULE_MODE}
    key = cache_key("index", source_hash(), str(root), commit, *paths)
    on_disk = answer_or_none(root, lambda: _compare_with_disk(root, files, paths, cache, key))
    return None if on_disk is None else sorted({*filter(None, staged.split("\0")), *on_disk})


def _walk_files(root: Path, paths: Sequence[str]) -> Iterator[str]:
    """Yield these paths, or what is below them. A link counts as a file."""
    for path in paths:
        if os.path.lexists(root / path) and ((root / path).is_symlink() or not (root / path).is_dir()):
            yield path
        yield from safe_read.walk_files(root, path)


def _compare_with_disk(
    root: Path, files: Mapping[str, GitEntry], paths: Sequence[str], cache: Cache, key: str
) -> set[str]:
    """Return those of the files of a commit that differ on disk. Raises as `run_text`."""
    if not files:
        return set()
    prefix, stored = isolated_git.find_prefix(root), cache.get(key)
    with ScratchFolder("index") as folder:
        index = folder / "index"
        if stored:
            index.write_bytes(stored)
        else:
            lines = "".join(f"{entry.mode} {entry.hash}\t{prefix}{path}\0" for path, entry in files.items())
            run_text(root, "update-index", "-z", "--index-info", data=os.fsencode(lines), index=index)
        status = run_text(root, *_STATUS, "--", *paths, index=index).split("\0")
        changed = {line[3:].removeprefix(prefix) for line in status if line[1:2].strip()}
        same = [path for path in changed if _has_content(root, path, files[path])]
        if same:  # from now on git compares them with what is on disk
            names = os.fsencode("\0".join(same))
            run_text(root, "update-index", "--info-only", "-z", "--stdin", data=names, index=index)
        changed.difference_update(same)
        data = index.read_bytes()
    with contextlib.suppress(OSError):  # a file may go meanwhile
        times = ((root / path).lstat().st_ctime_ns for path in files.keys() - changed)
        if data != stored and is_settled(max(times, default=0)):
            cache.put(key, data)
    return changed


def _has_content(root: Path, path: str, entry: GitEntry) -> bool:
    """Return whether a file has the content of an entry, or is the one of which the entry is a Git LFS pointer."""
    try:
        data = safe_read.read(root, path, _MAX_LFS_BYTES)
    except safe_read.ConfinedError:
        return False
    pointer = _LFS_POINTER.format(hashlib.sha256(data).hexdigest(), len(data)).encode()
    return entry.mode != LINK_MODE and entry.hash in (entry.hash_content(pointer), entry.hash_content(data))
