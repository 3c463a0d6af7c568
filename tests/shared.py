"""Outputs that several tests look at, made once for all workers of a run."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from nioc_paper import load
from nioc_paper.system import concurrency, libreoffice, pandoc, processes


def folder(factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of a run share."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder `name`, which `make` fills when the first test asks for it. Others wait; nobody changes it."""
    target, done = folder(factory) / name, folder(factory) / f"{name}.done"
    with (folder(factory) / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            target.mkdir(exist_ok=True)
            make(target)
            done.touch()
    return target


def remembered(run: Callable[..., pandoc.PandocOutput]) -> Callable[..., pandoc.PandocOutput]:
    """Return a run of pandoc that gives the output for an input that it has had; errors are not kept.

    It keeps nothing while a test has another pandoc, or another way to start programs.
    """
    real = (pandoc.find_executable, processes.run, processes.start)

    @functools.lru_cache(maxsize=1000)
    def keep(
        args: Sequence[str], data: bytes, files: Sequence[tuple[str, bytes]], **limits: Any
    ) -> pandoc.PandocOutput:
        return run(args, data, files=dict(files), **limits)

    def run_or_remember(
        args: Sequence[str], data: bytes, *, files: Mapping[str, bytes] = {}, **limits: Any
    ) -> pandoc.PandocOutput:
        if real != (pandoc.find_executable, processes.run, processes.start):
            return run(args, data, files=files, **limits)
        return keep(tuple(args), data, tuple(files.items()), **limits)

    return run_or_remember


@contextlib.contextmanager
def no_copies() -> Iterator[None]:
    """Keep the work of commands in the process of the tests, which is large: a copy costs more than it computes.

    The other workers of the run have the other cores. Commands in a process of their own make copies.
    """
    with (
        mock.patch.object(concurrency, "can_copy", return_value=False),
        mock.patch.object(load, "can_copy", return_value=False),
    ):
        yield


@contextlib.contextmanager
def one_pdf_engine() -> Iterator[None]:
    """Keep one process for PDFs from build to build, as the preview does: it takes as long to start as to lay out.

    A build that fails ends its own, and one with another way to start programs has its own. Only one is started: the
    other workers of the run have the other cores.
    """
    from nioc_paper.render.pdf import pdf_writer, worker_pool  # late: it takes a while

    free: list[worker_pool.WorkerPool] = []
    real, new_pool = (processes.python_command, processes.start), worker_pool.WorkerPool

    class KeptPool(worker_pool.WorkerPool):
        def __exit__(self, error: object = None, *_: object) -> None:
            if error or self._is_closed:
                self.close()
            else:
                self.clean_up()
                free.append(self)

        def warm_up(self, job: object) -> None:
            """Lay out nothing more: the process does so when it starts, and goes on."""

    def lend() -> worker_pool.WorkerPool:
        if real != (processes.python_command, processes.start):
            return new_pool()
        return free.pop() if free else KeptPool()

    with (
        mock.patch.object(worker_pool, "core_count", return_value=1),
        mock.patch.object(worker_pool, "WorkerPool", lend),
        mock.patch.object(pdf_writer, "WorkerPool", lend),
    ):
        yield
    for each in free:
        each.close()


@contextlib.contextmanager
def one_office() -> Iterator[None]:
    """Keep one LibreOffice from build to build: its start takes ten times as long as the layout of a small file.

    One that does not wait for files any more is ended, and a test with another program, or another way to start
    programs, has its own. Only one is started: the other workers of the run have the other cores.
    """
    from nioc_paper.render.word import list_page_numbers  # late: it takes a while

    free: list[KeptOffice] = []
    real = (libreoffice.find_program(), processes.start)

    class KeptOffice(libreoffice.LibreOffice):
        def __exit__(self, *_: object) -> None:
            if self.idle and self.idle.process.poll() is None:
                free.append(self)
            else:
                self.close()

        def convert_to_pdf(self, sources: Sequence[Path]) -> None:
            super().convert_to_pdf(sources)
            for client in self.children[1:]:
                client.end()
                os.close(client.pipe)
            del self.children[1:]

        def _shut_down(self) -> None:
            """Wait for the next build."""

        def close(self) -> None:
            super()._shut_down()

    def lend(program: str) -> libreoffice.LibreOffice:
        if real != (program, processes.start):
            return own(program)
        return free.pop() if free else KeptOffice(program).prestart()

    own = libreoffice.LibreOffice
    with (
        mock.patch.object(list_page_numbers, "core_count", return_value=1),
        mock.patch.object(list_page_numbers, "LibreOffice", lend),
        mock.patch.object(libreoffice, "LibreOffice", lend),
    ):
        yield
    for each in free:
        each.close()
