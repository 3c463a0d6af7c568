"""Starts the processes that lay pages out, in an environment that holds nothing of the user's."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from nioc_paper.render import fonts
from nioc_paper.threads import cores, nothing, side_by_side

SECONDS = 600
"""For one job."""
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
        self.folder = tempfile.TemporaryDirectory(prefix="nioc-pdf-")
        self.scratch = scratch = Path(self.folder.name)
        self.hands: list[_Hand] = []
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
        self.end()
        self.folder.cleanup()

    def end(self) -> None:
        """End the processes. Others are started when there is work."""
        for hand in self.hands:
            hand.end()
        self.hands.clear()

    def sweep(self) -> None:
        """Take away what jobs have left, when a document is done: files, and memory that engines keep."""
        for place, hand in enumerate(self.hands):
            if hand.asked >= _JOBS:
                hand.end()
                self.hands[place] = _Hand(self.scratch)
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
            self.hands.append(_Hand(self.scratch))
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
            self.hands.append(_Hand(self.scratch))
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
            self.hands[place].end()
            self.hands[place] = _Hand(self.scratch)
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
        self.process = subprocess.Popen(  # noqa: S603 - our own module, from an argument list
            [sys.executable, "-m", "nioc_paper.render.print.weasy", str(scratch)],
            cwd=Path(__file__).parents[3],
            env=_environment(scratch),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            start_new_session=True,
        )

    def ask(self, name: str) -> dict[str, Any]:
        """Have a job done; empty when it is, else why it is not."""
        assert self.process.stdin
        assert self.process.stdout
        self.asked += 1
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._kill()

        timer = threading.Timer(SECONDS, stop)
        timer.start()
        try:
            self.process.stdin.write(f"{name}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it says why, or has said it on standard error
        said = self.process.stdout.readline()
        timer.cancel()
        told: dict[str, Any] = json.loads(said) if said else {}
        if told.get("done") == name:
            return {}
        return {"failed": f"more than {SECONDS} s"} if late.is_set() else told or {"failed": self._last_words()}

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
        self._kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _environment(scratch: Path) -> dict[str, str]:
    """Nothing of the user's environment but what a process needs to start."""
    kept = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "DYLD_FALLBACK_LIBRARY_PATH") if name in os.environ
    }
    own = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(scratch))
    return {**kept, **own, "FONTCONFIG_FILE": str(scratch / "fonts.conf"), "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
