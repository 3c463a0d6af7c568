"""LibreOffice in a temporary profile of its own.

Half of its time goes into its start, so it can be started before there is a file: it opens a few words and waits. A
second call with the same profile hands its files to the waiting one, as on a desktop.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import re
import select
import subprocess
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Self

from nioc_paper.system import processes
from nioc_paper.system.concurrency import raise_if_stopped, start_thread
from nioc_paper.system.scratch import ScratchFolder

_SECONDS, _SECONDS_EACH = 100, 20
_SECONDS_TO_START = 10
_SECONDS_TO_END = 10
"""Longest wait for killed processes. One that has left the group, and holds the pipe, delays nobody."""
_EXPORT_FILTER = 'pdf:writer_pdf_Export:{"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}}'
_SCHEMAS, _WORD = "http://schemas.openxmlformats.org", "application/vnd.openxmlformats-officedocument.wordprocessingml"
_WARM_UP_FILE = "words.docx"
_WARM_UP_PARTS = {
    # A Word file: its import takes a third of the first layout.
    "[Content_Types].xml": f'<Types xmlns="{_SCHEMAS}/package/2006/content-types"><Override PartName="/_rels/.rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml"'
    f' ContentType="{_WORD}.document.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_SCHEMAS}/package/2006/relationships"><Relationship Id="r"'
    f' Type="{_SCHEMAS}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    "word/document.xml": f'<w:document xmlns:w="{_SCHEMAS}/wordprocessingml/2006/main"><w:body><w:p><w:r>'
    "<w:t>Some words</w:t></w:r></w:p></w:body></w:document>",
}
# Pretends that a newer LibreOffice was here, so that this one sets nothing up: that takes as long as a chapter's
# layout.
_PROFILE_REGISTRY = b"""<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/Product">
<prop oor:name="ooSetupLastVersion" oor:op="fuse"><value>99.9</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item></oor:items>
"""
_PIPE_FOLDERS = ("/tmp", "/var/tmp")  # noqa: S108 - built into LibreOffice
"""Folders for the pipe of a LibreOffice, the first one that it can write to: TMPDIR does not count."""


class LeftError(Exception):
    """LibreOffice was closed while a thread was about to start a process of it."""


class StartedProcess:
    """Process with its descendants. `pipe` closes when they all have ended."""

    def __init__(self, process: subprocess.Popen[bytes], pipe: int) -> None:
        self.process, self.pipe, self._is_killed = process, pipe, False

    def has_ended(self, seconds: float) -> bool:
        """Return whether they end within some seconds; `wait` of Python would look every 50 ms only."""
        try:
            return bool(select.select([self.pipe], [], [], seconds)[0]) or self.process.poll() is not None
        except OSError:  # another thread has ended them, and closed the pipe
            return True

    def kill(self) -> None:
        """Kill them, once: later the number of the group may be another's."""
        if not self._is_killed:
            self._is_killed = True
            processes.kill_group(self.process.pid)

    def end(self) -> None:
        """Kill them, and wait until none can write any more: the first of a group may end before the others."""
        self.kill()
        self.process.communicate()
        select.select([self.pipe], [], [], _SECONDS_TO_END)


def find_program() -> str | None:
    """Return the path of LibreOffice; None if it is not installed."""
    return processes.find_program("soffice")


def installation_id(program: str) -> str:
    """Return an id of the installed LibreOffice, for cache keys."""
    stat = (binary := Path(program).resolve()).stat()
    return f"{binary} {stat.st_size} {stat.st_mtime_ns} {_version_text(program)}"


def pipe_file(profile: Path) -> Path:
    """Return the pipe on which the LibreOffice with a profile waits for files. A killed one leaves it."""
    digest = hashlib.md5(profile.as_uri().encode("utf-16-le"), usedforsecurity=False).digest()
    folder = next((name for name in _PIPE_FOLDERS if os.access(name, os.W_OK)), _PIPE_FOLDERS[0])
    return Path(folder, f"OSL_PIPE_{os.geteuid()}_SingleOfficeIPC_{''.join(f'{byte:x}' for byte in digest)}")


def _version_text(program: str) -> str:
    """Return the text of the file that describes the installed version; empty if there is none."""
    file = Path(program).resolve().with_name("versionrc")
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


