"""A build that is refused while it renders: it stops, leaves files as they were, and can be repeated."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from test_papers import copy

from nioc_paper import BlockedError, Project
from nioc_paper.app import build
from nioc_paper.render.pdf.pool import WorkerPool
from nioc_paper.render.pdf.results import PageJob
from nioc_paper.system import schedule
from nioc_paper.system.schedule import StoppedError, parallel_map, raise_if_stopped, running, start_thread

FORMATS = ("pdf", "docx", "html", "epub")


class RefusedError(Exception):
    """Reason to stop."""


def in_a_thread(work: Callable[[], object]) -> None:
    start_thread(work)()


def in_parallel(work: Callable[[], object]) -> None:
    parallel_map(lambda _: work(), range(3))


@pytest.mark.parametrize("levels", [[], [in_a_thread], [in_parallel], [in_parallel, in_a_thread, in_parallel]])
def test_an_error_stops_all_work_that_was_started_for_the_same_end(
    levels: list[Callable[[Callable[[], object]], None]],
) -> None:
    started, stopped = threading.Event(), list[str]()

    def work() -> None:
        started.set()
        pause = threading.Event()
        for _ in range(3000):
            try:
                raise_if_stopped()
            except StoppedError:
                stopped.append("stopped")
                raise
            pause.wait(0.01)
        stopped.append("ran to its end")

    def refuse() -> None:
        started.wait()
        raise RefusedError

    nested: Callable[[], object] = work
    for level in levels:
        nested = partial(level, nested)

    def do_job(*_: object) -> None:
        nested()

    with pytest.raises(RefusedError), running(do_job, range(20), 2):
        refuse()
    assert stopped
    assert {*stopped} == {"stopped"}
    raise_if_stopped()  # the work that waited is not stopped itself
    assert parallel_map(str, range(3)) == ["0", "1", "2"]


def test_a_layout_that_is_stopped_ends_its_engine_and_the_next_gets_a_new_one() -> None:
    def page(paragraphs: int) -> PageJob:
        return {"html": "<p>Some words.</p>" * paragraphs, "lines": False, "bars": "", "assets": {}}

    with WorkerPool() as pool:

        def refuse() -> None:
            while not any(worker.job_count for worker in pool.workers):
                threading.Event().wait(0.01)
            raise RefusedError

        def lay_out(*_: object) -> None:
            pool.run_jobs({"long": page(20_000)})

        with pytest.raises(RefusedError), running(lay_out, [0], 1):
            refuse()
        assert not pool.workers
        assert pool.run_jobs({"short": page(1)})["short"].pdf


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("before", ["no folder", "an empty folder", "a built paper"])
def test_a_refused_build_leaves_the_folder_as_it_was(
    name: str, before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "can_copy", lambda: True)  # the check is one copy, the rest is here
    paper, out = copy("healthy", tmp_path), tmp_path / "new" / "out"
    if before == "an empty folder":
        out.mkdir(parents=True)
    if before == "a built paper":
        Project(paper).build(formats=[name], out=out)
    earlier = state(out)
    chapter = paper / "chapters" / "bridges.md"
    chapter.write_text(re.sub("status: .*", "status: x", chapter.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(BlockedError):
        Project(paper).build(formats=[name], out=out)
    assert state(out) == earlier
    assert out.exists() == out.parent.exists() == (before != "no folder")


def test_a_build_on_one_core_is_refused_before_it_renders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = copy("healthy", tmp_path)
    chapter = paper / "chapters" / "bridges.md"
    chapter.write_text(re.sub("status: .*", "status: x", chapter.read_text(encoding="utf-8")), encoding="utf-8")
    rendered: list[object] = []
    monkeypatch.setattr(schedule, "core_count", lambda: 1)
    monkeypatch.setattr(build, "assemble_document", lambda *_: rendered.append("assembled"))
    with pytest.raises(BlockedError):
        Project(paper).build(formats=["html"], out=tmp_path / "out")
    assert not rendered


def test_a_build_with_an_error_in_reading_is_refused_before_it_renders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = copy("healthy", tmp_path)
    (paper / "paper" / "data" / "closures.csv").unlink()
    rendered: list[object] = []
    monkeypatch.setattr(schedule, "can_copy", lambda: True)
    monkeypatch.setattr(build, "assemble_document", lambda *_: rendered.append("assembled"))
    with pytest.raises(BlockedError):
        Project(paper).build(formats=["html"], out=tmp_path / "out")
    assert not rendered


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Time and content of the files of a folder; a lock says nothing."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != ".lock")
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}
