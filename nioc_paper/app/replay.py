"""A command of which nothing has changed: what it made is still there, and what it said is said again.

What a command depends on is stood for by a key: the words of the command line, the files of the paper, what git says,
our code, and the packages of this machine. Files that lie elsewhere in the paper, such as pictures, are known once a
build has read them. Nothing is imported here that is not needed to compare: to say the same again is to take no time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nioc_paper.system import confined, git
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.system.files import find_root, package_folder, source_hash, system_fonts_hash

_REPLAYABLE = ("build", "site", "status")
_PAPER_FOLDERS = ("chapters", "paper", "reviews", "templates")
_DPKG_STATUS = Path("/var/lib/dpkg/status")
"""What changes when a library of the machine does."""
_MAX_HASHED_BYTES = 2**20
"""Bytes of a file that is compared by its content; a larger one is compared by its size, times and inode."""
_CLOCK_SLACK_NS = 10_000_000
"""Nanoseconds by which the times of files may be behind the clock."""


@dataclass
class OutputRecorder:
    """What is said on the way, kept to be said again."""

    lines: list[tuple[str, bool]] = field(default_factory=list)
    replayable: bool = True
    """Whether the same would be said another time; an engine that failed may not fail again."""

    def __call__(self, text: str, *, err: bool = False) -> None:
        """Say something, on standard error if so asked."""
        self.lines.append((text, err))
        print(text, file=sys.stderr if err else sys.stdout, flush=True)


def open_record(args: Sequence[str]) -> CommandRecord | None:
    """The command of a command line; None where it is not one that can be repeated, or there is no paper."""
    # Whether a paper is final hangs on files that it does not read.
    if not args or args[0] not in _REPLAYABLE or "--final" in args:
        return None
    root = find_root(Path.cwd())
    return CommandRecord(root, args) if root else None


class CommandRecord:
    """A command that is asked for, by all that it depends on, as far as that is known before the paper is read."""

    def __init__(self, root: Path, args: Sequence[str]) -> None:
        self.root, self.cache, self.started_ns = root, Cache.for_paper(root), time.time_ns() - _CLOCK_SLACK_NS
        self.environment_key = cache_key(*args, str(Path.cwd()), *_machine_state(), *_terminal_state())
        self.index_key = self._make_index_key()
        self.files_read: set[str] = set()

    def replay(self) -> bool:
        """Say what was said last time, if all that was made then is there and would be made again."""
        if self.root in git.REFUSAL_REASONS:
            return False
        try:
            zone = json.loads(self.cache.get(self.index_key) or b"")["zone"]
            entry = json.loads(self.cache.get(self._entry_key(zone)) or b"")
        except (ValueError, TypeError, LookupError):  # nothing, or nothing of ours
            return False
        all_exist = all(Path(path).exists() for path in entry["there"])
        if not all_exist or any(_digest(Path(path)) != digest for path, digest in entry["files"]):
            return False
        echo = OutputRecorder()
        for text, err in entry["told"]:
            echo(text, err=err)
        return True

    def record_reads(self) -> None:
        """From now on, see which files of the paper are read."""

        def on_audit_event(event: str, arguments: tuple[Any, ...]) -> None:
            if event == confined.READ_EVENT:
                self.files_read.add(os.path.join(*arguments))  # noqa: PTH118 - a Path for each would take as long as the rest

        sys.addaudithook(on_audit_event)

    def save(
        self, zone: str, output: OutputRecorder, outputs: Iterable[Path] = (), must_exist: Iterable[Path] = ()
    ) -> None:
        """Remember what was said, with the files that were made, and those that must only be there."""
        if not output.replayable or self.root in git.REFUSAL_REASONS:
            return
        output_paths = {str(file.resolve()) for file in outputs}
        output_folders = {Path(file).parent for file in output_paths}
        source_paths = {path for path in self.files_read if Path(path).parent not in output_folders}
        # Somebody has saved something meanwhile, and may have taken it back before we were done.
        if self.index_key != self._make_index_key() or any(
            map(self._changed_since_start, (*map(Path, source_paths), *self._source_files()))
        ):
            return
        entry = {
            "files": [(path, _digest(Path(path))) for path in sorted(output_paths | source_paths)],
            "there": [str(file.resolve()) for file in must_exist],
            "told": output.lines,
        }
        self.cache.put(self.index_key, json.dumps({"zone": zone}).encode())
        self.cache.put(self._entry_key(zone), json.dumps(entry).encode())

    def _make_index_key(self) -> str:
        return cache_key(
            "asked",
            self.environment_key,
            git.state_for_cache_key(self.root),
            *_names_and_digests(*self._source_files()),
        )

    def _source_files(self) -> Iterator[Path]:
        """The files that are the paper's wherever it names them, and our templates."""
        yield self.root / "contributors.yaml"
        for name in _PAPER_FOLDERS:
            yield from (self.root / path for path in confined.walk_files(self.root, name))
        yield from _walk_files(package_folder("templates"))

    def _changed_since_start(self, file: Path) -> bool:
        """Whether a file was written since we began; of all its times this is the one that nobody can set."""
        return file.exists() and file.stat().st_ctime_ns > self.started_ns

    def _entry_key(self, zone: str) -> str:
        return cache_key(self.index_key, zone, datetime.now(ZoneInfo(zone)).date().isoformat())


def _terminal_state() -> Iterator[str]:
    """What a command makes of the place that it speaks to."""
    yield f"{sys.stdout.isatty()} {'NO_COLOR' in os.environ}"


def _machine_state() -> Iterator[str]:
    """Our code, the packages that Python has, and what else of the machine an output may depend on."""
    yield source_hash()
    yield system_fonts_hash()
    yield sys.version
    folder = sysconfig.get_path("purelib")
    yield " ".join(sorted(file.name for file in Path(folder).glob("*.dist-info")))
    yield str(shutil.which("soffice"))
    yield os.environ.get("SOURCE_DATE_EPOCH", "")
    yield str(_DPKG_STATUS.stat().st_mtime_ns) if _DPKG_STATUS.exists() else ""


def _names_and_digests(*files: Path) -> Iterator[str]:
    """The names of files, and what is in them."""
    for file in sorted(files):
        yield str(file)
        yield _digest(file)


def _walk_files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)


def _digest(file: Path) -> str:
    """Return the hash of a file, or its state if it is large or no regular file; empty if it is not there."""
    try:
        return hashlib.sha256(confined.read_unaudited(file.parent, file.name, _MAX_HASHED_BYTES)).hexdigest()
    except confined.ConfinedError:
        state = os.stat(file, follow_symlinks=False) if os.path.lexists(file) else None  # noqa: PTH116
        if state is None:
            return ""
        # The last two change with the content, also when a program sets the time of the file back.
        return f"{state.st_mode} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {state.st_ino}"
