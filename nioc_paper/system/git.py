"""Git, asked only here: history of the paper, and commits.

No repository and no git give "unknown". So does a question that git refuses, but its reason is recorded in
REFUSAL_REASONS for the command to report. No program named in the repository is run: `git status` and `git add` run
filters, so files are compared and stored here.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from nioc_paper.system import repository, worktree
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.repository import GitRefusedError, NoRepositoryError
from nioc_paper.system.scratch import ScratchFolder
from nioc_paper.system.worktree import GitEntry

if TYPE_CHECKING:
    from nioc_paper.model import Diagnostic, History, Version

REFUSAL_REASONS: dict[Path, str] = {}
"""First reason in this process why git did not answer, by the folder that it was asked about."""
MERGE_HEADS = ("MERGE_HEAD", "CHERRY_PICK_HEAD")
"""Refs that exist during a merge, when git commits all or nothing."""
_MAX_REASON_LENGTH = 200
_HEAD_ARGS = ("rev-parse", "--verify", "--quiet", "HEAD")
_NEWEST_FIRST = ("--sort=-version:refname", "--sort=-creatordate")
"""Order of tags."""


def read_history(root: Path, zone: tzinfo = UTC, paths: Sequence[str] = (".",), cache: Cache = NO_CACHE) -> History:
    """Return git's knowledge of the paper in `root`, with days of `zone` and the last changes of files under `paths`.

    A walk through the history is cached until the next commit.
    """
    from nioc_paper.model import History  # late: a replayed command needs no records

    commit = _ask(root, *_HEAD_ARGS)
    tree = _list_tree(root, commit) if commit else None
    # The paper itself must be in the last commit, not just some folder above it.
    if commit is None or not tree or (timestamp := commit_timestamp(root, commit)) is None:
        return History()
    # A shallow clone dates every old file by the commit at which it was cut.
    is_complete = has_full_history(root)
    return History(
        commit=commit,
        committed_on=_to_date(str(timestamp), zone),
        timestamp=timestamp,
        # If git cannot tell, files may have changed.
        has_uncommitted=_uncommitted_files(root, tree, (".",), tracked=True) != [],
        tag=find_tag(root, commit),
        versions=tuple(_read_versions(root, zone)) if is_complete else (),
        last_changes=_last_change_days(root, zone, paths, cache, commit) if is_complete else {},
    )


def versions(root: Path, zone: tzinfo = UTC) -> tuple[Version, ...]:
    """Return the tags that led to the last commit, newest first; none without git."""
    return tuple(_read_versions(root, zone)) if _ask(root, *_HEAD_ARGS) else ()


def resolve_commit(root: Path, revision: str = "HEAD") -> str | None:
    """Return the full name of a commit; None if there is none."""
    # `--` and the type keep a name from being an option or another object.
    return _ask(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")


def find_tag(root: Path, commit: str) -> str:
    """Return the newest tag of a commit; empty without one."""
    form = ("--count=1", "--format=%(refname:strip=2)")
    return _ask(root, "for-each-ref", "refs/tags", f"--points-at={commit}", *_NEWEST_FIRST, *form) or ""


def state_for_cache_key(root: Path) -> str:
    """Return everything that git knows of a paper, for a cache key; of the files only the names of changed ones."""
    return f"{_ask(root, 'show-ref', '--head')}\n{has_full_history(root)}\n{uncommitted(root, tracked=True)}"


def commit_days(root: Path, zone: tzinfo = UTC) -> list[tuple[date, str]]:
    """Return the days of commits, oldest first, each with its last commit; empty if git cannot tell.

    Only commits on the main line count (first parents).
    """
    log = (
        _ask(root, "log", "--first-parent", "--format=%H %ct", "--", ".")
        if resolve_commit(root) and has_full_history(root)
        else None
    )
    last_commits: dict[date, str] = {}
    for line in (log or "").splitlines():
        commit, _, seconds = line.partition(" ")
        if on := _to_date(seconds, zone):
            last_commits.setdefault(on, commit)
    return sorted(last_commits.items())


def has_full_history(root: Path) -> bool:
    """Return whether git has the paper's whole history; otherwise a commit may exist elsewhere."""
    return (_ask(root, "rev-parse", "--is-shallow-repository") or "").startswith("false")


