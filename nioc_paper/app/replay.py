"""Replay a command's output when none of its inputs changed.

The key of a run is a hash of the command line, the files of the paper, git's state, our code, and the packages of this
machine. Files elsewhere in the paper, such as pictures, are known once a build has read them; they are compared one by
one. This module imports only `system` and the standard library. Dataclasses or msgspec would take a fifth of a replay.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TypedDict
from zoneinfo import ZoneInfo

from nioc_paper.program import program
from nioc_paper.system import confined, git
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.files import find_root, package_folder, source_hash, system_fonts_hash
from nioc_paper.system.processes import find_program
from nioc_paper.system.schedule import is_plain

_REPLAYABLE = ("build", "site", "status")
_PAPER_FOLDERS = ("chapters", "paper", "reviews", "templates")
_DPKG_STATUS = Path("/var/lib/dpkg/status")
"""File that changes when a library of the machine does."""
_MAX_HASHED_BYTES = 2**20
"""Bytes up to which a file is compared by content; a larger one is compared by size, times and inode."""
_CLOCK_SLACK_NS = 10_000_000
"""Nanoseconds by which file times may lag behind the clock."""


class OutputRecorder:
    """Prints output lines and records them for a replay."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, bool]] = []
        self.replayable = True
        """Whether a second run would print the same; an engine that failed may work the next time."""

    def __call__(self, text: str, *, err: bool = False) -> None:
        """Print a text to standard output, or to standard error, and record it."""
        self.lines.append((text, err))
        print(text, file=sys.stderr if err else sys.stdout, flush=True)


def open_record(args: Sequence[str]) -> CommandRecord | None:
    """Return the record of a command line. Returns None if the command cannot be replayed, or there is no paper."""
    # A final paper depends on files that it does not read; a replay takes no time that `--timings` could show.
    if not args or args[0] not in _REPLAYABLE or {"--final", "--timings"} & {*args} or is_plain():
        return None
    root = find_root(Path.cwd())
    return CommandRecord(root, args) if root else None


class _ReplayEntry(TypedDict):
    """A run in the cache. The key of the entry holds the hash of our code, so no other release reads it."""

    files: list[tuple[str, str]]
    """Inputs and outputs with their digests."""
    must_exist: list[str]
    """Outputs whose content does not matter."""
    lines: list[tuple[str, bool]]
    """Lines, and whether they go to standard error."""


