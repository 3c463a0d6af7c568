"""Commits of some files only, made in an index of ours, without `git commit`, which runs hooks."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from nioc_paper.system.git import git_process, isolated_git
from nioc_paper.system.git.git_answers import answer_or_none, run_text
from nioc_paper.system.git.git_process import GitRefusedError, NoRepositoryError
from nioc_paper.system.scratch import ScratchFolder, new_file_beside
from nioc_paper.system.undo_note import note_commit, note_index, note_lock

MERGE_HEADS = ("MERGE_HEAD", "CHERRY_PICK_HEAD")
"""Refs that exist during a merge, when git commits all or nothing."""


def commit_files(root: Path, paths: Sequence[str], message: str, author: str | None = None) -> str | None:
    """Commit some files only, as an author: "Ada North <ada@…>"; by default the user.

    Returns None if it cannot be done.

    Other staged changes stay staged. No filter and no hook is run.
    """
    return answer_or_none(root, lambda: _commit(root, paths, message, author))


def start_repository(folder: Path, paths: Sequence[str], message: str) -> str | None:
    """Make a repository of a folder, and commit these files as the user.

    Returns None without git, or if the folder is in a repository: its owner decides what to commit.
    """

    def start() -> str | None:
        with contextlib.suppress(NoRepositoryError):
            isolated_git.find_repository(folder)
            return None
        git_process.run_git_outside(folder, ["init", "--quiet", "--initial-branch=main", "--template="])
        return commit_files(folder, paths, message)

    return answer_or_none(folder, start)


def copy_history(bundle: Path, folder: Path) -> bool:
    """Make a repository of the history in a bundle of git, in an empty folder. Returns False without git."""

    def copy() -> bool:
        git_process.run_git_outside(folder, ["clone", "--quiet", "--branch=main", "--template=", str(bundle), "."])
        git_process.run_git_outside(folder, ["remote", "remove", "origin"])
        return True

    return answer_or_none(folder, copy) is True


def is_in_hook() -> bool:
    """Return whether a hook of git runs this process; git names its index to hooks of a commit."""
    return "GIT_INDEX_FILE" in os.environ


def _commit(root: Path, paths: Sequence[str], message: str, author: str | None) -> str:
    with locked_index_copy(root) as index:
        parent, parent_tree = _find_parent(root)
        tree = _write_tree(root, parent, parent_tree, paths, index)
        return commit_tree(root, tree, (parent,) if parent else (), message, author)


@contextlib.contextmanager
def locked_index_copy(root: Path) -> Iterator[Path]:
    """Lock the index, and yield a copy that replaces it at the end unless there is an exception."""
    index = isolated_git.find_repository(root).git_folder / "index"
    lock = index.with_name("index.lock")
    with ScratchFolder("index") as folder:
        note_lock(lock, None)
        try:
            with new_file_beside(lock) as (handle, name):
                note_lock(lock, os.fstat(handle).st_ino)
                os.link(name, lock)
        except OSError as error:
            raise GitRefusedError(f"{lock}: {error.strerror}; another git may be at work") from error
        try:
            if index.exists():
                shutil.copy2(index, folder / "index")  # git takes from its time which entries may be out of date
                shutil.copymode(index, lock)
            yield folder / "index"
            data = (folder / "index").read_bytes()
            lock.write_bytes(data)
            note_index(index, data)
            lock.replace(index)
        finally:
            lock.unlink(missing_ok=True)
            note_lock(lock, None)


def _find_parent(root: Path) -> tuple[str, str]:
    """Return the last commit and its tree, both empty if there is none. Raises GitRefusedError during a merge."""
    names = "\n".join(("HEAD", "HEAD^{tree}", *MERGE_HEADS))
    answers = run_text(root, "cat-file", "--batch-check=%(objectname)", data=names.encode()).splitlines()
    commit, tree, *merge_heads = ("" if line.endswith(" missing") else line for line in answers)
    if any(merge_heads):
        raise GitRefusedError
    return commit, tree


def _write_tree(root: Path, parent: str, parent_tree: str, paths: Sequence[str], index: Path) -> str:
    """Store some files, put them into the index, and return the tree of the last commit with them in it.

    Git refuses what is beyond a link, and what is neither a file nor a link.
    """
    with ScratchFolder("tree") as folder:
        own = folder / "index"
        if parent:
            run_text(root, "read-tree", parent, index=own)
        names = os.fsencode("\0".join(paths))
        run_text(root, "update-index", "--add", "--remove", "-z", "--stdin", data=names, index=own)
        tree = run_text(root, "write-tree", "--missing-ok", index=own).strip()
        entries = run_text(root, "ls-files", "--stage", "--full-name", "-z", "--", *paths, index=own)
    if tree == parent_tree:
        raise GitRefusedError
    prefix = isolated_git.find_prefix(root)
    removals = "".join(f"0 {tree}\t{prefix}{path}\0" for path in paths)
    env = {"GIT_INDEX_FILE": str(index)}
    run_text(root, "update-index", "-z", "--index-info", data=os.fsencode(removals + entries), env=env)
    return tree


def commit_tree(root: Path, tree: str, parents: Sequence[str], message: str, author: str | None = None) -> str:
    """Make a commit of a tree, and move the branch to it if it is still at the first parent."""
    committer = _committer_environment(root)
    user = "{GIT_COMMITTER_NAME} <{GIT_COMMITTER_EMAIL}>".format_map(committer)
    name, _, address = (author or user).rpartition(" <")
    identity = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": address.rstrip(">"), **committer}
    options = [option for parent in parents for option in ("-p", parent)]
    text = f"{message.strip()}\n".encode("utf-8", "surrogateescape")
    commit = run_text(root, "commit-tree", "--no-gpg-sign", tree, *options, data=text, env=identity).strip()
    move_branch(root, commit, parents[0] if parents else "", f"commit: {message.strip().partition(chr(10))[0]}")
    return commit


def move_branch(root: Path, commit: str, old: str, reason: str) -> None:
    """Move the branch to a commit if it is still at the old one."""
    note_commit(old, commit, isolated_git.find_repository(root).git_folder / "index")
    env = _committer_environment(root)
    run_text(root, "update-ref", "-m", reason, "HEAD", commit, old or "0" * len(commit), env=env)


def move_branch_back(root: Path, commit: str, old: str) -> bool:
    """Move the branch from a commit of a command that was not completed back to the old one. Returns whether it is."""

    def move_back() -> bool:
        if old:
            move_branch(root, old, commit, "undo: the command was not completed")
        else:
            run_text(root, "update-ref", "-d", "HEAD", commit)
        return True

    return answer_or_none(root, move_back) is True


def _committer_environment(root: Path) -> dict[str, str]:
    """Return who commits, and the days that the user gives git.

    It is the user, by the repository's settings or their own; otherwise nioc.
    """
    settings = isolated_git.find_repository(root).read_settings()
    address = settings.get("user.email") or git_process.read_user_setting("user.email")
    name = settings.get("user.name") or git_process.read_user_setting("user.name")
    names = (name or "nioc", address) if address else ("nioc", "nioc@localhost")
    printable = ("".join(filter(str.isprintable, text)) for text in names)
    dates = {name: os.environ[name] for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE") if name in os.environ}
    return dict(zip(("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"), printable, strict=True)) | dates