def uncommitted(root: Path, paths: Sequence[str] = (".",), *, tracked: bool = False) -> list[str] | None:
    """Return the files under some paths that differ from the last commit; None if git cannot tell.

    Includes ignored and untracked files, unless `tracked`.
    """
    commit = _ask(root, *_HEAD_ARGS)
    tree = _list_tree(root, commit, paths) if commit else None
    return None if tree is None else _uncommitted_files(root, tree, paths, tracked=tracked)


def _uncommitted_files(
    root: Path, committed: Mapping[str, GitEntry], paths: Sequence[str], *, tracked: bool
) -> list[str] | None:
    """Return the files under some paths that differ from the last commit, given its entries."""
    staged = _list_index(root, paths)
    if staged is None:
        return None
    git_paths = {*committed, *staged}
    folders = {folder for path in git_paths for folder in _parent_folders(path)}
    files_on_disk = set(
        worktree.walk_files(root, lambda folder: folder in folders or (not tracked and _is_under(folder, paths)))
    )
    untracked_files = set() if tracked else {path for path in files_on_disk - git_paths if _is_under(path, paths)}
    return sorted(
        untracked_files
        | {p for p in git_paths if not _is_committed_as_is(root, p, committed.get(p), staged.get(p), files_on_disk)}
    )


def _is_committed_as_is(
    root: Path, path: str, committed: GitEntry | None, staged: GitEntry | None, files_on_disk: set[str]
) -> bool:
    """Return whether a file is the same in the last commit, in the index and on disk."""
    if committed is None or staged is None or staged[:2] != committed[:2]:
        return False
    if committed.mode == worktree.SUBMODULE_MODE:  # a repository of its own
        inside = os.path.lexists(root / path / ".git")
        return resolve_commit(root / path) == committed.hash if inside else path not in files_on_disk
    # A sparse checkout leaves files out.
    return worktree.is_unchanged(root / path, committed.hash) if path in files_on_disk else staged.is_sparse


def _is_under(path: str, paths: Sequence[str]) -> bool:
    """Return whether a path is one of these, or below one."""
    return any(name in (".", path) or path.startswith(f"{name}/") for name in paths)


