"""A build of which nothing has changed: what it made is still there, and what it said is said again.

What a build depends on is stood for by a key: the files of the paper, what git says, the options, our code, and the
packages of this machine. Files that lie elsewhere in the paper, such as pictures, are known once a build has read them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from nioc_paper import git
from nioc_paper.cache import Cache, key
from nioc_paper.files import fingerprint

_FOLDERS = ("chapters", "paper", "reviews")
_SYSTEM = ("/var/lib/dpkg/status", "/usr/share/fonts")
"""What changes when a library or a typeface of the machine does."""


@dataclass
class Told:
    """What is said on the way, kept to be said again."""

    lines: list[tuple[str, bool]] = field(default_factory=list)

    def __call__(self, text: str, *, err: bool = False) -> None:
        """Say something, on standard error if so asked."""
        self.lines.append((text, err))
        click.echo(text, err=err)


class Build:
    """A build that is asked for, by all that it depends on, as far as that is known before the paper is read."""

    def __init__(self, root: Path, cache: Cache, templates: Path, options: object, today: date | None) -> None:
        self.root, self.cache, self.today = root, cache, today
        folders = (*(root / name for name in _FOLDERS), templates)
        texts = _texts(root / "contributors.yaml", *(file for folder in folders for file in _files(folder)))
        self.name = key("build", repr(options), str(Path.cwd()), *_machine(), git.state(root), *texts)
        self.opened: set[str] = set()

    def repeat(self) -> bool:
        """Say what was said last time, if all that was made then is there and would be made again."""
        try:
            zone = json.loads(self.cache.get(self.name) or b"")["zone"]
            kept = json.loads(self.cache.get(self._of(zone)) or b"")
        except ValueError:
            return False
        if not Path(kept["manifest"]).exists() or any(_digest(Path(path)) != it for path, it in kept["files"]):
            return False
        for text, err in kept["told"]:
            click.echo(text, err=err)
        return True

    def watch(self) -> None:
        """From now on, see which files of the paper are read."""
        start, ours = os.path.realpath(self.root) + os.sep, str(Path(__file__).parents[1])

        def seen(event: str, arguments: tuple[Any, ...]) -> None:
            if event == "open" and isinstance(arguments[0], str) and isinstance(arguments[2], int):
                path = os.path.realpath(arguments[0])
                # What is hidden is never read for a paper.
                if path.startswith(start) and "/." not in path and not path.startswith(ours):
                    self.opened.add(path)

        sys.addaudithook(seen)

    def keep(self, zone: str, made: Iterable[Path], manifest: Path, told: Told) -> None:
        """Remember a build that has succeeded; builds of other copies may change its manifest."""
        written = {str(file.resolve()) for file in made}
        out = {Path(file).parent for file in written}
        read = {path for path in self.opened if Path(path).parent not in out}
        files = [(path, _digest(Path(path))) for path in sorted(written | read)]
        self.cache.put(self.name, json.dumps({"zone": zone}).encode())
        self.cache.put(
            self._of(zone),
            json.dumps({"files": files, "manifest": str(manifest.resolve()), "told": told.lines}).encode(),
        )

    def _of(self, zone: str) -> str:
        day = self.today or datetime.now(ZoneInfo(zone)).date()
        return key(self.name, zone, day.isoformat())


def _machine() -> Iterator[str]:
    """Our code, the packages that Python has, and what else of the machine an output may depend on."""
    yield fingerprint(Path(__file__).parents[1])
    yield sys.version
    folder = sysconfig.get_path("purelib")
    yield " ".join(sorted(file.name for file in Path(folder).glob("*.dist-info")))
    yield str(shutil.which("soffice"))
    yield os.environ.get("SOURCE_DATE_EPOCH", "")
    for name in _SYSTEM:
        yield str(Path(name).stat().st_mtime_ns) if Path(name).exists() else ""


def _texts(*files: Path) -> Iterator[str]:
    """The names of files, and what is in them."""
    for file in sorted(files):
        yield str(file)
        yield _digest(file)


def _files(folder: Path) -> Iterator[Path]:
    for held, _, names in os.walk(folder):
        yield from (Path(held, name) for name in names)


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""
