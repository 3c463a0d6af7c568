"""Starts the processes that lay pages out, in an environment that holds nothing of the user's."""

from __future__ import annotations

import contextlib
import hashlib
import json
import select
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Self

from nioc_paper.render import fonts
from nioc_paper.system import processes
from nioc_paper.system.scratch import ScratchFolder
from nioc_paper.threads import cores, nothing, side_by_side

SECONDS = 600
"""Processor time for one job."""
_JOBS = 200
"""Jobs after which a process is replaced by a new one: it grows by half a megabyte with each."""
Printed = tuple[dict[str, Any], bytes]
"""What was found on the way, and the PDF; an empty one when none was written."""


class StoppedError(Exception):
    """There was something newer, and the rest was not laid out."""


class Press:
    """Processes that lay out, one for each core that there is work for. Each starts when it is first needed.

    They may do one document after the other. `stop` is asked before each job whether there is something newer, and
    `progress` is told how many jobs are done, of how many.
    """

    def __init__(
        self, stop: Callable[[], bool] = lambda: False, progress: Callable[[int, int], None] = nothing
    ) -> None:
        self.stop, self.progress = stop, progress
        self.folder = ScratchFolder("pdf")
        self.scratch = scratch = self.folder.path
        self.hands: list[_Hand] = []
        self._starting, self._is_closed = Lock(), False
        self.faces: list[str] | None = None
        (scratch / "hand").mkdir()
        (scratch / "fonts.conf").write_text(fonts.fontconfig(scratch / "cache", scratch / "hand"), encoding="utf-8")

    def take(self, faces: Iterable[str]) -> None:
        """Take up files of typefaces that are not ours, before the first job of a document."""
        given = sorted(faces)
        if self.faces is not None and given != self.faces:  # those of before were told of others
            self.end()
            for old in (self.scratch / "hand").iterdir():
                old.unlink()
        for face in given if given != self.faces else ():
            shutil.copyfile(face, self.scratch / "hand" / Path(face).name)
        self.faces = given

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes for good, and remove their files. Any thread may do so."""
        with self._starting:
            self._is_closed = True
            self.end()
            self.folder.remove()

    def end(self) -> None:
        """End the processes. Others are started when there is work."""
        for hand in self.hands:
            hand.end()
        self.hands.clear()

    def _add(self) -> None:
        with self._starting:
            if self._is_closed:
                raise StoppedError
            self.hands.append(_Hand(self.scratch))

    def _replace(self, place: int) -> None:
        self.hands[place].end()
        with self._starting:
            if self._is_closed:
                raise StoppedError
            self.hands[place] = _Hand(self.scratch)

    def sweep(self) -> None:
        """Take away what jobs have left, when a document is done: files, and memory that engines keep."""
        for place, hand in enumerate(self.hands):
            if hand.asked >= _JOBS:
                self._replace(place)
        for file in self.scratch.iterdir():
            if file.name.startswith(("asset-", "job-")):
                file.unlink()

    def go_on(self) -> None:
        """Raise StoppedError when there is something newer."""
        if self.stop():
            raise StoppedError

    def warmed_up(self) -> Self:
        """Itself, with a process that starts now: it takes a while until that is ready."""
        if not self.hands:
            self._add()
        return self

    def run(
        self,
        jobs: Mapping[str, Mapping[str, Any]],
        tell: Callable[[str, Printed], None] = nothing,
        meanwhile: Callable[[], object] = nothing,
    ) -> dict[str, Printed]:
        """What each job gave, by its name; the longest are begun first. `tell` is told each as soon as it is there.

        `meanwhile` is done while they are laid out. Raises StoppedError.
        """
        count = min(cores(), len(jobs))
        while len(self.hands) < count:
            self._add()
        # Before any job begins: one that shares a file with another would find half of it.
        for data in {data for job in jobs.values() for _, data in job["assets"].values()}:
            if not (self.scratch / _asset(data)).exists():
                (self.scratch / _asset(data)).write_bytes(data)
        done: dict[str, Printed] = {}

        def work(place: int, name: str) -> None:
            self.go_on()
            done[name] = self._one(place, name, jobs[name])
            tell(name, done[name])
            self.progress(len(done), len(jobs))

        side_by_side(work, sorted(jobs, key=lambda name: -len(jobs[name]["html"])), count, meanwhile)
        return done

    def _one(self, place: int, name: str, job: Mapping[str, Any]) -> Printed:
        files = {path: (mime, _asset(data)) for path, (mime, data) in job["assets"].items()}
        given = json.dumps({**job, "assets": files}, sort_keys=True)
        (self.scratch / f"job-{name}.json").write_text(given, encoding="utf-8")
        (self.scratch / f"job-{name}.pdf").unlink(missing_ok=True)
        failed = self.hands[place].ask(f"job-{name}")
        if failed:
            self._replace(place)
            return failed, b""
        pdf = self.scratch / f"job-{name}.pdf"
        found = json.loads((self.scratch / f"job-{name}.found.json").read_text(encoding="utf-8"))
        return found, pdf.read_bytes() if pdf.exists() else b""


def _asset(data: bytes) -> str:
    """A name by what is in a file: a style sheet may be another in the next document."""
    return f"asset-{hashlib.sha256(data).hexdigest()}"


class _Hand:
    """One process."""

    def __init__(self, scratch: Path) -> None:
        # No fork of this process that goes on in Python: once Pango's threads run, such a child may hang.
        self.asked = 0
        self.errors = (scratch / f"errors-{id(self)}").open("w+b")
        self.process = processes.start(
            processes.python("nioc_paper.render.print.weasy", str(scratch)),
            cwd="/",
            env=_environment(scratch),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
        )

    def ask(self, name: str) -> dict[str, Any]:
        """Have a job done; empty when it is, else why it is not."""
        assert self.process.stdin
        assert self.process.stdout
        self.asked += 1
        with contextlib.suppress(BrokenPipeError):  # it says why, or has said it on standard error
            self.process.stdin.write(f"{name}\n".encode())
            self.process.stdin.flush()
        limit = processes.Limit([self.process], SECONDS, processes.cpu_seconds(self.process.pid))
        try:
            processes.wait_until(self._has_answered, limit)
        except processes.LimitError as error:
            return {"failed": str(error)}
        said = self.process.stdout.readline()
        told: dict[str, Any] = json.loads(said) if said else {}
        if told.get("done") == name:
            return {}
        return told or {"failed": self._last_words()}

    def _has_answered(self, seconds: float) -> bool:
        """Whether there is an answer, or none to come, within some seconds."""
        assert self.process.stdout
        return bool(select.select([self.process.stdout], [], [], seconds)[0])

    def _last_words(self) -> str:
        code = self.process.wait()
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()[-1:]
        return lines[0] if lines else f"exit code {code}"

    def end(self) -> None:
        """End the process and what it has started."""
        assert self.process.stdin
        assert self.process.stdout
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        processes.kill_group(self.process.pid)
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()


def _environment(scratch: Path) -> dict[str, str]:
    """Nothing of the user's environment but what a process needs to start."""
    own = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(scratch))
    return processes.python_environment() | own | {"FONTCONFIG_FILE": str(scratch / "fonts.conf")}