def _parent_folders(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _list_tree(root: Path, commit: str, paths: Sequence[str] = (".",)) -> dict[str, GitEntry] | None:
    """Return the files of the paper in a commit by path; None if git cannot tell."""
    output = _ask(root, "ls-tree", "-r", "-z", commit, "--", *paths)
    if output is None:
        return None
    lines = (line.partition("\t") for line in output.split("\0") if line)
    return {path: GitEntry(about.split()[0], about.split()[2]) for about, _, path in lines}


def _list_index(root: Path, paths: Sequence[str]) -> dict[str, GitEntry] | None:
    """Return the files of the paper in the index by path; None if git cannot tell. One in a conflict has no hash."""
    output = _ask(root, "ls-files", "-v", "--stage", "-z", "--", *paths)
    if output is None:
        return None
    entries = {}
    for line in filter(None, output.split("\0")):
        about, _, path = line.partition("\t")
        tag, mode, name, stage = about.split()
        entries[path] = GitEntry(mode, name if stage == "0" else "", is_sparse=tag in "Ss")
    return entries


def commit_at_end_of_day(root: Path, day: str, zone: tzinfo = UTC) -> str | None:
    """Return the last commit of the paper at the end of a day, YYYY-MM-DD; None before the first.

    A branch merged later did not count on that day: only first parents do.
    """
    end = int(datetime.combine(date.fromisoformat(day), time(23, 59, 59), zone).timestamp())
    if end < 0:  # git reads times before its first second as another day
        return None
    if resolve_commit(root) is None:
        return None
    output = _ask(root, "rev-list", "-1", "--first-parent", f"--before={end}", "HEAD", "--", ".")
    return (output or "").strip() or None


def commit_timestamp(root: Path, commit: str) -> int | None:
    """Return the time of a commit in seconds since the epoch."""
    output = _ask(root, "log", "-1", "--format=%ct", "--end-of-options", commit)
    return int(output) if output and output.strip().isdecimal() else None


def find_first_commit(root: Path, path: str, zone: tzinfo = UTC) -> tuple[str, date] | None:
    """Return the first commit of a file that git has here, and its day; None if there is none."""
    log = _ask(root, "log", "--first-parent", "--format=%H %ct", "--", path) if resolve_commit(root) else None
    commit, _, seconds = (log or "").strip().rpartition("\n")[2].partition(" ")
    on = _to_date(seconds, zone) if commit else None
    return (commit, on) if on else None


def read_files_at(root: Path, commit: str) -> dict[str, bytes] | None:
    """Return the files of the paper in a commit by path, without links; None if git cannot tell."""
    tree = _list_tree(root, commit)
    if tree is None:
        return None
    files = {path: entry.hash for path, entry in tree.items() if entry.mode.startswith("100")}
    # Raw blobs: `git archive` would run filters named in the repository.
    batch = _ask_bytes(root, ["cat-file", "--batch"], "".join(f"{name}\n" for name in files.values()).encode())
    try:
        return None if batch is None else dict(zip(files, _split_blobs(batch), strict=True))
    except ValueError:
        REFUSAL_REASONS.setdefault(root, f"the repository lacks files of the commit {commit[:10]}")
        return None


def _split_blobs(batch: bytes) -> Iterator[bytes]:
    """Split the output of `cat-file --batch`: a line with the size, the bytes, a line end, and so on."""
    at = 0
    while at < len(batch):
        end = batch.index(b"\n", at)
        size = int(batch[at:end].rsplit(b" ", 1)[1])
        yield batch[end + 1 : end + 1 + size]
        at = end + 2 + size


def merge_texts(ours: str, base: str, theirs: str) -> str | None:
    """Return git's three-way merge, with conflict markers and all three sides of clashes; None if git cannot."""
    with ScratchFolder("merge") as folder:
        for name, text in (("ours", ours), ("base", base), ("theirs", theirs)):
            (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        args = ["merge-file", "-p", "--diff3", f"--marker-size={len(CONFLICT_MARKERS[0])}", "ours", "base", "theirs"]
        try:
            completed = repository.run_git_outside(folder, args)
        except (NoRepositoryError, GitRefusedError):
            return None
    # The exit code is the number of clashes, up to 127; a real failure is 255.
    return None if completed.returncode > 127 else completed.stdout.decode("utf-8", "surrogateescape")


CONFLICT_MARKERS = tuple(sign * 41 for sign in "<|=>")
"""Start of the lines before ours, before the base, before theirs, and after them."""


# --- a commit ---------------------------------------------------------------------------------------------------------


def commit_files(root: Path, paths: Sequence[str], message: str, author: str) -> str | None:
    """Commit some files and nothing else, as an author: "Ada North <ada@…>". Returns None if it cannot be done.

    Other staged changes stay staged. No filter and no hook is run.
    """
    if any(resolve_commit(root, name) for name in MERGE_HEADS):
        return None
    try:
        with _locked_index_copy(root) as index:
            parent = _ask(root, *_HEAD_ARGS)
            tree = _write_tree(root, parent, paths, index)
            new_commit = _commit_tree(root, tree, parent, message, author)
    except NoRepositoryError:
        return None
    except GitRefusedError as error:
        _record_refusal(root, error)
        return None
    return new_commit


@contextlib.contextmanager
def _locked_index_copy(root: Path) -> Iterator[Path]:
    """Lock the index, and yield a copy that replaces it at the end unless there is an exception."""
    index = repository.find_repository(root).git_folder / "index"
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


def _write_tree(root: Path, parent: str | None, paths: Sequence[str], index: Path) -> str:
    """Store some files, put them into the index, and return the tree of the last commit with them in it."""
    prefix = _run_text(root, "rev-parse", "--show-prefix").strip("\n")
    before = (_list_tree(root, parent, paths) if parent else None) or {}
    lines = "".join(
        line for path in paths for line in _update_index_lines(root, f"{prefix}{path}", path, before.get(path))
    )
    with ScratchFolder("tree") as folder:
        temporary_index = {"GIT_INDEX_FILE": str(folder / "index")}
        if parent:
            _run_text(root, "read-tree", parent, env=temporary_index)
        for env in (temporary_index, {"GIT_INDEX_FILE": str(index)}):
            _run_text(root, "update-index", "-z", "--index-info", data=os.fsencode(lines), env=env)
        tree = _run_text(root, "write-tree", "--missing-ok", env=temporary_index).strip()
    if parent and tree == _run_text(root, "rev-parse", "--verify", f"{parent}^{{tree}}").strip():
        raise GitRefusedError
    return tree


def _update_index_lines(root: Path, name: str, path: str, committed: GitEntry | None) -> Iterator[str]:
    """Yield the lines for `update-index` that put a file, as it is on disk, in the place of the entry of this name."""
    if any((root / folder).is_symlink() for folder in _parent_folders(path)):
        raise GitRefusedError(f"{path} is beyond a link")
    mode_and_data = worktree.read_mode_and_content(root / path)
    if mode_and_data is None:
        if committed:
            yield f"0 {'0' * len(committed.hash)}\t{name}\0"
        return
    mode, data = mode_and_data
    if committed and b"\r\n" in data and b"\r\n" not in _run_bytes(root, ["cat-file", "blob", committed.hash]):
        data = worktree.with_line_feeds(data)  # git stores this text with line feeds
    if committed and worktree.LINK_MODE not in (mode, committed.mode):
        mode = committed.mode
    blob = _run_text(root, "hash-object", "-w", "--no-filters", "--stdin", data=data).strip()
    yield f"0 {'0' * len(blob)}\t{name}\0{mode} {blob}\t{name}\0"


def _commit_tree(root: Path, tree: str, parent: str | None, message: str, author: str) -> str:
    """Make a commit of a tree, and move the branch to it if it is still at the parent."""
    name, _, address = author.rpartition(" <")
    identity = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": address.rstrip(">"), **_committer_environment(root)}
    parents = ("-p", parent) if parent else ()
    text = f"{message.strip()}\n".encode("utf-8", "surrogateescape")
    commit = _run_text(root, "commit-tree", "--no-gpg-sign", tree, *parents, data=text, env=identity).strip()
    subject = message.strip().partition("\n")[0]
    _run_text(root, "update-ref", "-m", f"commit: {subject}", "HEAD", commit, parent or "0" * len(commit), env=identity)
    return commit


def _committer_environment(root: Path) -> dict[str, str]:
    """Return who commits: the user, by the repository's settings or their own; otherwise nioc."""
    settings = repository.find_repository(root).read_settings()
    address = settings.get("user.email") or repository.read_user_setting("user.email")
    name = settings.get("user.name") or repository.read_user_setting("user.name")
    names = (name or "nioc", address) if address else ("nioc", "nioc@localhost")
    printable = ("".join(filter(str.isprintable, text)) for text in names)
    return dict(zip(("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"), printable, strict=True))


# --- asking -----------------------------------------------------------------------------------------------------------


def _ask(root: Path, *args: str) -> str | None:
    """Return git's output; None without an answer. A refusal is recorded in REFUSAL_REASONS."""
    output = _ask_bytes(root, args)
    return None if output is None else os.fsdecode(output).rstrip("\n")


def _ask_bytes(root: Path, args: Sequence[str], data: bytes = b"") -> bytes | None:
    if (REFUSAL_REASONS.get(root) or "").startswith(
        repository.LIMIT_REASON_PREFIX
    ):  # waiting again would take for ever
        return None
    try:
        return _run_bytes(root, args, data)
    except NoRepositoryError:
        return None
    except GitRefusedError as error:
        _record_refusal(root, error)
        return None


def refusal_findings(root: Path) -> list[Diagnostic]:
    """Return the reasons in REFUSAL_REASONS for the paper in a folder as findings, each once."""
    from nioc_paper.model import Diagnostic, Place, Severity

    hint = "what depends on the history of the paper is left out or refused"
    reasons = sorted({reason for folder, reason in REFUSAL_REASONS.items() if folder.is_relative_to(root)})
    return [Diagnostic(Place(".git"), "git-refused", reason, Severity.WARNING, hint) for reason in reasons]


def _record_refusal(root: Path, error: GitRefusedError) -> None:
    if reason := str(error):
        REFUSAL_REASONS.setdefault(root, reason)


def _run_text(root: Path, *args: str, data: bytes = b"", env: Mapping[str, str] = {}) -> str:
    return os.fsdecode(_run_bytes(root, args, data, env))


def _run_bytes(root: Path, args: Sequence[str], data: bytes = b"", env: Mapping[str, str] = {}) -> bytes:
    """Return git's output. Raises GitRefusedError; without a reason if the thing asked for does not exist."""
    completed = repository.run_git(root, args, data, env)
    if completed.returncode == 0:
        return completed.stdout
    raise GitRefusedError("" if completed.returncode == 1 and not completed.stderr else _failure_reason(completed))


def _failure_reason(completed: subprocess.CompletedProcess[bytes]) -> str:
    """Return git's own reason, in one line."""
    lines = completed.stderr.decode(errors="replace").splitlines()
    reasons: Iterable[str] = (line.partition(": ")[2] for line in lines if line.startswith(("fatal: ", "error: ")))
    return f"git says: {next(iter(reasons), f'exit code {completed.returncode}')[:_MAX_REASON_LENGTH]}"


def _to_date(seconds: str, zone: tzinfo) -> date | None:
    """Return the day of a git date; None if no calendar has it."""
    try:
        return datetime.fromtimestamp(int(seconds), zone).date()
    except (ValueError, OverflowError, OSError):
        return None


def _read_versions(root: Path, zone: tzinfo) -> Iterator[Version]:
    """Yield the tags that led to this commit, newest first."""
    from nioc_paper.model import Version

    # A tag without a message has the subject of its commit, which is not for readers of the paper.
    message = "%(if:equals=tag)%(objecttype)%(then)%(contents:subject)%(end)"
    form = f"%(refname:strip=2)%00%(creatordate:unix)%00{message}"
    tags = _ask(root, "for-each-ref", "refs/tags", "--merged=HEAD", *_NEWEST_FIRST, f"--format={form}") or ""
    for line in tags.split("\n"):
        tag, _, rest = line.partition("\0")
        seconds, _, subject = rest.partition("\0")
        if on := _to_date(seconds, zone):
            yield Version(tag, on, subject)


def _last_change_days(root: Path, zone: tzinfo, paths: Sequence[str], cache: Cache, commit: str) -> Mapping[str, date]:
    """Return the day of the last commit of each file."""

    def read_log_as_json() -> bytes:
        return json.dumps(dict(_walk_log(root, paths))).encode()

    seconds: Mapping[str, str] = json.loads(cache.get_or_create(cache_key("changed", commit, *paths), read_log_as_json))
    return {name: day for name, seconds_text in seconds.items() if (day := _to_date(seconds_text, zone))}


def _walk_log(root: Path, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each file with the time of each of its commits, the latest last, from one walk through the history."""
    # Each commit is NUL, seconds, NUL, line feed, then its files, each ended by NUL.
    log = _ask(root, "log", "-z", "--format=%x00%ct", "--name-only", "--relative", "--", *paths) or ""
    for entry in reversed(log.split("\0\0")):
        seconds, _, names = entry.strip("\0").partition("\0")
        if _to_date(seconds, UTC):
            yield from ((name, seconds) for name in names.removeprefix("\n").split("\0") if name)
