"""The one module that asks git: what it knows of the paper; and that commits what it is told to.

No repository and no git are answered with "unknown". So is a question that git refuses, but the reason is kept in
REFUSED for the command to report. No program that the repository names is run: `git status` and `git add` run filters,
so files are compared and stored here.
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

from nioc_paper.cache import NO_CACHE, Cache, key
from nioc_paper.system import repository, worktree
from nioc_paper.system.repository import NoRepositoryError, RefusedError
from nioc_paper.system.scratch import ScratchFolder
from nioc_paper.system.worktree import Entry

if TYPE_CHECKING:
    from nioc_paper.model import Diagnostic, History, Version

REFUSED: dict[Path, str] = {}
"""Why git did not answer, by the folder that it was asked about: the first reason in this process."""
UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD")
"""Names that git has while it merges: it commits all or nothing then."""
_REASON_LENGTH = 200
_HEAD = ("rev-parse", "--verify", "--quiet", "HEAD")


def history(root: Path, zone: tzinfo = UTC, paths: Sequence[str] = (".",), cache: Cache = NO_CACHE) -> History:
    """What git knows of the paper in `root`: days are those of `zone`, `changed` holds the files under `paths`.

    The cache keeps what a walk through the history gave, until there is another commit.
    """
    from nioc_paper.model import History  # late: to see that nothing has changed takes no records

    commit = _git(root, *_HEAD)
    tree = _tree(root, commit) if commit else None
    # The paper itself must be in the last commit, not just some folder above it.
    if commit is None or not tree or (moment := moment_of(root, commit)) is None:
        return History()
    # A shallow clone dates every old file by the commit at which it was cut off.
    whole = is_whole(root)
    return History(
        commit=commit,
        on=_day(str(moment), zone),
        timestamp=moment,
        # When git cannot say that nothing was changed, nobody can.
        dirty=_changed_since(root, tree, (".",), tracked=True) != [],
        versions=tuple(_versions(root, zone)) if whole else (),
        changed=_changed(root, zone, paths, cache, commit) if whole else {},
    )


def versions(root: Path, zone: tzinfo = UTC) -> tuple[Version, ...]:
    """Return the tags that led to the last commit, newest first; none without git."""
    return tuple(_versions(root, zone)) if _git(root, *_HEAD) else ()


def commit_of(root: Path, revision: str = "HEAD") -> str | None:
    """The full name of a commit; None for one that is not there."""
    # `--` and the type keep a name that looks like an option, or is no commit, from meaning anything.
    return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")


def state(root: Path) -> str:
    """Return all that git says of a paper, for a cache key; of the files only which are not as in the last commit."""
    return f"{_git(root, 'show-ref', '--head')}\n{is_whole(root)}\n{uncommitted(root, tracked=True)}"


def days(root: Path, zone: tzinfo = UTC) -> list[tuple[date, str]]:
    """The days on which the paper was committed, oldest first, each with its last commit; empty when git cannot tell.

    Of commits on several branches those that a reader of the main line saw count.
    """
    log = (
        _git(root, "log", "--first-parent", "--format=%H %ct", "--", ".")
        if commit_of(root) and is_whole(root)
        else None
    )
    found: dict[date, str] = {}
    for line in (log or "").splitlines():
        commit, _, seconds = line.partition(" ")
        if on := _day(seconds, zone):
            found.setdefault(on, commit)
    return sorted(found.items())


def is_whole(root: Path) -> bool:
    """Whether git has the paper's whole history: a commit that is not in it is then nowhere."""
    return (_git(root, "rev-parse", "--is-shallow-repository") or "").startswith("false")


def uncommitted(root: Path, paths: Sequence[str] = (".",), *, tracked: bool = False) -> list[str] | None:
    """Return the files under some paths that the last commit does not have as they are; None if git cannot tell.

    Files that git ignores or has never seen are among them, unless only the `tracked` ones are asked for.
    """
    commit = _git(root, *_HEAD)
    tree = _tree(root, commit, paths) if commit else None
    return None if tree is None else _changed_since(root, tree, paths, tracked=tracked)


def _changed_since(
    root: Path, committed: Mapping[str, Entry], paths: Sequence[str], *, tracked: bool
) -> list[str] | None:
    """Return the files under some paths that are not as in the last commit, which has these."""
    staged = _index(root, paths)
    if staged is None:
        return None
    known = {*committed, *staged}
    folders = {folder for path in known for folder in _folders(path)}
    here = set(worktree.files(root, lambda folder: folder in folders or (not tracked and _under(folder, paths))))
    others = set() if tracked else {path for path in here - known if _under(path, paths)}
    return sorted(others | {p for p in known if not _is_as_committed(root, p, committed.get(p), staged.get(p), here)})


