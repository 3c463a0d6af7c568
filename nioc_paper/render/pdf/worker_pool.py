"""Pool of WeasyPrint workers, in an environment without variables of the user."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Self

from nioc_paper.render.common import fonts
from nioc_paper.system import processes
from nioc_paper.system.concurrency import StoppedError, core_count, noop, run_parallel, start_thread
from nioc_paper.system.scratch import ScratchFolder
from nioc_paper.system.workers import Worker, WorkerError

if TYPE_CHECKING:
    from nioc_paper.render.pdf.worker_messages import JobResult, PageJob

MAX_SECONDS = 600
"""CPU time limit of a job."""
_MAX_JOBS = 400
"""Jobs after which the workers are replaced: each job adds half a megabyte to the memory of one."""


class RenderCancelledError(Exception):
    """A newer request came, and the other jobs were dropped."""


class WorkerPool:
    """Pool of WeasyPrint workers, one per core, started on demand.

    It serves one document after another. `is_cancelled` is asked before each job.
    """

    def __init__(self, is_cancelled: Callable[[], bool] = lambda: False) -> None:
        self.is_cancelled = is_cancelled
        self.folder = ScratchFolder("pdf")
        self.scratch = scratch = self.folder.path
        self.workers: list[Worker] = []
        self._start_lock, self._is_closed = Lock(), False
        self.extra_fonts: list[str] | None = None
        self._font_changes = self._job_count = 0
        self._last_warm_up: PageJob | None = None
        (scratch / "fonts").mkdir()
        (scratch / "fonts.conf").write_bytes(fonts.fontconfig_xml(scratch / "cache", scratch / "fonts").encode())

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
            worker.kill()
        self.workers.clear()
        self._job_count = 0

    def _start_worker(self, index: int) -> None:
        """Start a worker, in place of the one with this index if there is one."""
        variables = {"FONTCONFIG_FILE": str(self.scratch / "fonts.conf")}
        with self._start_lock:
            if self._is_closed:
                raise RenderCancelledError
            # No fork without exec: once Pango's threads run, the child may hang.
            worker = Worker("nioc_paper.render.pdf.worker.main", folder=self.scratch, variables=variables)
            self.workers[index : index + 1] = [worker]

    def clean_up(self) -> None:
        """Replace the workers after many jobs. Call when nobody waits for a result."""
        if self._job_count >= _MAX_JOBS:
            self.stop_workers()
            self.prestart()

    def check_cancelled(self) -> None:
        """Raise RenderCancelledError if there is a newer request."""
        if self.is_cancelled():
            raise RenderCancelledError

    def prestart(self) -> Self:
        """Start one worker ahead of time; return self."""
        if not self.workers:
            self._start_worker(0)
        return self

    def warm_up(self, job: PageJob) -> None:
        """Let a running worker lay out a page, so that it knows fonts and style sheets before the first long job.

        Returns at once: the worker does its next job afterwards.
        """
        from msgspec import msgpack  # late: it delays the start

        if self.workers and job != self._last_warm_up:
            self._last_warm_up = job
            start_thread(partial(self.workers[0].ask, msgpack.encode(job), MAX_SECONDS))

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
            self._start_worker(len(self.workers))
        results: dict[str, JobResult] = {}

        def run_next(index: int, name: str) -> None:
            self.check_cancelled()
            results[name] = self._run_job(index, jobs[name])
            on_result(name, results[name])

        try:
            run_parallel(run_next, sorted(jobs, key=lambda name: -len(jobs[name]["html"])), count)
        except StoppedError:
            self.stop_workers()  # nobody waits for their answers
            raise
        return results

    def _run_job(self, index: int, job: PageJob) -> JobResult:
        from msgspec import msgpack  # late, as in `warm_up`

        from nioc_paper.render.pdf.worker_messages import JobResult, LayoutReport

        self._job_count += 1
        result = JobResult()
        for _ in range(2):  # once more if it ends: the system may have ended the process, or its first page did
            try:
                result = JobResult.decode(self.workers[index].ask(msgpack.encode(job), MAX_SECONDS, can_stop=True))
                if not result.report.failure:
                    return result
            except processes.LimitError as error:
                result = JobResult(LayoutReport(failure=str(error)))
            except WorkerError:
                result = JobResult(LayoutReport(failure="it ended"))
            self.workers[index].kill()
            self._start_worker(index)
            if result.report.failure != "it ended":
                break
        return result
