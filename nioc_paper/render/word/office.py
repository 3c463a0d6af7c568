"""LibreOffice, in a profile of its own that is made and thrown away with it.

Half of its time goes into its start. So one can be started before there is a file: it opens a few words, and waits. A
second call with the same profile hands its files to the one that waits, as it does for whoever works with LibreOffice.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Self

from nioc_paper.system import processes
from nioc_paper.system.scratch import ScratchFolder
from nioc_paper.threads import begun

_SECONDS, _SECONDS_EACH = 100, 20
_SECONDS_TO_START = 10
_SECONDS_TO_END = 10
"""Longest wait for killed processes. One that has left the group, and holds the pipe, holds up nobody."""
_FILTER = 'pdf:writer_pdf_Export:{"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}}'
_WORDS = b"{\\rtf1 Some words}"
# A newer LibreOffice has been here, so this one has nothing to set up: that takes as long as to lay out a chapter.
_REGISTRY = b"""<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/Product">
<prop oor:name="ooSetupLastVersion" oor:op="fuse"><value>99.9</value></prop></item></oor:items>
"""


class LeftError(Exception):
    """The office was left while a thread was about to start a process of it."""


class Started(NamedTuple):
    """A process with its descendants."""

    process: subprocess.Popen[bytes]
    kill: Callable[[], object]
    pipe: int
    """It ends when they all have ended."""

    def end(self) -> None:
        """Kill them, and wait until none can write any more: of a group, the first may end before the others."""
        self.kill()
        self.process.communicate()
        select.select([self.pipe], [], [], _SECONDS_TO_END)


def program() -> str | None:
    """LibreOffice, where it is at hand."""
    return shutil.which("soffice")


def identity(program: str) -> str:
    """Stands for the LibreOffice that is installed."""
    binary = Path(program).resolve()
    told = binary.with_name("versionrc")
    stat = binary.stat()
    version = told.read_text(encoding="utf-8", errors="replace") if told.exists() else ""
    return f"{binary} {stat.st_size} {stat.st_mtime_ns} {version}"


class Office:
    """A LibreOffice. It ends, with all that it has started, when it is left, and when this process ends."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.folder = ScratchFolder("office")
        self.home = self.folder.path
        self.waiting: Started | None = None
        self.started: list[Started] = []
        self._starting, self._is_left = Lock(), False
        (self._profile / "user").mkdir(parents=True)
        (self._profile / "user" / "registrymodifications.xcu").write_bytes(_REGISTRY)
        self.leave = self._leave

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def warmed_up(self) -> Self:
        """Itself, started now, to be ready when there are files."""
        if not self.waiting:
            words = self.home / "words.rtf"
            words.write_bytes(_WORDS)
            self.waiting = self._started([*self._command, str(words)])
        return self

    def convert(self, sources: Sequence[Path]) -> None:
        """Make a PDF beside each Word file that it can lay out. After that it ends."""
        if self.waiting and not self._is_ready(self.waiting.process):
            self._stop()
        where = ["--outdir", str(sources[0].parent)]
        started = self._started([*self._command, "--convert-to", _FILTER, *where, *map(str, sources)])
        # The one that waits does the work. Without page numbers the file is still whole: it asks Word for them.
        limit = processes.Limit([each.process for each in self.started], _SECONDS + _SECONDS_EACH * len(sources))
        with contextlib.suppress(processes.LimitError):
            processes.wait(started.process, limit)
        started.kill()
        started.process.wait()
        self.leave = begun(self._leave)  # nobody is to wait for a hundred files to go

    @property
    def _profile(self) -> Path:
        return self.home / "profile"

    @property
    def _command(self) -> list[str]:
        return [self.program, f"-env:UserInstallation={self._profile.as_uri()}", "--headless", "--norestore"]

    def _is_ready(self, waiting: subprocess.Popen[bytes]) -> bool:
        """Whether it has opened its words, which it locks, before long."""
        lock = self.home / ".~lock.words.rtf#"

        def is_decided(seconds: float) -> bool:
            end = time.monotonic() + seconds
            while not lock.exists() and waiting.poll() is None:
                if time.monotonic() > end:
                    return False
                time.sleep(0.01)
            return True

        with contextlib.suppress(processes.LimitError):
            processes.wait_until(is_decided, processes.Limit([waiting], _SECONDS_TO_START))
        return lock.exists()

    def _started(self, command: Sequence[str]) -> Started:
        environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
        # A LibreOffice that is killed leaves 20 temporary files: in its own folder, which is removed with it.
        environment |= dict.fromkeys(("HOME", "TMPDIR"), str(self.home))
        with self._starting:
            if self._is_left:
                raise LeftError
            pipe, held = os.pipe()
            try:
                process = processes.start(
                    processes.tied(command), stdin=subprocess.PIPE, env=environment, pass_fds=[held]
                )
            except BaseException:
                os.close(pipe)
                raise
            finally:
                os.close(held)
            # Also when we are interrupted: a thread is not told.
            kill = weakref.finalize(process, processes.kill_group, process.pid)
            self.started.append(Started(process, kill, pipe))
            return self.started[-1]

    def _leave(self) -> None:
        """End all that it has started, so that nothing writes into the folder while that goes.

        If an interrupted build leaves while a thread starts a process, that ends too: it would make the folder again.
        """
        with self._starting:
            self._is_left = True
            for started in self.started:
                started.end()
                os.close(started.pipe)
            self.started.clear()
            self.folder.remove()

    def _stop(self) -> None:
        """End the one that waits."""
        if self.waiting:
            self.waiting.end()
            self.waiting = None
