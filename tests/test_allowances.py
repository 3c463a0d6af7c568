"""An allowance silences the text after it, and nothing more."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from nioc_paper.check import check
from nioc_paper.check.rule_names import GROUPS, NAMES, covers
from nioc_paper.check.rule_tables import rule_explanations
from nioc_paper.cli.commands import nioc
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


def test_upgrade_replaces_former_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(shutil.copytree(HEALTHY, tmp_path / "paper"))
    settings, chapter = root / "paper" / "paper.yaml", root / "chapters" / "tunnels.md"
    settings.write_text(settings.read_text() + '\nrules: {unused-source: "off", lowered-status: info}\n')
    allow = (
        "allow:\n  - {rule: open-gap, reason: later, until: 2030-01-01}\n---\n\n<!-- allow:\n  hedge because x -->\n"
    )
    body = "\n<!-- allow: unknown-owner because nobody is known -->\n"
    chapter.write_text(chapter.read_text().replace("---\n\n", allow, 1) + body)
    monkeypatch.chdir(root)
    before = CliRunner().invoke(nioc, ["upgrade"]).stdout
    assert before.count("now: nioc upgrade --write") == 4
    after = CliRunner().invoke(nioc, ["upgrade", "--write"]).stdout
    assert "now: nioc upgrade" not in after
    assert "'lowered-status' is no rule now: take it out" in after
    assert '{unused-entry/source: "off", lowered-status: info}' in settings.read_text()
    assert "{rule: loose-end/gap, reason" in chapter.read_text()
    assert "allow: dead-name/owner because" in chapter.read_text()