def prepare_profile(program: str, profile: Path, registry: bytes) -> None:
    """Write a profile with these settings.

    With the id of the build in it, LibreOffice takes no extensions in, after which it would start again.
    """
    extensions = profile / "user" / "extensions"
    extensions.mkdir(parents=True, exist_ok=True)
    (extensions.parent / "registrymodifications.xcu").write_bytes(registry)
    build_id = re.search(r"^buildid=(.*)$", _version_text(program), re.MULTILINE)
    (extensions / "buildid").write_text(build_id[1] if build_id else "", encoding="utf-8")


def office_command(program: str, profile: Path) -> list[str]:
    """Return the command that starts LibreOffice with a profile and without a window.

    Its script only finds its folder and sets a variable, with eight processes. Without a PATH it finds no GnuPG to ask
    whether a file is signed, which it does in five copies of itself.
    """
    launcher = Path(program).resolve().with_name("oosplash")
    start = ["env", "PATH=", "SAL_ENABLE_FILE_LOCKING=1", str(launcher)] if launcher.exists() else [program]
    return [*start, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]


class LibreOffice:
    """A LibreOffice that ends, with all its processes, on exit of the context or of this process."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.folder = ScratchFolder("office")
        self.home = self.folder.path
        self.idle: StartedProcess | None = None
        self.children: list[StartedProcess] = []
        self._starting, self._is_left = Lock(), False
        atexit.register(self._shut_down)  # on interruption too: threads get no signal
        self._profile.mkdir()  # without parents: an interrupted build may have removed them
        prepare_profile(program, self._profile, _PROFILE_REGISTRY)
        self.shut_down = self._shut_down

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shut_down()

    def prestart(self) -> Self:
        """Start it, to be ready when there are files; returns self."""
        if not self.idle:
            warm_up_file = self.home / _WARM_UP_FILE
            with zipfile.ZipFile(warm_up_file, "w") as members:
                for name, text in _WARM_UP_PARTS.items():
                    members.writestr(name, text)
            self.idle = self._start_process([*self._command, str(warm_up_file)])
        return self

    def convert_to_pdf(self, sources: Sequence[Path]) -> None:
        """Make a PDF beside each Word file that it can lay out, then end it.

        Raises StoppedError if the run of this thread is stopped.
        """
        self._convert(sources, "--convert-to", _EXPORT_FILTER)

    def convert_to_docx(self, source: Path) -> None:
        """Make a Word file beside an OpenDocument text that it can read, then end it."""
        self._convert([source], "--infilter=writer8", "--convert-to", "docx:MS Word 2007 XML")

    def _convert(self, sources: Sequence[Path], *options: str) -> None:
        if self.idle and not self._is_ready(self.idle.process):
            self.idle.end()
            self.idle = None
        where = ["--outdir", str(sources[0].parent)]
        started = self._start_process([*self._command, *options, *where, *map(str, sources)])
        # The waiting process does the work. Without page numbers the file is still complete: it asks Word for them.
        seconds = _SECONDS + _SECONDS_EACH * len(sources)
        limit = processes.ResourceLimit([each.process for each in self.children], seconds)

        def has_ended(seconds: float) -> bool:
            raise_if_stopped()
            return started.has_ended(seconds)

        try:
            with contextlib.suppress(processes.LimitError):
                processes.wait_until(has_ended, limit)
        finally:
            started.kill()
            started.process.wait()
            self.shut_down = start_thread(self._shut_down)  # nobody waits for a hundred files to be deleted

    @property
    def _profile(self) -> Path:
        return self.home / "profile"

    @property
    def _command(self) -> list[str]:
        return office_command(self.program, self._profile)

    def _is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Return whether it opens its words, which it locks, in time."""
        lock = self.home / f".~lock.{_WARM_UP_FILE}#"

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
        # A killed LibreOffice leaves 20 temporary files: in its own folder, which is removed with it.
        with self._starting:
            if self._is_left:
                raise LeftError
            pipe, held = os.pipe()
            try:
                pipe_name = pipe_file(self._profile)
                process = processes.start("plain", command, folder=self.home, leftover=pipe_name, pass_fds=[held])
            except BaseException:
                os.close(pipe)
                raise
            finally:
                os.close(held)
            self.children.append(StartedProcess(process, pipe))
            return self.children[-1]

    def _shut_down(self) -> None:
        """End all its processes, so that nothing writes into the folder during its removal.

        If an interrupted build leaves while a thread starts a process, that ends too: it would make the folder again.
        """
        with self._starting:
            self._is_left = True
            for started in self.children:
                started.end()
                os.close(started.pipe)
            self.children.clear()
            pipe_file(self._profile).unlink(missing_ok=True)
            self.folder.remove()
        atexit.unregister(self._shut_down)