def _is_as_committed(root: Path, path: str, committed: Entry | None, staged: Entry | None, here: set[str]) -> bool:
    """Whether a file is in the last commit, and the same there, in the index and on disk."""
    if committed is None or staged is None or staged[:2] != committed[:2]:
        return False
    if committed.mode == worktree.SUBMODULE:  # a repository of its own
        inside = os.path.lexists(root / path / ".git")
        return commit_of(root / path) == committed.hash if inside else path not in here
    # A sparse checkout leaves files out.
    return worktree.is_unchanged(root / path, committed.hash) if path in here else staged.left_out


def _under(path: str, paths: Sequence[str]) -> bool:
    """Whether a path is one of these, or below one."""
    return any(name in (".", path) or path.startswith(f"{name}/") for name in paths)


def _folders(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _tree(root: Path, commit: str, paths: Sequence[str] = (".",)) -> dict[str, Entry] | None:
    """Return the files of the paper in a commit by path; None if git cannot tell."""
    listed = _git(root, "ls-tree", "-r", "-z", commit, "--", *paths)
    if listed is None:
        return None
    lines = (line.partition("\t") for line in listed.split("\0") if line)
    return {path: Entry(about.split()[0], about.split()[2]) for about, _, path in lines}


def _index(root: Path, paths: Sequence[str]) -> dict[str, Entry] | None:
    """Return the files of the paper in the index by path; None if git cannot tell. One in a conflict has no hash."""
    listed = _git(root, "ls-files", "-v", "--stage", "-z", "--", *paths)
    if listed is None:
        return None
    found = {}
    for line in filter(None, listed.split("\0")):
        about, _, path = line.partition("\t")
        tag, mode, name, stage = about.split()
        found[path] = Entry(mode, name if stage == "0" else "", left_out=tag in "Ss")
    return found


def commit_on(root: Path, day: str, zone: tzinfo = UTC) -> str | None:
    """The last commit of the paper at the end of a day, YYYY-MM-DD, of what led here; None before the first.

    Of a branch that was merged later the paper knew nothing on that day: only what it was merged into counts.
    """
    end = int(datetime.combine(date.fromisoformat(day), time(23, 59, 59), zone).timestamp())
    if end < 0:  # git reads what stands before its first second as another day
        return None
    if commit_of(root) is None:
        return None
    found = _git(root, "rev-list", "-1", "--first-parent", f"--before={end}", "HEAD", "--", ".")
    return (found or "").strip() or None


def moment_of(root: Path, commit: str) -> int | None:
    """When a commit was made, in seconds since the epoch."""
    found = _git(root, "log", "-1", "--format=%ct", "--end-of-options", commit)
    return int(found) if found and found.strip().isdecimal() else None


def first_commit(root: Path, path: str, zone: tzinfo = UTC) -> tuple[str, date] | None:
    """The first commit of a file that git has here, and its day; None when it has none."""
    found = _git(root, "log", "--first-parent", "--format=%H %ct", "--", path) if commit_of(root) else None
    commit, _, seconds = (found or "").strip().rpartition("\n")[2].partition(" ")
    on = _day(seconds, zone) if commit else None
    return (commit, on) if on else None


def files_at(root: Path, commit: str) -> dict[str, bytes] | None:
    """Return the files of the paper as they were in a commit, by path; no links. None if git cannot tell."""
    tree = _tree(root, commit)
    if tree is None:
        return None
    files = {path: entry.hash for path, entry in tree.items() if entry.mode.startswith("100")}
    # Their bytes as they are kept: `git archive` would run the filters that a repository names.
    batch = _bytes(root, ["cat-file", "--batch"], "".join(f"{name}\n" for name in files.values()).encode())
    try:
        return None if batch is None else dict(zip(files, _blobs(batch), strict=True))
    except ValueError:
        REFUSED.setdefault(root, f"the repository lacks files of the commit {commit[:10]}")
        return None


def _blobs(batch: bytes) -> Iterator[bytes]:
    """What `cat-file --batch` gave: a line with the size, the bytes, a line end, and so on."""
    at = 0
    while at < len(batch):
        end = batch.index(b"\n", at)
        size = int(batch[at:end].rsplit(b" ", 1)[1])
        yield batch[end + 1 : end + 1 + size]
        at = end + 2 + size


def merge(ours: str, base: str, theirs: str) -> str | None:
    """Git's three-way merge of texts, with MARKERS and all three sides where they clash; None when git cannot."""
    with ScratchFolder("merge") as folder:
        for name, text in (("ours", ours), ("base", base), ("theirs", theirs)):
            (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        args = ["merge-file", "-p", "--diff3", f"--marker-size={len(MARKERS[0])}", "ours", "base", "theirs"]
        try:
            done = repository.run_alone(folder, args)
        except (NoRepositoryError, RefusedError):
            return None
    # Its exit code is the number of clashes, up to 127; a real failure is 255.
    return None if done.returncode > 127 else done.stdout.decode("utf-8", "surrogateescape")


MARKERS = tuple(sign * 41 for sign in "<|=>")
"""Begin a line before ours, before the base, before theirs, and after them."""


# --- a commit ---------------------------------------------------------------------------------------------------------


def commit(root: Path, paths: Sequence[str], message: str, author: str) -> str | None:
    """Commit some files and nothing else, in somebody's name: "Ada North <ada@…>". None if it cannot be done.

    What else is staged stays staged. No filter and no hook is run.
    """
    if any(commit_of(root, name) for name in UNFINISHED):
        return None
    try:
        with _next_index(root) as index:
            parent = _git(root, *_HEAD)
            tree = _tree_with(root, parent, paths, index)
            made = _commit_tree(root, tree, parent, message, author)
    except NoRepositoryError:
        return None
    except RefusedError as error:
        _keep(root, error)
        return None
    return made


@contextlib.contextmanager
def _next_index(root: Path) -> Iterator[Path]:
    """Lock the index, and give a copy of it that takes its place at the end, unless there is an exception."""
    index = repository.find(root).folder / "index"
    lock = index.with_name("index.lock")
    with ScratchFolder("index") as folder:
        try:
            lock.touch(exist_ok=False)
        except OSError as error:
            raise RefusedError(f"{lock}: {error.strerror}; another git may be at work") from error
        try:
            if index.exists():
                shutil.copy2(index, folder / "index")  # its time says to git which entries may be out of date
                shutil.copymode(index, lock)
            yield folder / "index"
            lock.write_bytes((folder / "index").read_bytes())
            lock.replace(index)
        finally:
            lock.unlink(missing_ok=True)


def _tree_with(root: Path, parent: str | None, paths: Sequence[str], index: Path) -> str:
    """Store some files, put them into the index, and return the tree of the last commit with them in it."""
    prefix = _need(root, "rev-parse", "--show-prefix").strip("\n")
    before = (_tree(root, parent, paths) if parent else None) or {}
    lines = "".join(line for path in paths for line in _entries(root, f"{prefix}{path}", path, before.get(path)))
    with ScratchFolder("tree") as folder:
        alone = {"GIT_INDEX_FILE": str(folder / "index")}
        if parent:
            _need(root, "read-tree", parent, env=alone)
        for env in (alone, {"GIT_INDEX_FILE": str(index)}):
            _need(root, "update-index", "-z", "--index-info", data=os.fsencode(lines), env=env)
        tree = _need(root, "write-tree", "--missing-ok", env=alone).strip()
    if parent and tree == _need(root, "rev-parse", "--verify", f"{parent}^{{tree}}").strip():
        raise RefusedError
    return tree


def _entries(root: Path, name: str, path: str, before: Entry | None) -> Iterator[str]:
    """Yield the lines for `update-index` that put a file, as it is on disk, in the place of the entry of this name."""
    if any((root / folder).is_symlink() for folder in _folders(path)):
        raise RefusedError(f"{path} is beyond a link")
    found = worktree.content(root / path)
    if found is None:
        if before:
            yield f"0 {'0' * len(before.hash)}\t{name}\0"
        return
    mode, data = found
    if before and b"\r\n" in data and b"\r\n" not in _run(root, ["cat-file", "blob", before.hash]):
        data = worktree.with_line_feeds(data)  # git keeps this text so
    if before and worktree.LINK not in (mode, before.mode):
        mode = before.mode
    blob = _need(root, "hash-object", "-w", "--no-filters", "--stdin", data=data).strip()
    yield f"0 {'0' * len(blob)}\t{name}\0{mode} {blob}\t{name}\0"


def _commit_tree(root: Path, tree: str, parent: str | None, message: str, author: str) -> str:
    """Make a commit of a tree, and let the branch name it, if it still names the parent."""
    name, _, address = author.rpartition(" <")
    who = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": address.rstrip(">"), **_committer(root)}
    parents = ("-p", parent) if parent else ()
    text = f"{message.strip()}\n".encode("utf-8", "surrogateescape")
    made = _need(root, "commit-tree", "--no-gpg-sign", tree, *parents, data=text, env=who).strip()
    subject = message.strip().partition("\n")[0]
    _need(root, "update-ref", "-m", f"commit: {subject}", "HEAD", made, parent or "0" * len(made), env=who)
    return made


def _committer(root: Path) -> dict[str, str]:
    """Return who commits: the user, by the repository's settings or their own; otherwise nioc."""
    own = repository.find(root).settings()
    address = own.get("user.email") or repository.setting_of_user("user.email")
    name = own.get("user.name") or repository.setting_of_user("user.name")
    names = (name or "nioc", address) if address else ("nioc", "nioc@localhost")
    printable = ("".join(filter(str.isprintable, text)) for text in names)
    return dict(zip(("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"), printable, strict=True))


# --- asking -----------------------------------------------------------------------------------------------------------


def _git(root: Path, *args: str) -> str | None:
    """Return what git prints; None if it has no answer. A failure is kept in REFUSED."""
    printed = _bytes(root, args)
    return None if printed is None else os.fsdecode(printed).rstrip("\n")


def _bytes(root: Path, args: Sequence[str], data: bytes = b"") -> bytes | None:
    if (REFUSED.get(root) or "").startswith(repository.TOO_MUCH):  # to wait again would take for ever
        return None
    try:
        return _run(root, args, data)
    except NoRepositoryError:
        return None
    except RefusedError as error:
        _keep(root, error)
        return None


def refusals(root: Path) -> list[Diagnostic]:
    """Return the reasons in REFUSED for the paper in a folder as findings, each once."""
    from nioc_paper.model import Diagnostic, Place, Severity

    hint = "what depends on the history of the paper is left out or refused"
    found = sorted({reason for folder, reason in REFUSED.items() if folder.is_relative_to(root)})
    return [Diagnostic(Place(".git"), "git-refused", reason, Severity.WARNING, hint) for reason in found]


def _keep(root: Path, error: RefusedError) -> None:
    if reason := str(error):
        REFUSED.setdefault(root, reason)


def _need(root: Path, *args: str, data: bytes = b"", env: Mapping[str, str] = {}) -> str:
    return os.fsdecode(_run(root, args, data, env))


def _run(root: Path, args: Sequence[str], data: bytes = b"", env: Mapping[str, str] = {}) -> bytes:
    """Return what git prints. Raises RefusedError; without a reason if what was asked for is just not there."""
    done = repository.run(root, args, data, env)
    if done.returncode == 0:
        return done.stdout
    raise RefusedError("" if done.returncode == 1 and not done.stderr else _reason(done))


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return git's own reason, in one line."""
    lines = done.stderr.decode(errors="replace").splitlines()
    said: Iterable[str] = (line.partition(": ")[2] for line in lines if line.startswith(("fatal: ", "error: ")))
    return f"git says: {next(iter(said), f'exit code {done.returncode}')[:_REASON_LENGTH]}"


def _day(seconds: str, zone: tzinfo) -> date | None:
    """The day of a git date; None for one that no calendar holds."""
    try:
        return datetime.fromtimestamp(int(seconds), zone).date()
    except (ValueError, OverflowError, OSError):
        return None


def _versions(root: Path, zone: tzinfo) -> Iterator[Version]:
    """The tags that led to this commit, newest first."""
    from nioc_paper.model import Version

    form = "%(refname:strip=2)%00%(creatordate:unix)%00%(contents:subject)"
    order = ("--sort=-version:refname", "--sort=-creatordate")
    tags = _git(root, "for-each-ref", "refs/tags", "--merged=HEAD", *order, f"--format={form}") or ""
    for line in tags.split("\n"):
        tag, _, rest = line.partition("\0")
        seconds, _, subject = rest.partition("\0")
        if on := _day(seconds, zone):
            yield Version(tag, on, subject)


def _changed(root: Path, zone: tzinfo, paths: Sequence[str], cache: Cache, commit: str) -> Mapping[str, date]:
    """The day of the last commit of each file."""

    def walked() -> bytes:
        return json.dumps(dict(_last(root, paths))).encode()

    seconds: Mapping[str, str] = json.loads(cache.made(key("changed", commit, *paths), walked))
    return {name: day for name, moment in seconds.items() if (day := _day(moment, zone))}


def _last(root: Path, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each file with the moment of a commit of it, the last one last, in one walk through the history."""
    # Each commit is NUL, seconds, NUL, line feed, then its files, each ended by NUL.
    log = _git(root, "log", "-z", "--format=%x00%ct", "--name-only", "--relative", "--", *paths) or ""
    for entry in reversed(log.split("\0\0")):
        seconds, _, names = entry.strip("\0").partition("\0")
        if _day(seconds, UTC):
            yield from ((name, seconds) for name in names.removeprefix("\n").split("\0") if name)
