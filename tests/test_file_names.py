"""Names of chapters that some system cannot hold or distinguish: each is named in a finding, and none is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rule_pages import lay
from test_rules import HEALTHY

from nioc_paper import load
from nioc_paper.model import Diagnostic

ODD: dict[str, bytes] = {
    **{
        name: f"{name}.md".encode()
        for name in ("con", "PRN", "aux", "nul", "com1", "COM9", "lpt1", "com\u00b2", "nul.x")
    },
    "blank at the end": b"drug.md ",
    "blank before the ending": b"drug .md",
    "blank at the beginning": b" drug.md",
    "full stop at the end": b"drug.md.",
    "control character": b"dr\x07ug.md",
    "end of a line": b"dr\nug.md",
    "tab at the end": b"drug.md\t",
    "letters apart from their accents": "re\u0301sume\u0301.md".encode(),
    "dash at the beginning": b"-rf.md",
    "no UTF-8": b"dr\xffug.md",
    "too long": b"a" * 120 + b".md",
    "large ending": b"drug.MD",
    "colon": b"drug:x.md",
    "question mark": b"drug?.md",
    "bar": b"drug|x.md",
    "star": b"drug*.md",
    "quotation mark": b'drug".md',
    "backslash": b"drug\\x.md",
    "unseen character": "dr\u200bug.md".encode(),
    "direction": "dr\u202eug.md".encode(),
}
GOOD = ("drug", "Drug-2", "con-man", "console", "a.b", "\u062f\u0648\u0627", "r\u00e9sum\u00e9", "communication", "lpt")


def load_bad_names(root: Path) -> tuple[list[Diagnostic], set[str]]:
    findings: list[Diagnostic] = []
    paper = load.load(root, findings.append)
    return [d for d in findings if d.rule == "bad-file-name"], {chapter.path for chapter in paper.chapters}


@pytest.fixture(scope="module")
def text() -> bytes:
    return (HEALTHY / "chapters" / "tunnels.md").read_bytes()


@pytest.mark.parametrize("case", ODD)
def test_an_invalid_name_is_shown_in_an_error(tmp_path: Path, case: str, text: bytes) -> None:
    root = lay((), HEALTHY, tmp_path / "paper")
    (tmp_path / "paper" / "chapters" / os.fsdecode(ODD[case])).write_bytes(text)
    findings, read = load_bad_names(root)
    assert [d.place.path for d in findings] == [ascii(f"chapters/{os.fsdecode(ODD[case])}")[1:-1]]
    assert str(findings[0]).isascii()
    assert read == {"paper/front/summary.md", "chapters/bridges.md", "chapters/tunnels.md"}


@pytest.mark.parametrize("pair", [("Drug", "drug"), ("\u00c9t\u00e9", "\u00e9t\u00e9"), ("stra\u00dfe", "strasse")])
def test_two_names_that_differ_in_case_alone_are_an_error(tmp_path: Path, pair: tuple[str, str], text: bytes) -> None:
    root = lay((), HEALTHY, tmp_path / "paper")
    for name in pair:
        (root / "chapters" / f"{name}.md").write_bytes(text)
    findings, _ = load_bad_names(root)
    if len({name.name.casefold() for name in (root / "chapters").iterdir()}) < len([*(root / "chapters").iterdir()]):
        assert len(findings) == 1
        assert "tell it from" in findings[0].message


def test_good_names_are_read(tmp_path: Path, text: bytes) -> None:
    root = lay((), HEALTHY, tmp_path / "paper")
    for name in GOOD:
        (root / "chapters" / f"{name}.md").write_bytes(text)
    findings, read = load_bad_names(root)
    assert findings == []
    assert {f"chapters/{name}.md" for name in GOOD} <= read


def test_hidden_files_and_folders_are_no_chapters(tmp_path: Path) -> None:
    root = lay((), HEALTHY, tmp_path / "paper")
    (root / "chapters" / ".drug.md").write_text("x", encoding="utf-8")
    (root / "chapters" / "notes.txt").write_text("x", encoding="utf-8")
    (root / "chapters" / "con.d").mkdir()
    assert load_bad_names(root)[0] == []
