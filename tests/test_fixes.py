"""Changes that `check --fix` writes: the certain ones only, each at its place."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from command_kit import nioc
from hypothesis import given
from hypothesis import strategies as st

from nioc_paper.edit.fixes import apply_fixes
from nioc_paper.model import Fix, Place

HEALTHY = Path(__file__).parent / "papers" / "healthy"


def fix(line: int, column: int, old: str, new: str) -> Fix:
    return Fix(Place("c.md", line, column), old, new)


def test_fixes_apply_at_their_places() -> None:
    text = "one two\r\nthree four three\r\n"
    changed, count = apply_fixes(
        text, [fix(2, 1, "three", "3"), fix(2, 12, "three", "drei"), fix(1, 5, "two", "2"), fix(9, 1, "x", "y")]
    )
    assert (changed, count) == ("one 2\r\n3 four drei\r\n", 3)


def test_a_fix_at_a_changed_place_is_skipped() -> None:
    assert apply_fixes("one two", [fix(1, 1, "two", "2")]) == ("one two", 0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_removed_lines_may_have_any_line_end(end: str) -> None:
    text = end.join(("allow:", "  - rule: long-sentence", "    reason: r", "---", ""))
    assert apply_fixes(text, [fix(2, 1, "  - rule: long-sentence\n    reason: r\n", "")]) == (f"allow:{end}---{end}", 1)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a\n\n<!-- x -->\n\nb\n", "a\n\nb\n"),
        ("a <!-- x -->b\n", "a b\n"),
        ("a\n<!-- x -->", "a\n"),
        ("<!-- x -->\nb", "b"),
    ],
)
def test_a_removed_comment_leaves_no_empty_line(text: str, after: str) -> None:
    before, _, _ = text.partition("<!--")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert apply_fixes(text, [fix(line, column, "<!-- x -->", "")]) == (after, 1)


@given(st.text(alphabet="ab \n\r", max_size=60), st.integers(1, 9), st.integers(1, 20))
def test_only_the_place_itself_changes(text: str, line: int, column: int) -> None:
    changed, count = apply_fixes(text, [fix(line, column, "a", "Z")])
    assert changed.replace("Z", "a") == text
    assert changed.count("Z") == count <= 1


def run(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return nioc(root, "check", "--today", "2020-01-30", *args)


def test_a_name_is_corrected_and_shown_first(tmp_path: Path) -> None:
    root = Path(shutil.copytree(HEALTHY, tmp_path / "paper"))
    chapter = root / "chapters" / "tunnels.md"
    right = next(line for line in (root / "contributors.yaml").read_text().splitlines() if "aka:" in line)
    alias = right.partition("aka: [")[2].partition("]")[0].split(",")[0].strip(" \"'")
    before = chapter.read_text() + f"\nThe tunnel was dug by {alias}.\n"
    chapter.write_text(before)
    shown = run(root, "--diff")
    assert f"-The tunnel was dug by {alias}." in shown.stdout
    assert chapter.read_text() == before
    assert json.loads(run(root, "--diff", "--format", "json").stdout)
    fixed = run(root, "--fix")
    assert "1 fix applied" in fixed.stderr
    assert alias not in chapter.read_text()
    assert run(root, "--diff").stdout.startswith("no findings")


def test_an_unused_allowance_is_removed(tmp_path: Path) -> None:
    root = Path(shutil.copytree(HEALTHY, tmp_path / "paper"))
    chapter = root / "chapters" / "tunnels.md"
    before = chapter.read_text()
    allowance = "allow:\n  - rule: left-over\n    reason: a figure\n    until: 2020-03-31\n"
    chapter.write_text(before.replace("---\n", f"---\n{allowance}", 1))
    assert "1 fix applied" in run(root, "--fix").stderr
    assert chapter.read_text() == before


def test_only_the_unused_one_of_two_allowances_is_removed(tmp_path: Path) -> None:
    root = Path(shutil.copytree(HEALTHY, tmp_path / "paper"))
    chapter = root / "chapters" / "tunnels.md"
    kept_allowance = "allow:\n  - {rule: left-over, reason: a figure, until: 2020-03-31}\n"
    idle = "  - {rule: long-sentence, reason: quoted, until: 2020-03-31}\n"
    before = chapter.read_text().replace("---\n", f"---\n{kept_allowance}", 1) + "\nTODO the length.\n"
    chapter.write_text(before.replace(kept_allowance, kept_allowance + idle))
    run(root, "--fix")
    assert chapter.read_text() == before
