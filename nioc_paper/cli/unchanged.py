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

from nioc_paper import git
from nioc_paper.cache import Cache, key
from nioc_paper.files import code, paper_around, shipped, typefaces
from nioc_paper.system import confined

_COMMANDS = ("build", "site", "status")
_FOLDERS = ("chapters", "paper", "reviews", "templates")
_SYSTEM = Path("/var/lib/dpkg/status")
"""What changes when a library of the machine does."""
_LARGEST = 2**20
"""Bytes of a file that is compared by its content; a larger one is compared by its size, times and inode."""
_GRAIN = 10_000_000
"""Nanoseconds by which the times of files may be behind the clock."""


@dataclass
class Told:
    """What is said on the way, kept to be said again."""

    lines: list[tuple[str, bool]] = field(default_factory=list)
    lasting: bool = True
    """Whether the same would be said another time; an engine that failed may not fail again."""

    def __call__(self, text: str, *, err: bool = False) -> None:
        """Say something, on standard error if so asked."""
        self.lines.append((text, err))
        print(text, file=sys.stderr if err else sys.stdout, flush=True)


def asked(args: Sequence[str]) -> Asked | None:
    """The command of a command line; None where it is not one that can be repeated, or there is no paper."""
    # Whether a paper is final hangs on files that it does not read.
    if not args or args[0] not in _COMMANDS or "--final" in args:
        return None
    root = paper_around(Path.cwd())
    return Asked(root, args) if root else None


class Asked:
    """A command that is asked for, by all that it depends on, as far as that is known before the paper is read."""

    def __init__(self, root: Path, args: Sequence[str]) -> None:
        self.root, self.cache, self.begun = root, Cache.of(root), time.time_ns() - _GRAIN
        self.around = key(*args, str(Path.cwd()), *_machine(), *_terminal())
        self.name = self._name()
        self.opened: set[str] = set()

    def repeat(self) -> bool:
        """Say what was said last time, if all that was made then is there and would be made again."""
        if self.root in git.REFUSED:
            return False
        try:
            zone = json.loads(self.cache.get(self.name) or b"")["zone"]
            kept = json.loads(self.cache.get(self._of(zone)) or b"")
        except (ValueError, TypeError, LookupError):  # nothing, or nothing of ours
            return False
        there = all(Path(path).exists() for path in kept["there"])
        if not there or any(_digest(Path(path)) != it for path, it in kept["files"]):
            return False
        tell = Told()
        for text, err in kept["told"]:
            tell(text, err=err)
        return True

    def watch(self) -> None:
        """From now on, see which files of the paper are read."""

        def seen(event: str, arguments: tuple[Any, ...]) -> None:
            if event == confined.READ:
                self.opened.add(os.path.join(*arguments))  # noqa: PTH118 - a Path for each would take as long as the rest

        sys.addaudithook(seen)

    def keep(self, zone: str, told: Told, made: Iterable[Path] = (), there: Iterable[Path] = ()) -> None:
        """Remember what was said, with the files that were made, and those that must only be there."""
        if not told.lasting or self.root in git.REFUSED:
            return
        written = {str(file.resolve()) for file in made}
        out = {Path(file).parent for file in written}
        read = {path for path in self.opened if Path(path).parent not in out}
        # Somebody has saved something meanwhile, and may have taken it back before we were done.
        if self.name != self._name() or any(map(self._touched, (*map(Path, read), *self._inside()))):
            return
        kept = {
            "files": [(path, _digest(Path(path))) for path in sorted(written | read)],
            "there": [str(file.resolve()) for file in there],
            "told": told.lines,
        }
        self.cache.put(self.name, json.dumps({"zone": zone}).encode())
        self.cache.put(self._of(zone), json.dumps(kept).encode())

    def _name(self) -> str:
        return key("asked", self.around, git.state(self.root), *_texts(*self._inside()))

    def _inside(self) -> Iterator[Path]:
        """The files that are the paper's wherever it names them, and our templates."""
        yield self.root / "contributors.yaml"
        for name in _FOLDERS:
            yield from (self.root / path for path in confined.files(self.root, name))
        yield from _files(shipped("templates"))

    def _touched(self, file: Path) -> bool:
        """Whether a file was written since we began; of all its times this is the one that nobody can set."""
        return file.exists() and file.stat().st_ctime_ns > self.begun

    def _of(self, zone: str) -> str:
        return key(self.name, zone, datetime.now(ZoneInfo(zone)).date().isoformat())


def _terminal() -> Iterator[str]:
    """What a command makes of the place that it speaks to."""
    yield f"{sys.stdout.isatty()} {'NO_COLOR' in os.environ}"


def _machine() -> Iterator[str]:
    """Our code, the packages that Python has, and what else of the machine an output may depend on."""
    yield code()
    yield typefaces()
    yield sys.version
    folder = sysconfig.get_path("purelib")
    yield " ".join(sorted(file.name for file in Path(folder).glob("*.dist-info")))
    yield str(shutil.which("soffice"))
    yield os.environ.get("SOURCE_DATE_EPOCH", "")
    yield str(_SYSTEM.stat().st_mtime_ns) if _SYSTEM.exists() else ""


def _texts(*files: Path) -> Iterator[str]:
    """The names of files, and what is in them."""
    for file in sorted(files):
        yield str(file)
        yield _digest(file)


def _files(folder: Path) -> Iterator[Path]:
    for held, _, names in os.walk(folder):
        yield from (Path(held, name) for name in names)


def _digest(file: Path) -> str:
    """Return the hash of a file, or its state if it is large or no regular file; empty if it is not there."""
    try:
        return hashlib.sha256(confined.read_quietly(file.parent, file.name, _LARGEST)).hexdigest()
    except confined.ConfinedError:
        state = os.stat(file, follow_symlinks=False) if os.path.lexists(file) else None  # noqa: PTH116
        if state is None:
            return ""
        # The last two change with the content, also when a program sets the time of the file back.
        return f"{state.st_mode} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {state.st_ino}"
