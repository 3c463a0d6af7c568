"""The Python interface does what docs/developing.md shows, and importing the package costs nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_papers import copy

from nioc_paper import BlockedError, BuildRequest, Project, RequestError, build
from nioc_paper.system import schedule

ROOT = Path(__file__).parents[1]


@pytest.mark.usefixtures("own_cache")
def test_the_example_of_the_docs_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "developing.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"## Use it from Python\n\n```python\n(.*?)```", text, re.DOTALL)
    paper = copy("healthy", tmp_path)
    example = example.replace("tests/papers/healthy", str(paper)).replace('"dist"', f'"{tmp_path}/out"')
    exec(compile(example, "docs/developing.md", "exec"), {})  # noqa: S102 - it is ours
    shown = capsys.readouterr()
    assert "crossings.html" in shown.out
    assert shown.err == ""
    assert (tmp_path / "out" / "crossings.html").is_file()


def test_a_blocked_build_raises_with_its_findings(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    with pytest.raises(RequestError, match="no chapter is called 'canals'"):
        build(Project(paper), BuildRequest(chapter="canals"), ["html"], tmp_path / "out")
    with pytest.raises(RequestError, match="'odt' is not a format; formats are: "):
        Project.find(paper / "chapters").build(formats="html,odt")
    chapter = paper / "chapters" / "bridges.md"
    chapter.write_text(chapter.read_text(encoding="utf-8").replace("status: ", "status: x"), encoding="utf-8")
    with pytest.raises(BlockedError, match="nothing was written") as blocked:
        Project(str(paper)).build(formats=["html"], out=tmp_path / "out")
    assert blocked.value.findings
    assert not (tmp_path / "out").exists()


def fail(*_: object) -> None:
    raise ZeroDivisionError


@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize(("status", "raised"), [("xreview", BlockedError), ("review", ZeroDivisionError)])
@pytest.mark.parametrize(
    "step", ["app.build.assemble_document", "render.write.resolve_citations", "render.write.render_format"]
)
def test_errors_of_a_paper_come_before_what_they_cause(
    status: str, raised: type[Exception], step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = copy("healthy", tmp_path)
    chapter = paper / "chapters" / "bridges.md"
    chapter.write_text(re.sub("status: .*", f"status: {status}", chapter.read_text(encoding="utf-8")), encoding="utf-8")
    monkeypatch.setattr(f"nioc_paper.{step}", fail)
    monkeypatch.setattr(schedule, "can_copy", lambda: True)  # the check is one copy, the rest is here
    with pytest.raises(raised):
        build(Project(paper), BuildRequest(), ["html"], tmp_path / "out")


# --- builds that are refused while they render ------------------------------------------------------------------------


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
    monkeypatch.setattr("nioc_paper.app.build.assemble_document", lambda *_: rendered.append("assembled"))
    with pytest.raises(BlockedError):
        Project(paper).build(formats=["html"], out=tmp_path / "out")
    assert not rendered


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Time and content of the files of a folder; a lock says nothing."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != ".lock")
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}
