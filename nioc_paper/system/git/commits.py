"""Commits of some files only, made without `git add` and `git commit`, which run filters and hooks."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from nioc_paper.system import confined
from nioc_paper.system.git import isolated, process, worktree
from nioc_paper.system.git.errors import GitRefusedError, NoRepositoryError
from nioc_paper.system.git.objects import list_tree
from nioc_paper.system.git.runner import record_refusal, run_bytes, run_text
from nioc_paper.system.git.uncommitted import parent_folders
from nioc_paper.system.git.worktree import GitEntry
from nioc_paper.system.scratch import ScratchFolder

MERGE_HEADS = ("MERGE_HEAD", "CHERRY_PICK_HEAD")
"""Refs that exist during a merge, when git commits all or nothing."""


def commit_files(root: Path, paths: Sequence[str], message: str, author: str | None = None) -> str | None:
    """Commit some files only, as an author: "Ada North <ada@…>"; by default the user.

    Returns None if it cannot be done.

    Other staged changes stay staged. No filter and no hook is run.
    """
    try:
        with _locked_index_copy(root) as index:
            parent, parent_tree = _find_parent(root)
            tree = _write_tree(root, parent, parent_tree, paths, index)
            new_commit = _commit_tree(root, tree, parent, message, author)
    except NoRepositoryError:
        return None
    except GitRefusedError as error:
        record_refusal(root, error)
        return None
    return new_commit


def start_repository(folder: Path, paths: Sequence[str], message: str) -> str | None:
    """Make a repository of a folder, and commit these files as the user.

    Returns None without git, or if the folder is in a repository: its owner decides what to commit.
    """
    try:
        isolated.find_repository(folder)
    except NoRepositoryError:
        pass
    else:
        return None
    try:
        process.run_git_outside(folder, ["init", "--quiet", "--initial-branch=main", "--template="])
    except (NoRepositoryError, GitRefusedError):
        return None
    return commit_files(folder, paths, message)


def is_merging(root: Path) -> bool:
    """Return whether git is in the middle of a merge, as far as it answers."""
    with contextlib.suppress(NoRepositoryError, GitRefusedError):
        return any(_resolve_names(root, *MERGE_HEADS))
    return False


def is_in_hook() -> bool:
    """Return whether a hook of git runs this process; git names its index to hooks of a commit."""
    return "GIT_INDEX_FILE" in os.environ


@contextlib.contextmanager
def _locked_index_copy(root: Path) -> Iterator[Path]:
    """Lock the index, and yield a copy that replaces it at the end unless there is an exception."""
    index = isolated.find_repository(root).git_folder / "index"
    lock = index.with_name("index.lock")
    with ScratchFolder("index") as folder:
        try:
            lock.touch(exist_ok=False)
        except OSError as error:
            raise GitRefusedError(f"{lock}: {error.strerror}; another git may be at work") from error
        try:
            if index.exists():
                shutil.copy2(index, folder / "index")  # git takes from its time which entries may be out of date
                shutil.copymode(index, lock)
            yield folder / "index"
            lock.write_bytes((folder / "index").read_bytes())
            lock.replace(index)
        finally:
            lock.unlink(missing_ok=True)


def _find_parent(root: Path) -> tuple[str, str]:
    """Return the last commit and its tree, both empty if there is none. Raises GitRefusedError during a merge."""
    commit, tree, *merge_heads = _resolve_names(root, "HEAD", "HEAD^{tree}", *MERGE_HEADS)
    if any(merge_heads):
        raise GitRefusedError
    return commit, tree


def _resolve_names(root: Path, *names: str) -> list[str]:
    """Return the hash of the object of each name, empty if there is none: one git for all."""
    answers = run_text(root, "cat-file", "--batch-check=%(objectname)", data="\n".join(names).encode())
    return ["" if line.endswith(" missing") else line for line in answers.splitlines()]


def _write_tree(root: Path, parent: str, parent_tree: str, paths: Sequence[str], index: Path) -> str:
    """Store some files, put them into the index, and return the tree of the last commit with them in it."""
    prefix = isolated.find_prefix(root)
    before = (list_tree(root, parent, paths) if parent else None) or {}
    changes = [change for path in paths for change in _read_change(root, f"{prefix}{path}", path, before.get(path))]
    hashes = _store_contents(root, [change.data for change in changes])
    lines = "".join(f"{change.mode} {name}\t{change.name}\0" for change, name in zip(changes, hashes, strict=True))
    with ScratchFolder("tree") as folder:
        temporary_index = {"GIT_INDEX_FILE": str(folder / "index")}
        if parent:
            run_text(root, "read-tree", parent, env=temporary_index)
        for env in (temporary_index, {"GIT_INDEX_FILE": str(index)}):
            run_text(root, "update-index", "-z", "--index-info", data=os.fsencode(lines), env=env)
        tree = run_text(root, "write-tree", "--missing-ok", env=temporary_index).strip()
    if tree == parent_tree:
        raise GitRefusedError
    return tree


class _Change(NamedTuple):
    """File to put into the index."""

    name: str
    """Path in the repository."""
    mode: str
    """Mode of git; 0 removes the file."""
    data: bytes


def _read_change(root: Path, name: str, path: str, committed: GitEntry | None) -> Iterator[_Change]:
    """Yield the file as it is on disk, for the place of the entry of this name."""
    if any((root / folder).is_symlink() for folder in parent_folders(path)):
        raise GitRefusedError(f"{path} is beyond a link")
    try:
        mode_and_data = worktree.read_mode_and_content(root, path)
    except confined.ConfinedError as error:
        raise GitRefusedError(f"{path} {error}") from error
    if mode_and_data is None:
        if committed:
            yield _Change(name, "0", b"")
        return
    mode, data = mode_and_data
    if committed and b"\r\n" in data and b"\r\n" not in run_bytes(root, ["cat-file", "blob", committed.hash]):
        data = worktree.with_line_feeds(data)  # git stores this text with line feeds
    if committed and worktree.LINK_MODE not in (mode, committed.mode):
        mode = committed.mode
    yield _Change(name, mode, data)


def _store_contents(root: Path, contents: Sequence[bytes]) -> list[str]:
    """Store files as they are, without filters, and return their hashes: one git for all, also for what is removed."""
    with ScratchFolder("contents") as folder:
        files = [folder / str(number) for number in range(len(contents))]
        for file, data in zip(files, contents, strict=True):
            file.write_bytes(data)
        paths = b"".join(os.fsencode(file) + b"\n" for file in files)
        return run_text(root, "hash-object", "-w", "--no-filters", "--stdin-paths", data=paths).split()


def _commit_tree(root: Path, tree: str, parent: str, message: str, author: str | None) -> str:
    """Make a commit of a tree by an author, by default the user, and move the branch to it if it is at the parent."""
    identity = _committer_environment(root)
    name, _, address = (author or "{GIT_COMMITTER_NAME} <{GIT_COMMITTER_EMAIL}>".format_map(identity)).rpartition(" <")
    identity |= {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": address.rstrip(">")}
    parents = ("-p", parent) if parent else ()
    text = f"{message.strip()}\n".encode("utf-8", "surrogateescape")
    commit = run_text(root, "commit-tree", "--no-gpg-sign", tree, *parents, data=text, env=identity).strip()
    subject = message.strip().partition("\n")[0]
    run_text(root, "update-ref", "-m", f"commit: {subject}", "HEAD", commit, parent or "0" * len(commit), env=identity)
    return commit


def _committer_environment(root: Path) -> dict[str, str]:
    """Return who commits: the user, by the repository's settings or their own; otherwise nioc."""
    settings = isolated.find_repository(root).read_settings()
    address = settings.get("user.email") or process.read_user_setting("user.email")
    name = settings.get("user.name") or process.read_user_setting("user.name")
    names = (name or "nioc", address) if address else ("nioc", "nioc@localhost")
    printable = ("".join(filter(str.isprintable, text)) for text in names)
    return dict(zip(("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"), printable, strict=True))
