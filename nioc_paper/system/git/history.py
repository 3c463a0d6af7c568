"""History of the paper: its last commit, the tags that led to it, and the days of changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path

from nioc_paper.model import History, OpenBranch, Version
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.git.git_answers import ask
from nioc_paper.system.git.objects import list_tree, read_blobs, resolve_commit
from nioc_paper.system.git.uncommitted import list_changed

_NEWEST_FIRST = ("--sort=-version:refname", "--sort=-creatordate")
"""Order of tags."""
_MAX_BRANCHES = 20
_LAST_DAY = int(datetime.max.replace(hour=0, tzinfo=UTC).timestamp())


def read_history(
    root: Path, zone: tzinfo = UTC, *, cache: Cache = NO_CACHE, last: str | None = None, folders: Sequence[str] = (".",)
) -> History:
    """Return git's knowledge of the paper in `root`, with days of `zone`, and of the files in `folders`.

    It is that of the last commit, or of the commit `last`. A walk through the history is cached until the next commit.
    """
    commit = last or resolve_commit(root, cache=cache)
    tree = list_tree(root, commit, cache=cache) if commit else None
    # The paper itself must be in the last commit, not just some folder above it.
    if commit is None or not tree or (timestamp := commit_timestamp(root, commit, cache)) is None:
        return History()
    # A shallow clone dates every old file by the commit at which it was cut.
    is_complete = has_full_history(root, cache)
    return History(
        commit=commit,
        committed_on=_to_date(str(timestamp), zone),
        timestamp=timestamp,
        # If git cannot tell, files may have changed.
        has_uncommitted=last is None and list_changed(root, cache=cache) != [],
        tag=find_tag(root, commit, cache),
        versions=tuple(_walk_tags(root, zone, cache, commit)) if is_complete else (),
        last_changes=_last_changes(root, zone, cache, commit, folders) if is_complete else {},
    )


def read_versions(root: Path, cache: Cache = NO_CACHE) -> tuple[Version, ...]:
    """Return the tags that led to the last commit, newest first; none without git."""
    return tuple(_walk_tags(root, UTC, cache)) if resolve_commit(root, cache=cache) else ()


def read_open_branches(root: Path, zone: tzinfo = UTC, cache: Cache = NO_CACHE) -> Iterator[OpenBranch]:
    """Yield the branches that are known here and not merged, the oldest first; none without git."""
    form = "--format=%(objectname) %(committerdate:unix) %(refname:lstrip=2)"
    refs = ("refs/heads", "refs/remotes", "--no-merged=HEAD", "--sort=committerdate", form)
    lines = (ask(root, "for-each-ref", *refs, cache=cache) or "").splitlines() if resolve_commit(root) else []
    # A branch and its copy on the code host are one.
    tips = {commit: (name, seconds) for commit, seconds, name in map(str.split, reversed(lines))}
    for commit, (name, seconds) in [*reversed(tips.items())][:_MAX_BRANCHES]:
        on = _to_date(seconds, zone)
        base = ask(root, "merge-base", "HEAD", commit, cache=cache)
        if base and on and (sentences := _count_open_lines(root, base, commit, cache)):
            yield OpenBranch(name, on, sentences)


def _count_open_lines(root: Path, base: str, commit: str, cache: Cache) -> dict[str, int]:
    """Return how many lines a branch has changed since a commit by the path of the chapter.

    Those that a squash or a rebase has brought to the last commit are not among them.
    """
    trees = [list_tree(root, each, cache=cache) or {} for each in (base, commit, "HEAD")]
    paths = [path for path in {**trees[0], **trees[1]} if path.endswith(".md")]
    hashes = {path: [tree[path].hash if path in tree else "" for tree in trees] for path in paths}
    hashes = {path: names for path, names in hashes.items() if names[1] not in (names[0], names[2])}
    blobs = read_blobs(root, sorted({name for names in hashes.values() for name in names} - {""})) or {}
    counts = dict[str, int]()
    for path, names in hashes.items():
        old, new, head = (Counter(filter(bytes.strip, blobs.get(name, b"").splitlines())) for name in names)
        counts[path] = max((new - old - head).total(), ((old - new) & head).total())
    return {path: count for path, count in counts.items() if count}


def find_tag(root: Path, commit: str, cache: Cache = NO_CACHE) -> str:
    """Return the newest tag of a commit; empty without one."""
    form = ("--count=1", "--format=%(refname:strip=2)")
    return ask(root, "for-each-ref", "refs/tags", f"--points-at={commit}", *_NEWEST_FIRST, *form, cache=cache) or ""


def commit_days(root: Path, zone: tzinfo = UTC) -> list[tuple[date, str]]:
    """Return the days of commits, oldest first, each with its last commit; empty if git cannot tell.

    Only commits on the main line count (first parents).
    """
    is_known = resolve_commit(root) and has_full_history(root)
    log = ask(root, "log", "--first-parent", "--format=%H %ct", "--", ".") if is_known else None
    last_commits: dict[date, str] = {}
    for line in (log or "").splitlines():
        commit, _, seconds = line.partition(" ")
        if on := _to_date(seconds, zone):
            last_commits.setdefault(on, commit)
    return sorted(last_commits.items())


def has_full_history(root: Path, cache: Cache = NO_CACHE) -> bool:
    """Return whether git has the paper's whole history; otherwise a commit may exist elsewhere."""
    return (ask(root, "rev-parse", "--is-shallow-repository", cache=cache) or "").startswith("false")


