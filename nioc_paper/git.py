"""The one module that starts git: it asks what git knows of the paper, and commits what it is told to.

Whatever fails (no git, no repository, another owner's folder, a time-out) is answered with "unknown", not an exception.
A repository's own configuration may name programs to run and hosts to ask: those settings are switched off here.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from nioc_paper.cache import NO_CACHE, Cache, key
from nioc_paper.system import processes
from nioc_paper.system.scratch import ScratchFolder

if TYPE_CHECKING:
    from nioc_paper.model import History, Version

_SECONDS = 20
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "log.showSignature=false")
_KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT", "USERPROFILE")
"""HOME holds the user's own word on which folders are safe. GIT_* of a surrounding hook would point elsewhere."""
_FIXED = {
    "LC_ALL": "C.UTF-8",
    "GIT_OPTIONAL_LOCKS": "0",  # reading must not take the lock from somebody who commits
    "GIT_NO_LAZY_FETCH": "1",  # a partial clone would ask its server
    "GIT_TERMINAL_PROMPT": "0",
}


def history(root: Path, zone: tzinfo = UTC, paths: Sequence[str] = (".",), cache: Cache = NO_CACHE) -> History:
    """What git knows of the paper in `root`: days are those of `zone`, `changed` holds the files under `paths`.

    The cache keeps what a walk through the history gave, until there is another commit.
    """
    from nioc_paper.model import History  # late: to see that nothing has changed takes no records

    # HEAD:./ is there only if the paper itself is in the last commit, not just some folder above it.
    found = _git(root, "rev-parse", "--is-shallow-repository", "HEAD:./")
    head = _git(root, "log", "-1", "--format=%H %ct")
    if found is None or head is None:
        return History()
    commit, seconds = head.split()
    # A shallow clone dates every old file by the commit at which it was cut off.
    whole = found.startswith("false")
    return History(
        commit=commit,
        on=_day(seconds, zone),
        timestamp=int(seconds),
        # When git cannot say that nothing was changed, nobody can.
        dirty=_git(root, "status", "--porcelain", "--untracked-files=no", "--", ".") != "",
        versions=tuple(_versions(root, zone)) if whole else (),
        changed=_changed(root, zone, paths, cache, commit) if whole else {},
    )


def commit_of(root: Path, revision: str = "HEAD") -> str | None:
    """The full name of a commit; None for one that is not there."""
    # `--` and the type keep a name that looks like an option, or is no commit, from meaning anything.
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return found.strip() if found else None


def state(root: Path) -> str:
    """Stands for all that git says of a paper; the files themselves are not looked into."""
    head = _git(root, "rev-parse", "--is-shallow-repository", "HEAD")
    names = _git(root, "for-each-ref")
    return f"{head}\n{names}\n{_git(root, 'status', '--porcelain', '--untracked-files=no', '--', '.')}"


def days(root: Path, zone: tzinfo = UTC) -> list[tuple[date, str]]:
    """The days on which the paper was committed, oldest first, each with its last commit; empty when git cannot tell.

    Of commits on several branches those that a reader of the main line saw count.
    """
    log = _git(root, "log", "--first-parent", "--format=%H %ct", "--", ".") if is_whole(root) else None
    found: dict[date, str] = {}
    for line in (log or "").splitlines():
        commit, _, seconds = line.partition(" ")
        if on := _day(seconds, zone):
            found.setdefault(on, commit)
    return sorted(found.items())


def is_whole(root: Path) -> bool:
    """Whether git has the paper's whole history: a commit that is not in it is then nowhere."""
    return (_git(root, "rev-parse", "--is-shallow-repository") or "").startswith("false")


def unsaved(root: Path, paths: Sequence[str] = (".",), *, tracked: bool = False) -> list[str] | None:
    """The files under some paths that the last commit does not have as they are; None when git cannot tell.

    Those that git ignores or has never seen are among them, unless only the `tracked` ones are asked for.
    """
    listed = _git(root, "rev-parse", "--show-prefix")
    others = ("--untracked-files=no",) if tracked else ("--untracked-files=all", "--ignored")
    options = ("--porcelain", "-z", "--no-renames", *others)
    found = _git(root, "status", *options, "--", *paths)
    if listed is None or found is None or commit_of(root) is None:
        return None
    prefix = listed.strip("\n")
    return sorted(entry[3:].removeprefix(prefix) for entry in found.split("\0") if entry)