class CommandRecord:
    """A command with everything that it depends on, as far as that is known before the paper is read."""

    def __init__(self, root: Path, args: Sequence[str]) -> None:
        self.root, self.cache, self.started_ns = root, Cache.for_paper(root), time.time_ns() - _CLOCK_SLACK_NS
        self.environment_key = cache_key(*args, str(Path.cwd()), *_machine_state(), *_terminal_state())
        self.index_key = self._make_index_key(self._digest_sources())

    def replay(self) -> bool:
        """Print the output of the last run if its inputs and outputs are unchanged. Returns whether it was printed."""
        entry = None if self.root in git.REFUSAL_REASONS else self._load_entry()
        if entry is None or not _is_current(entry):
            return False
        echo = OutputRecorder()
        for text, err in entry["lines"]:
            echo(text, err=err)
        return True

    def digest_files(self, inputs: Iterable[str], outputs: Iterable[Path] = ()) -> list[tuple[str, str]] | None:
        """Return (path, digest) pairs of the files that a run read and wrote. Returns None if one was modified.

        Inputs are paths from the root, or absolute ones.
        """
        output_paths = {str(file.resolve()) for file in outputs}
        output_folders = {Path(file).parent for file in output_paths}
        input_paths = {os.path.join(self.root, path) for path in inputs}  # noqa: PTH118 - strings: a Path each is slow
        # Files beside the outputs are the command's own.
        input_paths = {path for path in input_paths if Path(path).parent not in output_folders}
        sources = self._digest_sources()
        files = [(path, sources.get(path) or _digest(Path(path))) for path in sorted(output_paths | input_paths)]
        # After all are read, and even if a change was undone: what the run has read is unknown.
        was_modified = any(map(self._changed_since_start, sources.keys() | input_paths))
        return None if was_modified or self.index_key != self._make_index_key(sources) else files

    def save(
        self,
        zone: str,
        output: OutputRecorder,
        files: Sequence[tuple[str, str]] | None,
        *,
        must_exist: Iterable[Path] = (),
    ) -> None:
        """Save a run: its output, the files from `digest_files`, and files that other commands may change.

        Nothing is saved if `files` is None.
        """
        if files is None or not output.replayable or self.root in git.REFUSAL_REASONS:
            return
        entry: _ReplayEntry = {
            "files": [*files],
            "must_exist": [str(file.resolve()) for file in must_exist],
            "lines": output.lines,
        }
        self.cache.put(self.index_key, json.dumps({"zone": zone}).encode())
        self.cache.put(self._entry_key(zone), json.dumps(entry).encode())

    def _load_entry(self) -> _ReplayEntry | None:
        try:
            zone = json.loads(self.cache.get(self.index_key) or b"")["zone"]
            entry: _ReplayEntry = json.loads(self.cache.get(self._entry_key(zone)) or b"")
        except (ValueError, TypeError, LookupError):  # no entry, or a damaged one
            return None
        return entry

    def _make_index_key(self, sources: Mapping[str, str]) -> str:
        git_state = git.state_for_cache_key(self.root, self.cache)
        return cache_key("asked", self.environment_key, git_state, *chain.from_iterable(sorted(sources.items())))

    def _digest_sources(self) -> dict[str, str]:
        """Return the digests of the files in the paper's own folders, and of our templates, by path."""
        own = (self.root / path for name in _PAPER_FOLDERS for path in confined.walk_files(self.root, name))
        files = (self.root / "contributors.yaml", *own, *_walk_files(package_folder("templates")))
        return {str(file): _digest(file) for file in files}

    def _changed_since_start(self, path: str) -> bool:
        """Return whether a file was written since the command started, by ctime: the one time that nobody can set."""
        try:
            return os.stat(path).st_ctime_ns > self.started_ns  # noqa: PTH116 - a Path each is slow
        except (OSError, ValueError):  # no such file, or a name that no disk can hold
            return False

    def _entry_key(self, zone: str) -> str:
        return cache_key(self.index_key, zone, datetime.now(ZoneInfo(zone)).date().isoformat())


def _is_current(entry: _ReplayEntry) -> bool:
    all_exist = all(Path(path).exists() for path in entry["must_exist"])
    return all_exist and all(_digest(Path(path)) == digest for path, digest in entry["files"])


def _terminal_state() -> Iterator[str]:
    """Yield the state of the terminal that changes output, and the name of the command in it."""
    yield program()
    yield f"{sys.stdout.isatty()} {'NO_COLOR' in os.environ}"
    yield str(shutil.get_terminal_size().columns) if sys.stdout.isatty() else ""


def _machine_state() -> Iterator[str]:
    """Yield hashes of our code and installed packages, and other state of the machine that outputs depend on."""
    yield source_hash()
    yield system_fonts_hash()
    yield sys.version
    folder = sysconfig.get_path("purelib")
    yield " ".join(sorted(file.name for file in Path(folder).glob("*.dist-info")))
    yield str(find_program("soffice"))
    yield os.environ.get("SOURCE_DATE_EPOCH", "")
    yield str(_DPKG_STATUS.stat().st_mtime_ns) if _DPKG_STATUS.exists() else ""


def _walk_files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)


def _digest(file: Path) -> str:
    """Return the hash of a file, or its state if it is large or no regular file; empty if it is not there."""
    try:
        return hashlib.sha256(confined.read(file.parent, file.name, _MAX_HASHED_BYTES)).hexdigest()
    except confined.ConfinedError:
        state = os.stat(file, follow_symlinks=False) if os.path.lexists(file) else None  # noqa: PTH116
        if state is None:
            return ""
        # The last two change with the content, also when a program sets the time of the file back.
        return f"{state.st_mode} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {state.st_ino}"