def commit_at_end_of_day(root: Path, day: date, zone: tzinfo = UTC) -> str | None:
    """Return the last commit of the paper at the end of a day; None before the first.

    A branch merged later did not count on that day: only first parents do.
    """
    end = int(datetime.combine(day, time(23, 59, 59), zone).timestamp())
    if end < 0 or resolve_commit(root) is None:  # git reads times before its first second as another day
        return None
    output = ask(root, "rev-list", "-1", "--first-parent", f"--before={end}", "HEAD", "--", ".")
    return (output or "").strip() or None


def commit_timestamp(root: Path, commit: str, cache: Cache = NO_CACHE) -> int | None:
    """Return the time of a commit in seconds since the epoch; None if no calendar has its day in every time zone."""
    output = ask(root, "log", "-1", "--format=%ct", "--end-of-options", commit, cache=cache)
    return int(output) if output and output.strip().isdecimal() and int(output) < _LAST_DAY else None


def find_first_commit(root: Path, path: str, zone: tzinfo = UTC) -> tuple[str, date] | None:
    """Return the first commit of a file that git has here, and its day; None if there is none."""
    log = ask(root, "log", "--first-parent", "--format=%H %ct", "--", path) if resolve_commit(root) else None
    commit, _, seconds = (log or "").strip().rpartition("\n")[2].partition(" ")
    on = _to_date(seconds, zone) if commit else None
    return (commit, on) if on else None


def _to_date(seconds: str, zone: tzinfo) -> date | None:
    """Return the day of a git date; None if no calendar has it."""
    try:
        return datetime.fromtimestamp(int(seconds), zone).date()
    except (ValueError, OverflowError, OSError):
        return None


def _walk_tags(root: Path, zone: tzinfo, cache: Cache, commit: str = "HEAD") -> Iterator[Version]:
    """Yield the tags that led to a commit, newest first."""
    # A tag without a message has the subject of its commit, which is not for readers of the paper.
    message = "%(if:equals=tag)%(objecttype)%(then)%(contents:subject)%(end)"
    form = f"%(refname:strip=2)%00%(creatordate:unix)%00{message}"
    args = ("for-each-ref", "refs/tags", f"--merged={commit}", *_NEWEST_FIRST, f"--format={form}")
    for line in (ask(root, *args, cache=cache) or "").split("\n"):
        tag, _, rest = line.partition("\0")
        seconds, _, subject = rest.partition("\0")
        if on := _to_date(seconds, zone):
            yield Version(tag, on, subject)


def _last_changes(root: Path, zone: tzinfo, cache: Cache, commit: str, folders: Sequence[str]) -> Mapping[str, date]:
    """Return the day of the last commit of each file."""
    key = cache_key("changed", commit, *folders)
    seconds = cache.get_or_make(key, lambda: dict(_walk_log(root, commit, folders)), dict[str, str])
    return {name: day for name, seconds_text in seconds.items() if (day := _to_date(seconds_text, zone))}


def _walk_log(root: Path, commit: str, folders: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each file with the time of each of its commits, the latest last, from one walk through the history."""
    # Each commit is NUL, seconds, NUL, line feed, then its files, each ended by NUL.
    log = ask(root, "log", "-z", "--format=%x00%ct", "--name-only", "--relative", commit, "--", *folders) or ""
    for entry in reversed(log.split("\0\0")):
        seconds, _, names = entry.strip("\0").partition("\0")
        if _to_date(seconds, UTC):
            yield from ((name, seconds) for name in names.removeprefix("\n").split("\0") if name)