def commit_on(root: Path, day: str, zone: tzinfo = UTC) -> str | None:
    """The last commit of the paper at the end of a day, YYYY-MM-DD, of what led here; None before the first.

    Of a branch that was merged later the paper knew nothing on that day: only what it was merged into counts.
    """
    end = int(datetime.combine(date.fromisoformat(day), time(23, 59, 59), zone).timestamp())
    if end < 0:  # git reads what stands before its first second as another day
        return None
    found = _git(root, "rev-list", "-1", "--first-parent", f"--before={end}", "HEAD", "--", ".")
    return (found or "").strip() or None


def moment_of(root: Path, commit: str) -> int | None:
    """When a commit was made, in seconds since the epoch."""
    found = _git(root, "log", "-1", "--format=%ct", "--end-of-options", commit)
    return int(found) if found and found.strip().isdecimal() else None


def first_commit(root: Path, path: str, zone: tzinfo = UTC) -> tuple[str, date] | None:
    """The first commit of a file that git has here, and its day; None when it has none."""
    log = _git(root, "log", "--first-parent", "--format=%H %ct", "--", path) or ""
    commit, _, seconds = log.strip().rpartition("\n")[2].partition(" ")
    on = _day(seconds, zone) if commit else None
    return (commit, on) if on else None


def files_at(root: Path, commit: str) -> dict[str, bytes] | None:
    """The files of the paper as they were in a commit, by path; no links. None when git cannot tell."""
    listed = _git(root, "ls-tree", "-r", "-z", commit, "--", ".")
    if listed is None:
        return None
    entries = [(line.split(None, 3)[2].partition("\t")[0], line) for line in listed.split("\0") if line[:3] == "100"]
    names = [name for name, _ in entries]
    # Their bytes as they are kept: `git archive` would run the filters that a repository names.
    done = _run(root, ["cat-file", "--batch"], "".join(f"{name}\n" for name in names).encode())
    if done is None or done.returncode:
        return None
    return dict(zip((line.partition("\t")[2] for _, line in entries), _blobs(done.stdout), strict=True))


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
        done = _run(folder, args)
    # Its exit code is the number of clashes, up to 127; a real failure is 255.
    return None if done is None or done.returncode > 127 else done.stdout.decode("utf-8", "surrogateescape")


MARKERS = tuple(sign * 41 for sign in "<|=>")
"""Begin a line before ours, before the base, before theirs, and after them."""


def commit(root: Path, paths: Sequence[str], message: str, author: str) -> str | None:
    """Commit some files and nothing else, in somebody's name: "Ada North <ada@…>". The commit; None if git refuses."""
    who = () if _git(root, "config", "user.email") else ("-c", "user.name=nioc", "-c", "user.email=nioc@localhost")
    if _git(root, "add", "--", *paths) is None:
        return None
    options = ("--quiet", "--no-gpg-sign", "--no-verify", f"--author={author}", f"--message={message}")
    done = _run(root, [*who, "commit", *options, "--only", "--", *paths])
    return commit_of(root) if done is not None and not done.returncode else None


def _git(root: Path, *args: str) -> str | None:
    """What git prints; None when it fails, is missing, or takes too long."""
    done = _run(root, args)
    return None if done is None or done.returncode else os.fsdecode(done.stdout)


def _run(root: Path, args: Sequence[str], data: bytes = b"") -> subprocess.CompletedProcess[bytes] | None:
    environment = {k: os.environ[k] for k in _KEPT if k in os.environ} | _FIXED
    try:
        return processes.run(["git", *_SAFE, *args], data, seconds=_SECONDS, cwd=root, env=environment)
    except (OSError, processes.TimeLimitError):
        return None


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
