"""Changes that `check --fix` writes: the certain ones only, each at its place."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from command_kit import nioc
from hypothesis import given
from hypothesis import strategies as st

from nioc_paper.check import check
from nioc_paper.check.rule_names import GROUPS, NAMES, covers
from nioc_paper.check.rule_tables import rule_explanations
from nioc_paper.cli.commands import nioc as commands
from nioc_paper.edit.fixes import apply_fixes
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, Fix, Place

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


def test_a_name_is_corrected_and_shown_first(root: Path) -> None:
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


def test_an_unused_allowance_is_removed(root: Path) -> None:
    chapter = root / "chapters" / "tunnels.md"
    before = chapter.read_text()
    allowance = "allow:\n  - rule: left-over\n    reason: a figure\n    until: 2020-03-31\n"
    chapter.write_text(before.replace("---\n", f"---\n{allowance}", 1))
    assert "1 fix applied" in run(root, "--fix").stderr
    assert chapter.read_text() == before


def test_only_the_unused_one_of_two_allowances_is_removed(root: Path) -> None:
    chapter = root / "chapters" / "tunnels.md"
    kept_allowance = "allow:\n  - {rule: left-over, reason: a figure, until: 2020-03-31}\n"
    idle = "  - {rule: long-sentence, reason: quoted, until: 2020-03-31}\n"
    before = chapter.read_text().replace("---\n", f"---\n{kept_allowance}", 1) + "\nTODO the length.\n"
    chapter.write_text(before.replace(kept_allowance, kept_allowance + idle))
    run(root, "--fix")
    assert chapter.read_text() == before


# --- allowances ------------------------------------------------------------------------------------------------------

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
        (f"{ALLOW}\n\nOne TODO here,\nand TODO there.\n\nAnother TODO.", [("slip/left-over", 6)]),
        (f"One TODO. {ALLOW}\n\nAnother TODO.", [("slip/left-over", 3)]),
        (f"::: {{.finding}}\n{ALLOW}\n\nOne TODO.\n:::\n\nAnother TODO.", [("slip/left-over", 7)]),
        (f"{ALLOW}\n\n- TODO one\n- TODO two\n\nAnother TODO.", [("slip/left-over", 6)]),
        (f"{ALLOW}\n\nNothing.\n\nAnother TODO.", [("unused-entry/allowance", 1), ("slip/left-over", 5)]),
        ("<!-- allow: left-ovr because -->\n\nNothing.", [("allowance-without-reason", 1), ("dead-name/rule", 1)]),
    ],
)
def test_a_comment_is_about_the_passage_that_follows(tmp_path: Path, body: str, left: list[tuple[str, int]]) -> None:
    assert reported(tmp_path, body) == left


BAD = "::: {#rec-tu-x .recommendation}\nLight the tunnel.\n\n- Owner: Nobody\n- Support: Nobody\n- By: 2020-12-31\n:::"


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("unknown-owner", {"dead-name/support"}),
        ("dead-name/owner", {"dead-name/support"}),
        ("dead-name", set()),
    ],
)
def test_a_former_name_silences_what_it_did_and_the_name_of_a_rule_all_its_kinds(
    tmp_path: Path, name: str, left: set[str]
) -> None:
    body = f"<!-- allow: {name} because nobody is known -->\n\n{BAD}"
    rules = {rule for rule, _ in reported(tmp_path, body)}
    assert {rule for rule in rules if rule.startswith(("dead-name", "unused-entry/allowance"))} == left


def test_every_former_name_is_that_of_a_kind_of_a_rule() -> None:
    kinds = {name for name in NAMES.values() if name}
    groups = {name.partition("/")[0] for name in kinds if "/" in name}
    assert GROUPS.keys() <= groups <= {*GROUPS, *rule_explanations()}
    assert not NAMES.keys() & (kinds | GROUPS.keys())
    assert all(covers(old, new) and covers(new.partition("/")[0], new) for old, new in NAMES.items() if new)


def test_upgrade_replaces_former_names(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, chapter = root / "paper" / "paper.yaml", root / "chapters" / "tunnels.md"
    settings.write_text(settings.read_text() + '\nrules: {unused-source: "off", lowered-status: info}\n')
    allow = (
        "allow:\n  - {rule: open-gap, reason: later, until: 2030-01-01}\n---\n\n<!-- allow:\n  hedge because x -->\n"
    )
    body = "\n<!-- allow: unknown-owner because nobody is known -->\n"
    chapter.write_text(chapter.read_text().replace("---\n\n", allow, 1) + body)
    monkeypatch.chdir(root)
    before = CliRunner().invoke(commands, ["upgrade"]).stdout
    assert before.count("now: nioc upgrade --write") == 4
    after = CliRunner().invoke(commands, ["upgrade", "--write"]).stdout
    assert "now: nioc upgrade" not in after
    assert "'lowered-status' is no rule now: take it out" in after
    assert '{unused-entry/source: "off", lowered-status: info}' in settings.read_text()
    assert "{rule: loose-end/gap, reason" in chapter.read_text()
    assert "allow: dead-name/owner because" in chapter.read_text()
