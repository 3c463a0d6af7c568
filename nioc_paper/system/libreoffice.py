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
from nioc_paper.system.concurrency import start_thread
from nioc_paper.system.scratch import ScratchFolder

_SECONDS, _SECONDS_EACH = 100, 20
_SECONDS_TO_START = 10
_SECONDS_TO_END = 10
"""Longest wait for killed processes. One that has left the group, and holds the pipe, holds up nobody."""
_EXPORT_FILTER = 'pdf:writer_pdf_Export:{"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}}'
_WARM_UP_DOCUMENT = b"{\\rtf1 Some words}"
# A newer LibreOffice has been here, so this one has nothing to set up: that takes as long as to lay out a chapter.
_PROFILE_REGISTRY = b"""<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/Product">
<prop oor:name="ooSetupLastVersion" oor:op="fuse"><value>99.9</value></prop></item></oor:items>
"""


class LeftError(Exception):
    """The office was left while a thread was about to start a process of it."""


class StartedProcess(NamedTuple):
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


def find_program() -> str | None:
    """LibreOffice, where it is at hand."""
    return shutil.which("soffice")


def installation_id(program: str) -> str:
    """Stands for the LibreOffice that is installed."""
    binary = Path(program).resolve()
    version_file = binary.with_name("versionrc")
    stat = binary.stat()
    version = version_file.read_text(encoding="utf-8", errors="replace") if version_file.exists() else ""
    return f"{binary} {stat.st_size} {stat.st_mtime_ns} {version}"


class LibreOffice:
    """A LibreOffice. It ends, with all that it has started, when it is left, and when this process ends."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.folder = ScratchFolder("office")
        self.home = self.folder.path
        self.idle: StartedProcess | None = None
        self.children: list[StartedProcess] = []
        self._starting, self._is_left = Lock(), False
        (self._profile / "user").mkdir(parents=True)
        (self._profile / "user" / "registrymodifications.xcu").write_bytes(_PROFILE_REGISTRY)
        self.shut_down = self._shut_down

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shut_down()

    def prestart(self) -> Self:
        """Itself, started now, to be ready when there are files."""
        if not self.idle:
            warm_up_file = self.home / "words.rtf"
            warm_up_file.write_bytes(_WARM_UP_DOCUMENT)
            self.idle = self._start_process([*self._command, str(warm_up_file)])
        return self

    def convert_to_pdf(self, sources: Sequence[Path]) -> None:
        """Make a PDF beside each Word file that it can lay out. After that it ends."""
        if self.idle and not self._is_ready(self.idle.process):
            self._stop_idle()
        where = ["--outdir", str(sources[0].parent)]
        started = self._start_process([*self._command, "--convert-to", _EXPORT_FILTER, *where, *map(str, sources)])
        # The one that waits does the work. Without page numbers the file is still whole: it asks Word for them.
        limit = processes.ResourceLimit(
            [each.process for each in self.children], _SECONDS + _SECONDS_EACH * len(sources)
        )
        with contextlib.suppress(processes.LimitError):
            processes.wait_for_exit(started.process, limit)
        started.kill()
        started.process.wait()
        self.shut_down = start_thread(self._shut_down)  # nobody is to wait for a hundred files to go

    @property
    def _profile(self) -> Path:
        return self.home / "profile"

    @property
    def _command(self) -> list[str]:
        return [self.program, f"-env:UserInstallation={self._profile.as_uri()}", "--headless", "--norestore"]

    def _is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it has opened its words, which it locks, before long."""
        lock = self.home / ".~lock.words.rtf#"

        def is_decided(seconds: float) -> bool:
            end = time.monotonic() + seconds
            while not lock.exists() and process.poll() is None:
                if time.monotonic() > end:
                    return False
                time.sleep(0.01)
            return True

        with contextlib.suppress(processes.LimitError):
            processes.wait_until(is_decided, processes.ResourceLimit([process], _SECONDS_TO_START))
        return lock.exists()

    def _start_process(self, command: Sequence[str]) -> StartedProcess:
        environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
        # A LibreOffice that is killed leaves 20 temporary files: in its own folder, which is removed with it.
        environment |= dict.fromkeys(("HOME", "TMPDIR"), str(self.home))
        with self._starting:
            if self._is_left:
                raise LeftError
            pipe, held = os.pipe()
            try:
                process = processes.start(
                    processes.tied_command(command), stdin=subprocess.PIPE, env=environment, pass_fds=[held]
                )
            except BaseException:
                os.close(pipe)
                raise
            finally:
                os.close(held)
            # Also when we are interrupted: a thread is not told.
            kill = weakref.finalize(process, processes.kill_group, process.pid)
            self.children.append(StartedProcess(process, kill, pipe))
            return self.children[-1]

    def _shut_down(self) -> None:
        """End all that it has started, so that nothing writes into the folder while that goes.

        If an interrupted build leaves while a thread starts a process, that ends too: it would make the folder again.
        """
        with self._starting:
            self._is_left = True
            for started in self.children:
                started.end()
                os.close(started.pipe)
            self.children.clear()
            self.folder.remove()

    def _stop_idle(self) -> None:
        """End the one that waits."""
        if self.idle:
            self.idle.end()
            self.idle = None
