"""The syntax of other tools is reported where it is, and nothing else is taken for it."""

from __future__ import annotations

from pathlib import Path

from test_papers import read_tables

from nioc_paper import load
from nioc_paper.check.rules.markup import foreign_syntax
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import Chapter, FrontMatter, Paper

TABLES = read_tables("foreign_syntax")
FOREIGN = TABLES["foreign"]
BLOCKS = TABLES["blocks"]
OURS = TABLES["ours"]


def found_lines(folder: Path, text: str) -> dict[int, str]:
    (folder / "chapters").mkdir()
    (folder / "paper").mkdir()
    (folder / "chapters" / "a.md").write_text(f"---\nid: a\n---\n\n{text}\n", encoding="utf-8")
    paper = load.load(folder, lambda _: None)
    findings = list(foreign_syntax(paper, ChapterText(paper.chapters[0])))
    lines = paper.chapters[0].text.split("\n")
    for finding in findings:
        excerpt = finding.message.split("'")[1].removesuffix("…")
        assert lines[finding.place.line - 1].startswith(excerpt, finding.place.column - 1)
        assert finding.hint
    return {finding.place.line - 4: finding.message for finding in findings}


def test_every_form_of_another_tool_is_reported_in_its_line(tmp_path: Path) -> None:
    forms = FOREIGN.split("\n") + BLOCKS.split("|")
    text, starts = "", []
    for form in forms:
        starts.append(text.count("\n") + 1)
        text += f"{form}\n\n"
    reported = found_lines(tmp_path, text)
    assert [form for form, start in zip(forms, starts, strict=True) if start not in reported] == []
    assert sorted(reported) == starts


def test_every_form_is_reported_in_a_text_without_any_other() -> None:
    for form in FOREIGN.split("\n") + BLOCKS.split("|"):
        chapter = Chapter("chapters/a.md", FrontMatter(), f"\n\n{form}\n")
        assert list(foreign_syntax(Paper(), ChapterText(chapter))), form


def test_our_own_syntax_and_ordinary_signs_are_not_reported(tmp_path: Path) -> None:
    assert found_lines(tmp_path, OURS) == {}
