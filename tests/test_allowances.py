"""An allowance silences the text after it, and nothing more."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from nioc_paper.check import check
from nioc_paper.load import load
from nioc_paper.model import Diagnostic

HEALTHY = Path(__file__).parent / "papers" / "healthy"
ALLOW = "<!-- allow: left-over because the figure is on its way -->"


def reported(tmp_path: Path, body: str) -> list[tuple[str, int]]:
    root = Path(shutil.copytree(HEALTHY, tmp_path / "paper"))
    chapter = root / "chapters" / "tunnels.md"
    text = chapter.read_text(encoding="utf-8").rstrip("\n") + "\n"
    chapter.write_text(f"{text}\n{body}\n", encoding="utf-8")
    first = text.count("\n") + 1
    reading: list[Diagnostic] = []
    return [(d.rule, d.place.line - first) for d in check(load(root, reading.append), date(2020, 1, 30), reading)]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (f"{ALLOW}\n\nOne TODO here,\nand TODO there.\n\nAnother TODO.", [("left-over", 6)]),
        (f"One TODO. {ALLOW}\n\nAnother TODO.", [("left-over", 3)]),
        (f"::: {{.finding}}\n{ALLOW}\n\nOne TODO.\n:::\n\nAnother TODO.", [("left-over", 7)]),
        (f"{ALLOW}\n\n- TODO one\n- TODO two\n\nAnother TODO.", [("left-over", 6)]),
        (f"{ALLOW}\n\nNothing.\n\nAnother TODO.", [("unused-allowance", 1), ("left-over", 5)]),
        ("<!-- allow: left-ovr because -->\n\nNothing.", [("allowance-without-reason", 1), ("unknown-rule", 1)]),
    ],
)
def test_a_comment_is_about_the_passage_that_follows(tmp_path: Path, body: str, left: list[tuple[str, int]]) -> None:
    assert reported(tmp_path, body) == left
