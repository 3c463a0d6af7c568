"""A build that is refused while it renders: it stops, leaves files as they were, and can be repeated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_papers import copy

from nioc_paper import BlockedError, Project
from nioc_paper.app import build
from nioc_paper.system import schedule


@pytest.mark.parametrize("before", ["a built paper", "no folder", "an empty folder"])
def test_a_refused_build_leaves_the_folder_as_it_was(
    before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "can_copy", lambda: True)  # the check is one copy, the rest is here
    paper, out = copy("healthy", tmp_path), tmp_path / "new" / "out"
    if before == "an empty folder":
        out.mkdir(parents=True)
    formats = ["pdf", "docx", "html", "epub"] if before == "a built paper" else ["html"]
    if before == "a built paper":
        Project(paper).build(formats=formats, out=out)
    earlier = state(out)
    chapter = paper / "chapters" / "bridges.md"
    chapter.write_text(re.sub("status: .*", "status: x", chapter.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(BlockedError):
        Project(paper).build(formats=formats, out=out)
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


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Time and content of the files of a folder; a lock says nothing."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != ".lock")
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}
