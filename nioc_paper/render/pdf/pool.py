"""Pool of WeasyPrint workers, in an environment without variables of the user."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import select
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Self

from nioc_paper.render.common import fonts
from nioc_paper.system import processes
from nioc_paper.system.schedule import StoppedError, core_count, noop, raise_if_stopped, run_parallel
from nioc_paper.system.scratch import ScratchFolder

if TYPE_CHECKING:
    from nioc_paper.render.pdf.results import JobResult, LayoutReport, PageJob

MAX_SECONDS = 600
"""CPU time limit of a job."""
_COLUMNS = re.compile(r'class="[^"]*\bfindings\b')
"""List that the style sheet sets in balanced columns."""
_COLUMNS_COST = 7
"""Cost of a page with columns: laid out thirty times until they are balanced, 145 µs for a character instead of 20."""
_JOBS_PER_WORKER = 200
"""Jobs after which a worker is replaced: each job adds half a megabyte to its memory."""


class RenderCancelledError(Exception):
    """A newer request came, and the other jobs were dropped."""


class WorkerPool:
    """Pool of WeasyPrint workers, one per core, started on demand.

    It serves one document after another. `is_cancelled` is asked before each job, and `on_progress` gets the number of
    finished jobs and of all jobs.
    """

    def __init__(
        self,
        is_cancelled: Callable[[], bool] = lambda: False,
        on_progress: Callable[[int, int], None] = noop,
    ) -> None:
        self.is_cancelled, self.on_progress = is_cancelled, on_progress
        self.folder = ScratchFolder("pdf")
        self.scratch = scratch = self.folder.path
        self.workers: list[_LayoutWorker] = []
        self._start_lock, self._is_closed = Lock(), False
        self.extra_fonts: list[str] | None = None
        self._font_changes = 0
        self._last_warm_up: PageJob | None = None
        (scratch / "fonts").mkdir()
        (scratch / "fonts.conf").write_text(
            fonts.fontconfig_xml(scratch / "cache", scratch / "fonts"), encoding="utf-8"
        )

    def set_fonts(self, font_files: Iterable[str]) -> None:
        """Give the workers the document's extra fonts. Call before its first job."""
        new_fonts = sorted(font_files)
        if self.extra_fonts is not None and new_fonts != self.extra_fonts:  # workers know the fonts of their start only
            self.stop_workers()
            for old in (self.scratch / "fonts").iterdir():
                old.unlink()
        if new_fonts != self.extra_fonts:
            for font_file in new_fonts:
                shutil.copyfile(font_file, self.scratch / "fonts" / Path(font_file).name)
            # A worker may have read the folder already, or while it was filled: its time tells fontconfig to read it.
            self._font_changes += 1
            os.utime(self.scratch / "fonts", (self._font_changes, self._font_changes))
        self.extra_fonts = new_fonts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers for good, and remove their files. Any thread may call it."""
        with self._start_lock:
            self._is_closed = True
            self.stop_workers()
            self.folder.remove()

    def stop_workers(self) -> None:
        """End the workers. New ones start when there is work."""
        for worker in self.workers:
            worker.close()
        self.workers.clear()

    def _start_worker(self) -> None:
        with self._start_lock:
            if self._is_closed:
                raise RenderCancelledError
            self.workers.append(_LayoutWorker(self.scratch))

    def _replace_worker(self, index: int) -> None:
        self.workers[index].close()
        with self._start_lock:
            if self._is_closed:
                raise RenderCancelledError
            self.workers[index] = _LayoutWorker(self.scratch)

    def clean_up(self) -> None:
        """Delete temporary files, when no job needs them any more; replace workers after 200 jobs."""
        for index in range(len(self.workers)):
            self._ensure_free_worker(index)
            if self.workers[index].job_count >= _JOBS_PER_WORKER:
                self._replace_worker(index)
        for file in self.scratch.iterdir():
            if file.name.startswith(("asset-", "job-")):
                file.unlink()

    def check_cancelled(self) -> None:
        """Raise RenderCancelledError if there is a newer request."""
        if self.is_cancelled():
            raise RenderCancelledError

    def prestart(self) -> Self:
        """Start one worker ahead of time; return self."""
        if not self.workers:
            self._start_worker()
        return self

    def warm_up(self, job: PageJob) -> None:
        """Let a running worker lay out a page, so that it knows fonts and style sheets before the first long job.

        Returns at once: the worker does its next job afterwards.
        """
        if self.workers and job != self._last_warm_up:
            self._last_warm_up = job
            self._write_assets([job])
            self._start_job(0, "warm-up", job)

    def run_jobs(
        self,
        jobs: Mapping[str, PageJob],
        on_result: Callable[[str, JobResult], None] = noop,
    ) -> dict[str, JobResult]:
        """Return the result of each job by its name. The longest jobs start first, and `on_result` gets each at once.

        Raises RenderCancelledError.
        """
        count = min(core_count(), len(jobs))
        while len(self.workers) < count:
            self._start_worker()
        self._write_assets(jobs.values())  # before any job starts: jobs that share a file would read half of it
        results: dict[str, JobResult] = {}

        def run_next(index: int, name: str) -> None:
            self.check_cancelled()
            results[name] = self._run_job(index, name, jobs[name])
            on_result(name, results[name])
            self.on_progress(len(results), len(jobs))

        longest_first = sorted(jobs, key=lambda name: -estimate_cost(jobs[name]["html"]))
        try:
            run_parallel(run_next, longest_first, count)
        except StoppedError:
            self.stop_workers()  # nobody waits for their answers
            raise
        return results

    def _write_assets(self, jobs: Iterable[PageJob]) -> None:
        for data in {data for job in jobs for _, data in job["assets"].values()}:
            if not (self.scratch / _asset_name(data)).exists():
                (self.scratch / _asset_name(data)).write_bytes(data)

    def _ensure_free_worker(self, index: int) -> None:
        """Wait until a worker is free; replace it if its first page failed or its process has ended.

        The next job must not fail for that.
        """
        worker = self.workers[index]
        if worker.wait_for_answer() or worker.process.poll() is not None:
            self._replace_worker(index)

    def _start_job(self, index: int, name: str, job: PageJob) -> None:
        self._ensure_free_worker(index)
        asset_files = {path: (mime, _asset_name(data)) for path, (mime, data) in job["assets"].items()}
        job_json = json.dumps({**job, "assets": asset_files}, sort_keys=True)
        (self.scratch / f"job-{name}.json").write_text(job_json, encoding="utf-8")
        (self.scratch / f"job-{name}.pdf").unlink(missing_ok=True)
        self.workers[index].start_job(f"job-{name}")

    def _run_job(self, index: int, name: str, job: PageJob) -> JobResult:
        from nioc_paper.render.pdf.results import JobResult  # late: msgspec, which it needs, delays the start

        self._start_job(index, name, job)
        if failure := self.workers[index].wait_for_answer():
            self._replace_worker(index)
            return JobResult(failure)
        pdf = self.scratch / f"job-{name}.pdf"
        header = (self.scratch / f"job-{name}.found.json").read_bytes()
        return JobResult.from_json(header, pdf.read_bytes() if pdf.exists() else b"")


def estimate_cost(html: str) -> int:
    """Return a number that grows with the time that the layout of a page takes."""
    return len(html) * (_COLUMNS_COST if _COLUMNS.search(html) else 1)


def _asset_name(data: bytes) -> str:
    """Return a name from the hash of the data: a style sheet may differ in the next document."""
    return f"asset-{hashlib.sha256(data).hexdigest()}"


class _LayoutWorker:
    """Worker process."""

    def __init__(self, scratch: Path) -> None:
        # No fork without exec: once Pango's threads run, the child may hang.
        self.job_count = 0
        self._current_job = ""
        self.stderr_file = (scratch / f"errors-{id(self)}").open("w+b")
        own_folders = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(scratch))
        self.process = processes.start(
            processes.python_command("nioc_paper.render.pdf.worker.main", str(scratch)),
            env=processes.python_environment() | own_folders | {"FONTCONFIG_FILE": str(scratch / "fonts.conf")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.stderr_file,
        )

    def start_job(self, name: str) -> None:
        """Start a job. The one before has been answered."""
        assert self.process.stdin
        self.job_count += 1
        self._current_job = name
        with contextlib.suppress(BrokenPipeError):  # the reason is in its answer or on standard error
            self.process.stdin.write(f"{name}\n".encode())
            self.process.stdin.flush()

    def wait_for_answer(self) -> LayoutReport | None:
        """Wait for the current job, if any. Returns None if it is done, and otherwise a report with the reason."""
        if not self._current_job:
            return None
        from nioc_paper.render.pdf.results import LayoutReport  # late, as in `WorkerPool._run_job`

        assert self.process.stdout
        limit = processes.ResourceLimit([self.process], MAX_SECONDS, fresh=False)
        try:
            processes.wait_until(self._has_answered, limit)
        except processes.LimitError as error:
            return LayoutReport(failure=str(error))
        answer_line = self.process.stdout.readline()
        name, self._current_job = self._current_job, ""
        if not answer_line:
            return LayoutReport(failure=self._last_error_line())
        answer = None
        with contextlib.suppress(ValueError):
            answer = json.loads(answer_line)
        match answer:
            case {"done": done_name} if done_name == name:
                return None
            case {"missing": message}:
                return LayoutReport(missing_library=message)
        return LayoutReport(failure=f"it answers {answer_line[:80]!r}")

    def _has_answered(self, seconds: float) -> bool:
        """Return whether there is an answer, or the end of the output, within some seconds.

        Raises StoppedError if the run of this thread is stopped.
        """
        raise_if_stopped()
        assert self.process.stdout
        return bool(select.select([self.process.stdout], [], [], seconds)[0])

    def _last_error_line(self) -> str:
        exit_code = self.process.wait()
        self.stderr_file.seek(0)
        lines = self.stderr_file.read().decode(errors="replace").strip().splitlines()[-1:]
        return lines[0] if lines else f"exit code {exit_code}"

    def close(self) -> None:
        """End the process and its children."""
        assert self.process.stdin
        assert self.process.stdout
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        processes.kill_group(self.process.pid)
        self.process.wait()
        self.process.stdout.close()
        self.stderr_file.close()
